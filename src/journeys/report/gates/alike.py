"""Gates that hold a night to shares: repeats, and what has changed since the snapshot before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from journeys.config import Source
from journeys.identity.aliases import count_changes
from journeys.report.gates.counts import NightCounts, count_night
from journeys.report.gates.night import Measured, Night, find, pass_over, percent, rise, share
from journeys.report.gates.verdict import Verdict

_NEVER_EMPTY = frozenset({"event_id", "occurred_at", "event", "is_interaction"})
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - times in the tables are UTC and carry no zone
_NOTHING_BEFORE = "There is no snapshot before that can be compared with."


def judge_duplicates(night: Night) -> Iterator[Verdict]:
    """Hold each source, address books too, to the share of its rows that repeat one which is already there.

    Count: duplicates of `data_quality`. Base: rows read. Fails above `duplicates_limit`; not judged with fewer rows
    than `fewest`.
    """
    gates = night.settings.gates
    rows = night.engine.rows("SELECT source, read_count, duplicate_count FROM data_quality ORDER BY source_index")
    for name, base, count in rows:
        if base < gates.fewest:
            yield pass_over("duplicates", name, _few(name, base, "rows", gates.fewest), base=base)
            continue
        value = share(count, base)
        text = (f"Source '{name}': {percent(value)} of the rows are repeats ({count:,} of {base:,}); "
                f"at most {percent(gates.duplicates_limit)} is allowed.")  # fmt: skip
        measured = Measured(value, gates.duplicates_limit, count, base)
        yield find("duplicates", (name, ""), measured, is_failed=value > gates.duplicates_limit, text=text)


def count_loaded(night: Night) -> NightCounts:
    """Count the events that this run loaded."""
    return count_night(night.engine, loaded_since=_EPOCH + timedelta(microseconds=night.started_us))


def judge_nulls(night: Night, now: NightCounts) -> Iterator[Verdict]:
    """Hold each mapped column and kind of identifier of a source to its share of empty values before.

    Count: accepted events of the source, loaded by this run, without a usable value there. Base: those events. Value:
    the rise of that share against all events of the source in the snapshot before, in shares. Fails above
    `nulls_limit`. Not judged without a snapshot before, or where this run or that snapshot has fewer events of the
    source than `fewest`.
    """
    limit = night.settings.gates.nulls_limit

    def judge(source: Source, before: NightCounts) -> Iterator[Verdict]:
        name = source.name
        base, base_before = now.events.get(name, 0), before.events.get(name, 0)
        for column in _columns(source):
            count = base - now.filled.get((name, column), 0)
            share_now = share(count, base)
            share_before = share(base_before - before.filled.get((name, column), 0), base_before)
            value = rise(share_now, share_before)
            text = (
                f"Source '{name}': {column} is empty in {percent(share_now)} of the events ({count:,} of {base:,}), "
                f"before in {percent(share_before)}; a rise of {percent(limit)} is allowed."
            )
            yield find("nulls", (name, column), Measured(value, limit, count, base), is_failed=value > limit, text=text)

    yield from _judge_sources("nulls", night, now, lambda counts: counts.events, judge)


def judge_unmatched(night: Night, now: NightCounts) -> Iterator[Verdict]:
    """Hold each source to the share of its events that were no touchpoint before.

    Count: events of the source, loaded by this run and bots apart, that no touchpoint rule and no goal matches. Base:
    those events. Value: the rise of that share against all such events in the snapshot before. Fails above
    `unmatched_limit`. Not judged without a snapshot before, or where either has fewer events than `fewest`.
    """
    limit = night.settings.gates.unmatched_limit

    def judge(source: Source, before: NightCounts) -> Iterator[Verdict]:
        name = source.name
        count, base = now.unmatched.get(name, 0), now.people.get(name, 0)
        share_now, share_before = share(count, base), share(before.unmatched.get(name, 0), before.people.get(name, 0))
        value = rise(share_now, share_before)
        text = (f"Source '{name}': {percent(share_now)} of the events are no touchpoint ({count:,} of {base:,}), "
                f"before {percent(share_before)}; a rise of {percent(limit)} is allowed.")  # fmt: skip
        yield find("unmatched", (name, ""), Measured(value, limit, count, base), is_failed=value > limit, text=text)

    yield from _judge_sources("unmatched", night, now, lambda counts: counts.people, judge)


def judge_merges(night: Night) -> Iterator[Verdict]:
    """Hold the night to the share of persons it merged.

    Count: persons of the snapshot before whose identifiers are now those of a person that took in several
    (`person_aliases` of this snapshot, change 'merged'). Base: persons of the snapshot before that an identifier is
    known of. Fails above `merges_limit`. Not judged without a snapshot before, or with fewer persons than `fewest`.
    """
    gates = night.settings.gates
    if night.before is None:
        yield pass_over("merges", "", _NOTHING_BEFORE)
        return
    base = night.before.persons
    if base < gates.fewest:
        why = f"The snapshot before has {base:,} persons; fewer than {gates.fewest:,} are not judged."
        yield pass_over("merges", "", why, base=base)
        return
    count = count_changes(night.engine, night.snapshot_id).get("merged", 0)
    value = share(count, base)
    text = (f"{percent(value)} of the persons were merged into others ({count:,} of {base:,}); "
            f"at most {percent(gates.merges_limit)} is allowed.")  # fmt: skip
    measured = Measured(value, gates.merges_limit, count, base)
    yield find("merges", ("", ""), measured, is_failed=value > gates.merges_limit, text=text)


def _judge_sources(
    gate: str,
    night: Night,
    now: NightCounts,
    bases: Callable[[NightCounts], Mapping[str, int]],
    judge: Callable[[Source, NightCounts], Iterator[Verdict]],
) -> Iterator[Verdict]:
    """Judge each source against the snapshot before, where both have enough of the events that are the base."""
    before, fewest = night.before, night.settings.gates.fewest
    if before is None:
        yield pass_over(gate, "", _NOTHING_BEFORE)
        return
    for source in night.sources:
        base = bases(now).get(source.name, 0)
        if few := _too_few(source.name, base, bases(before).get(source.name, 0), fewest):
            yield pass_over(gate, source.name, few, base=base)
        else:
            yield from judge(source, before)


def _columns(source: Source) -> list[str]:
    return [name for name in (*source.columns, *source.identifiers) if name not in _NEVER_EMPTY]


def _few(source: str, count: int, what: str, fewest: int) -> str:
    return f"Source '{source}' has {count:,} {what}; fewer than {fewest:,} are not judged."


def _too_few(source: str, count: int, before: int, fewest: int) -> str:
    if count < fewest:
        return _few(source, count, "new events", fewest)
    return _few(source, before, "events in the snapshot before", fewest) if before < fewest else ""
