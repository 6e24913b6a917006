"""Why one person counts in a funnel, or not: the chosen events, and the rule that refused each other one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import Answer
from journeys.insights.funnels.chains import choose_chains
from journeys.insights.funnels.found import number_attempts
from journeys.insights.funnels.matches import prepare_matches
from journeys.insights.funnels.matching import Ints
from journeys.insights.funnels.open_entry import refuse_open_entry
from journeys.insights.funnels.optional import find_optional
from journeys.insights.funnels.refusal import find_refusal
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.streams import Streams, order_in_time, read_streams
from journeys.insights.funnels.tainted import drop_tainted
from journeys.insights.funnels.walked import NO_ROW
from journeys.insights.funnels.words import rule_words
from journeys.paths.log import EventLog
from journeys.paths.steps import Step
from journeys.warehouse import Engine

COLUMNS = ["event_id", "occurred_at", "event", "step_index", "step_name", "attempt_index", "is_chosen", "reason"]


@dataclass(frozen=True)
class Counted:
    """The counted chains of one unit, in the order of its attempts.

    Attributes:
        streams: its rows.
        event_ids: per row its event.
        rows: per attempt and step the row, -1 for none.
        begins: per attempt when it opened.
        streams_of: per attempt its stream.
        is_tainted: an excluded event has taken the unit out of the funnel.
    """

    streams: Streams
    event_ids: list[str]
    rows: Ints
    begins: Ints
    streams_of: Ints
    is_tainted: bool = False


def explain_unit(
    log: EventLog, unit_id: str, steps: Sequence[Step], rule: FunnelRule, *, as_of: object = None
) -> Answer:
    """Say of one unit which events the funnel counts, and why not the others.

    Args:
        log: the log.
        unit_id: the person (session, account).
        steps: at least one.
        rule: how the funnel counts.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row per event and step it matches, in time order: `event_id`, `occurred_at`, `event`,
        `step_index`, `step_name`, `attempt_index` (of a chosen one), `is_chosen`, `reason` (the rule that refused it).

    Raises:
        CallError: the log has no such unit, or the funnel cannot be counted.
    """
    refuse_open_entry(rule)
    rule.check_steps(steps)
    log.check_unit(rule.unit)
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        found = scratch.value(f"SELECT COUNT(*) FROM person_events WHERE {rule.unit}_id = $only", {"only": unit_id})
        if not found:
            raise CallError("explain", f"the log has no such {rule.unit}", found=repr(unit_id),
                            do="see `.persons` of a funnel, or `journeys identity --explain`")  # fmt: skip
        prepare_matches(log, scratch, steps, rule, as_of_us, only=unit_id)
        matches = scratch.frame("SELECT * FROM funnel_matches ORDER BY occurred_at_us, source_index, sequence NULLS "
                                "LAST, event_id")  # fmt: skip
        matches["refused"] = _uncounted(matches, rule, as_of_us)
        scratch.run("DELETE FROM funnel_matches WHERE NOT is_counted")
        counted = _count_chains(scratch, steps, rule)
    rows = pd.DataFrame(_explain(matches, counted, steps, rule), columns=COLUMNS)
    rows = rows.astype({"attempt_index": "Int64", "is_chosen": bool})
    definition = log.describe(rule_words(rule, steps), as_of_us, rule.parameters(steps) | {rule.unit: unit_id})
    return Answer(rows, definition)


def _uncounted(matches: pd.DataFrame, rule: FunnelRule, as_of_us: int) -> list[str]:
    """Say of each row why the funnel does not look at it at all; '' when it does."""
    words = np.full(len(matches), "", object)
    if rule.hold:
        words[matches["hold_value"].isna()] = f"it has no {rule.hold!r} to hold"
    words[matches["occurred_at_us"] > as_of_us] = "it is later than as_of"
    words[matches["is_bot"]] = "it is a robot's"
    return list(words)


def _count_chains(scratch: Engine, steps: Sequence[Step], rule: FunnelRule) -> Counted:
    streams = read_streams(scratch, rule)
    order = f"hold_value, occurred_at_us, {order_in_time(rule)}"
    ids = [row[0] for row in scratch.rows(f"SELECT event_id FROM funnel_matches ORDER BY {order}")]
    if not streams.mask.any():
        none = np.zeros((0, len(steps)), np.int64)
        return Counted(streams, ids, none, none[:, 0], none[:, 0])
    found = choose_chains(streams, steps, rule)
    chosen, deepest = drop_tainted(streams, rule, *found)
    rows = chosen.rows.copy()
    for step, owner, chains in find_optional(streams, steps, rule, chosen, deepest):
        is_chosen = (chains.rows == NO_ROW) | (chains.rows == chosen.rows[owner])
        is_chosen[:, step] = True
        same = is_chosen.all(axis=1)
        rows[owner[same], step] = chains.rows[same, step]
    by_attempt = np.argsort(number_attempts(streams, chosen, rule))
    rows, begins = rows[by_attempt], chosen.entries[by_attempt, 0]
    is_tainted = len(chosen.owner) < len(found[0].owner)
    event_ids = [ids[place] for place in streams.origin]
    return Counted(streams, event_ids, rows, begins, chosen.stream[by_attempt], is_tainted)


def _explain(
    matches: pd.DataFrame, counted: Counted, steps: Sequence[Step], rule: FunnelRule
) -> Iterator[dict[str, Any]]:
    """Yield a row for each event and step it matches."""
    places: dict[str, list[int]] = {}
    for row, event_id in enumerate(counted.event_ids):
        places.setdefault(event_id, []).append(row)
    for match in matches.to_dict("records"):
        for step, each in enumerate(steps):
            if not match["asked_mask"] >> step & 1:
                continue
            attempt, reason = None, match["refused"]
            if not reason and not match["mask"] >> step & 1:
                reason = f"fewer than {rule.contacts} contacts had met it by then"
            if not reason:
                rows = [row for row in places[match["event_id"]] if counted.streams.mask[row] >> step & 1]
                attempt, reason = _judge(counted, steps, rule, rows[0], step)
            yield {
                "event_id": match["event_id"],
                "occurred_at": pd.Timestamp(match["occurred_at_us"], unit="us"),
                "event": match["event"],
                "step_index": step + 1,
                "step_name": each.name,
                "attempt_index": attempt,
                "is_chosen": attempt is not None,
                "reason": reason,
            }


def _judge(counted: Counted, steps: Sequence[Step], rule: FunnelRule, row: int, step: int) -> tuple[int | None, str]:
    """Return the attempt that an event serves at a step, or why it serves none."""
    chosen = counted.rows == row if rule.order == "any" else counted.rows[:, [step]] == row
    serving = np.flatnonzero(chosen.any(axis=1))
    if len(serving):
        return int(serving[0]) + 1, ""
    if not len(counted.rows) and counted.is_tainted:
        return None, "an excluded event takes out of the whole funnel"
    if not len(counted.rows):
        return None, f"step 1 ({steps[0].name}) never occurred"
    streams = counted.streams
    same = np.flatnonzero(counted.streams_of == streams.stream[row])
    if not len(same):
        return None, f"the counted chain has another {rule.hold!r}"
    if rule.entry != "each":
        inside = streams.take(np.flatnonzero(streams.stream == streams.stream[row]))
        shift = int(np.flatnonzero(streams.stream == streams.stream[row])[0])
        chain = np.where(counted.rows[same[0]] == NO_ROW, NO_ROW, counted.rows[same[0]] - shift)
        return None, find_refusal(inside, steps, rule, chain, row - shift, step)
    return None, _judge_attempt(counted, steps, rule, row, step, same)


def _judge_attempt(counted: Counted, steps: Sequence[Step], rule: FunnelRule, row: int, step: int, same: Ints) -> str:
    """Say why an event serves no attempt."""
    streams = counted.streams
    started = same[counted.begins[same] <= streams.us[row]]
    if not len(started):
        return "no attempt has begun before it"
    attempt = int(started[-1])
    chain = counted.rows[attempt]
    begin = int(counted.begins[attempt])
    end = None if rule.window_us is None else begin + rule.window_us
    if (chain[[place for place, each in enumerate(steps) if not each.is_optional]] != NO_ROW).all():
        end = int(streams.us[chain].max())
    if end is not None and streams.us[row] > end:
        return f"attempt {attempt + 1} was over, and it opens none"
    if step == 0:
        return f"attempt {attempt + 1} was running, and it opens no new one"
    kept = (streams.stream == streams.stream[row]) & (streams.us >= begin)
    kept &= streams.us <= end if end is not None else True
    rows = np.flatnonzero(kept)
    local = np.where(chain == NO_ROW, NO_ROW, np.searchsorted(rows, chain))
    single = replace(rule, entry="first")
    return find_refusal(streams.take(rows), steps, single, local, int(np.searchsorted(rows, row)), step)
