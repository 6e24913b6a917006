"""Waits: how long it takes from one step to the next, by the clock and in business hours, and who still waits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from journeys.config import Calendar
from journeys.insights.answer import Answer, unit_words
from journeys.insights.marks import Anchors, prepare_contacts
from journeys.insights.paths.business_time import BusinessClock
from journeys.insights.paths.streams import Streams, read_streams
from journeys.insights.statistics.intervals import too_few
from journeys.insights.statistics.percentiles import grouped_percentiles
from journeys.insights.statistics.survival import kaplan_meier_median
from journeys.paths.log import EventLog
from journeys.units import US_PER_DAY, US_PER_SECOND
from journeys.warehouse import Engine, select_model

_SHARES = {"median": 0.5, "p75": 0.75, "p90": 0.9}
_COLUMNS = ["from_step", "to_step", "transition_count", "person_count",
            *(f"{name}_seconds" for name in _SHARES), *(f"{name}_business_seconds" for name in _SHARES),
            "waiting_count", "km_median_seconds", "is_too_few"]  # fmt: skip


def measure_waits(
    log: EventLog,
    calendar: Calendar,
    *,
    inactive_us: int,
    unit: str = "person",
    collapse: bool = False,
    as_of: object = None,
) -> Answer:
    """Measure how long each transition takes.

    Args:
        log: the log.
        calendar: business hours.
        inactive_us: so long after its last contact a unit is dropped; until then open.
        unit: person, session or account: whose contacts are one sequence.
        collapse: consecutive repeats of a step count once, and the wait counts from the first of them.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row per pair of steps, the commonest first: `from_step`, `to_step`, `transition_count`,
        `person_count` (both as of `count_transitions`), `median_seconds`, `p75_seconds`, `p90_seconds`, the same three
        in business hours (`..._business_seconds`), `waiting_count` (units whose last contact is `from_step`),
        `km_median_seconds` (null when fewer than half ever went), `is_too_few` (fewer than 30 waits). And the table
        `steps`: per step `contact_count` = `continued_count` + `dropped_count` + `open_count`, and
        `km_median_seconds` until any next step.

    Raises:
        CallError: the unit is unknown or `as_of` is no time.
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        prepare_contacts(log, scratch, Anchors(), unit=log.check_unit(unit), as_of_us=as_of_us)
        counts = _count_pairs(scratch, is_collapsed=collapse)
        streams = read_streams(scratch)
    whole = streams.collapse() if collapse else streams
    frame = _describe_pairs(whole, calendar, log.timezone, as_of_us).merge(counts, on=["from_step", "to_step"])
    frame["is_too_few"] = too_few(frame["transition_count"])
    frame = frame.sort_values(["transition_count", "from_step", "to_step"], ascending=[False, True, True])
    steps = _describe_steps(whole, streams.start_us[streams.is_last], inactive_us, as_of_us)
    rule = (
        f"The wait of a transition is from a step to the one that directly follows it in the contacts of one {unit}. "
        + ("Consecutive repeats count once, and the wait counts from the first of them. " if collapse else "")
        + "Percentiles are of the waits that ended; between two waits they lie on the straight line. "
        f"{calendar.words(log.timezone)} waiting_count: {unit}s whose last contact up to as_of is from_step; they have "
        "waited for as long as they could be watched. km_median_seconds takes them in (Kaplan-Meier): all contacts at "
        "from_step start to wait for to_step, those who went elsewhere are watched until they left, those who still "
        "wait until as_of; nothing is said when fewer than half would have gone. Waits of one person are not "
        "independent, so no interval is given." + unit_words(unit)
    )
    parameters = {"unit": unit, "collapse": collapse, "calendar": calendar.model_dump(mode="json"),
                  "inactive_days": inactive_us / US_PER_DAY}  # fmt: skip
    return Answer(frame[_COLUMNS].reset_index(drop=True), log.describe(rule, as_of_us, parameters), {"steps": steps})


def _count_pairs(scratch: Engine, *, is_collapsed: bool) -> pd.DataFrame:
    """Count transitions and persons per pair by the model that `transitions` is counted by."""
    select, parameters = select_model("transition_counts", {"is_collapsed": is_collapsed, "has_boundaries": False})
    return scratch.frame(f"SELECT from_step, to_step, transition_count, person_count FROM ({select})", parameters)


def _describe_pairs(streams: Streams, calendar: Calendar, timezone: str, as_of_us: int) -> pd.DataFrame:
    """Give each pair of steps the percentiles of its waits."""
    here = np.flatnonzero(~streams.is_last)
    pairs = streams.steps[here] * len(streams.names) + streams.steps[here + 1]
    starts_us, ends_us = streams.start_us[here], streams.start_us[here + 1]
    first_us, last_us = (int(streams.start_us.min()), as_of_us) if len(streams.steps) else (0, 0)
    clock = BusinessClock(calendar, timezone, first_us, last_us)
    waits = {"": ends_us - starts_us, "_business": clock.between(starts_us, ends_us)}
    codes, counts = np.unique(pairs, return_counts=True)
    starts = np.cumsum(counts) - counts
    columns: dict[str, np.ndarray] = {
        "from_step": streams.names[codes // max(1, len(streams.names))],
        "to_step": streams.names[codes % max(1, len(streams.names))],
    }
    for kind, values in waits.items():
        ordered = values[np.lexsort((values, pairs))]
        found = grouped_percentiles(ordered, starts, counts, list(_SHARES.values())) / US_PER_SECOND
        columns |= {f"{name}{kind}_seconds": found[:, place] for place, name in enumerate(_SHARES)}
    watched, waiting = _watch(streams, as_of_us)
    elapsed = waits[""][np.lexsort((waits[""], pairs))]
    columns["waiting_count"] = waiting[codes // max(1, len(streams.names))]
    columns["km_median_seconds"] = np.array(
        [
            kaplan_meier_median(elapsed[start : start + count], watched[code // len(streams.names)]) / US_PER_SECOND
            for code, start, count in zip(codes, starts, counts, strict=True)
        ],
        dtype=float,
    )
    frame = pd.DataFrame(columns)
    return frame.astype({"from_step": "str", "to_step": "str"})


def _watch(streams: Streams, as_of_us: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Return per step how long each contact there was watched (sorted), and how many were the last of their unit."""
    until = np.where(streams.is_last, as_of_us, np.append(streams.start_us[1:], as_of_us)[: len(streams.steps)])
    waiting = np.bincount(streams.steps[streams.is_last], minlength=len(streams.names))
    return _split_by_step(until - streams.start_us, streams.steps, len(streams.names)), waiting


def _split_by_step(values: np.ndarray, steps: np.ndarray, step_count: int) -> list[np.ndarray]:
    """Return the values of each step code, sorted."""
    sizes = np.bincount(steps, minlength=step_count)
    return np.split(values[np.lexsort((values, steps))], np.cumsum(sizes)[:-1]) if step_count else []


def _describe_steps(streams: Streams, last_us: np.ndarray, inactive_us: int, as_of_us: int) -> pd.DataFrame:
    """Say per step how many went on, were dropped or are open, and when half had gone on."""
    watched, waiting = _watch(streams, as_of_us)
    is_open = last_us + inactive_us > as_of_us
    open_counts = np.bincount(streams.steps[streams.is_last][is_open], minlength=len(streams.names))
    sizes = np.bincount(streams.steps, minlength=len(streams.names))
    onward = np.flatnonzero(~streams.is_last)
    waits = streams.start_us[onward + 1] - streams.start_us[onward]
    ended = _split_by_step(waits, streams.steps[onward], len(streams.names))
    medians = [kaplan_meier_median(*each) / US_PER_SECOND for each in zip(ended, watched, strict=True)]
    frame = pd.DataFrame(
        {
            "step": pd.Series(streams.names, dtype="str"),
            "contact_count": sizes,
            "continued_count": sizes - waiting,
            "dropped_count": waiting - open_counts,
            "open_count": open_counts,
            "km_median_seconds": np.asarray(medians, dtype=float),
        }
    )
    return frame.sort_values(["contact_count", "step"], ascending=[False, True]).reset_index(drop=True)
