"""Judge a finished night by all gates that are not off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from journeys.config import Settings
from journeys.report.gates.alike import count_loaded, judge_duplicates, judge_merges, judge_nulls, judge_unmatched
from journeys.report.gates.counts import NightCounts, count_before, count_broken
from journeys.report.gates.night import FAILED, Measured, Night, find
from journeys.report.gates.timely import judge_freshness, judge_volume
from journeys.report.gates.verdict import STATUSES, Verdict, accept, store_verdicts
from journeys.report.labels import clean_text, shorten
from journeys.warehouse import Engine, Snapshot

_LONGEST_NAME = 80
_MEANING = {"warn": "warned", "block": "blocked"}


def judge_gates(
    engine: Engine,
    settings: Settings,
    *,
    snapshot_id: str,
    started_at: datetime,
    previous: Snapshot | None,
) -> tuple[Verdict, ...]:
    """Judge a finished night before it is published, and write table `gate_verdicts`.

    Args:
        engine: holds all tables of the night under their plain names; not a scratch, in which those of the snapshot
            before would hide them.
        settings: the configuration; its [gates] say what each gate allows and does.
        snapshot_id: the snapshot the night makes.
        started_at: start of the run; it had loaded nothing before.
        previous: the snapshot before, if there is one; one of another version is not compared with.

    Returns:
        A verdict per gate and what it judged, in the order of the configuration's gates.
    """
    gates = settings.gates
    is_compared = {gates.nulls, gates.unmatched, gates.merges} != {"off"}
    before = count_before(previous, memory_limit=settings.warehouse.memory_limit) if is_compared else None
    night = Night(engine, settings, snapshot_id, started_at, before)
    verdicts = tuple(_decide(_judge_all(night), settings))
    store_verdicts(engine, verdicts)
    return verdicts


def accept_verdicts(engine: Engine, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Let blocking verdicts of a night pass as warnings that say so, in `gate_verdicts` too."""
    accepted = accept(verdicts)
    store_verdicts(engine, accepted)
    return accepted


def judge_arrivals(engine: Engine, settings: Settings, *, started_at: datetime) -> tuple[Verdict, ...]:
    """Judge a night that brought nothing new, and of which nothing will be published: freshness and volume only.

    Args:
        engine: holds `events` and `data_quality`.
        settings: the configuration.
        started_at: start of the run.
    """
    night = Night(engine, settings, "", started_at)
    return tuple(_decide(_judge_arrivals(night), settings))


def count_verdicts(verdicts: Iterable[Verdict]) -> str:
    """Write how many verdicts there are of each status, the worst first: '1 warned, 12 passed'."""
    found = Counter(each.status for each in verdicts)
    return ", ".join(f"{found[status]} {status}" for status in STATUSES if found[status]) or "all off"


def _judge_arrivals(night: Night) -> Iterator[Verdict]:
    gates = night.settings.gates
    if gates.freshness != "off":
        yield from judge_freshness(night)
    if gates.volume != "off":
        yield from judge_volume(night)


def _judge_all(night: Night) -> Iterator[Verdict]:
    gates = night.settings.gates
    yield from _judge_arrivals(night)
    if gates.duplicates != "off":
        yield from judge_duplicates(night)
    if gates.nulls != "off" or gates.unmatched != "off":
        now = count_loaded(night) if night.before else NightCounts()
        if gates.nulls != "off":
            yield from judge_nulls(night, now)
        if gates.unmatched != "off":
            yield from judge_unmatched(night, now)
    if gates.merges != "off":
        yield from judge_merges(night)
    if gates.reconciliation != "off":
        yield from judge_reconciliation(night)


def judge_reconciliation(night: Night) -> Iterator[Verdict]:
    """Hold the night to the equalities of `sql/6_report/reconciliation.sql` and `funnel_reconciliation.sql`.

    Value and count: how many of what was checked (base) break the equality. Limit: 0.
    """
    for equality, checked, broken in count_broken(night.engine):
        name = shorten(clean_text(equality), _LONGEST_NAME)
        text = f"The {name}: {broken:,} do not add up, {checked:,} were checked." if broken else (
            f"The {name}: all {checked:,} add up.")  # fmt: skip
        yield find("reconciliation", ("", name), Measured(broken, 0, broken, checked), is_failed=broken > 0, text=text)


def _decide(found: Iterable[Verdict], settings: Settings) -> Iterator[Verdict]:
    """Turn a failure into what the configuration says that it means."""
    for each in found:
        action: str = getattr(settings.gates, each.gate)
        yield replace(each, status=_MEANING[action]) if each.status == FAILED else each
