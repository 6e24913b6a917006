"""Touchpoints: reach, drop-off and conversion of each contact."""

from __future__ import annotations

import pandas as pd

from journeys.insights.answer import NO_VALUE, Answer, unit_words
from journeys.insights.marks import Anchors, cut_paths, prepare_contacts
from journeys.insights.statistics.intervals import share_of, too_few, wilson_interval
from journeys.insights.touchpoints.parts import part_units
from journeys.paths.log import EventLog
from journeys.units import US_PER_DAY
from journeys.warehouse import select_model

_COLUMNS = ["touchpoint", "channel", "stage", "person_count", "reach_share", "exit_count", "dropped_count",
            "open_count", "converted_count", "conversion_share", "conversion_share_low", "conversion_share_high",
            "baseline_share", "lift"]  # fmt: skip


def count_touchpoints(
    log: EventLog, anchors: Anchors, *, inactive_us: int, unit: str = "person", by: str | None = None,
    as_of: object = None,
) -> Answer:  # fmt: skip
    """Count persons per touchpoint, and how those who met it ended.

    Args:
        log: the log.
        anchors: names the goal.
        inactive_us: so long after the last contact a person is dropped; until then open.
        unit: person, session or account; the columns keep their names and count the unit.
        by: a column or property, as conditions name it: the same table for each value that it has at a person's first
            contact, `(none)` where it is null. Each person is in one part, so that the parts' counts sum to the whole.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row per touchpoint, the most met first: `person_count` of all persons (`reach_share`), those for
        whom it was the last contact (`exit_count`, of them `dropped_count` and `open_count` did not convert),
        `converted_count` with `conversion_share` and its 95 % Wilson interval, `baseline_share` (of all persons) and
        `lift` (against persons without the touchpoint). With `by`, the value stands first (in a column of its name, or
        `first_...` where the table has one of that name), shares, baseline
        and lift are of the part, and `is_too_few` stands last where it has fewer than 30 persons with the touchpoint.

    Raises:
        CallError: the goal never occurs, no event has the unit, or `by` is no column.
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        prepare_contacts(log, scratch, anchors, unit=log.check_unit(unit), as_of_us=as_of_us)
        cut_paths(scratch, anchors, collapse=False, inactive_us=inactive_us, as_of_us=as_of_us)
        part_units(log, scratch, by)
        select, parameters = select_model("touchpoint_counts")
        counts = scratch.frame(
            f"SELECT * FROM ({select}) ORDER BY population_count DESC, part, person_count DESC, touchpoint", parameters
        )
        parts = scratch.frame(
            "SELECT part, COUNT(*) AS population_count, COUNT(CASE WHEN outcome = '(converted)' THEN 1 END) AS "
            "converted_count FROM path_units INNER JOIN unit_parts USING (unit_id) GROUP BY part "
            "ORDER BY population_count DESC, part"
        )
    goal = anchors.shown()["goal"]
    rule = (
        f"Contacts up to each {unit}'s first {goal!r} count (all, if there is none); the goal itself is no row. "
        + ("" if unit == "person" else f"person_count counts {unit}s. ")
        + f"exit_count: {unit}s whose last such contact this is; dropped_count and open_count: those of them who did "
        f"not convert, and whose last contact plus {inactive_us / US_PER_DAY:g} days is not after as_of, or is. "
        f"lift compares with {unit}s who never met the touchpoint. Descriptive: no cause is claimed." + unit_words(unit)
    )
    parameters = {"goal": goal, "unit": unit, "inactive_days": inactive_us / US_PER_DAY}
    if by is not None:
        rule += (
            f" Each {unit} is in the part of the value of {by!r} at its first contact ({NO_VALUE} where it is null); "
            "all numbers of a row are of its part, and the counts of the parts sum to those of all."
        )
        parameters["by"] = by
    definition = log.describe(rule, as_of_us, parameters)
    definition["population_count"] = int(parts["population_count"].sum())
    definition["converted_count"] = int(parts["converted_count"].sum())
    frame = _add_shares(counts)
    if by is None:
        return Answer(frame[_COLUMNS], definition)
    shown = by if by not in (*_COLUMNS, "is_too_few") else f"first_{by}"
    frame["is_too_few"] = too_few(frame["person_count"])
    return Answer(
        frame[["part", *_COLUMNS, "is_too_few"]].rename(columns={"part": shown}),
        definition,
        {"parts": parts.rename(columns={"part": shown})},
    )


def _add_shares(counts: pd.DataFrame) -> pd.DataFrame:
    frame = counts.copy()
    frame["reach_share"] = share_of(frame["person_count"], frame["population_count"])
    frame["conversion_share"] = share_of(frame["converted_count"], frame["person_count"])
    low, high = wilson_interval(frame["converted_count"], frame["person_count"])
    frame["conversion_share_low"], frame["conversion_share_high"] = low, high
    frame["baseline_share"] = share_of(frame["converted_total"], frame["population_count"])
    without = share_of(
        frame["converted_total"] - frame["converted_count"], frame["population_count"] - frame["person_count"]
    )
    frame["lift"] = (frame["conversion_share"] / pd.Series(without, index=frame.index)).where(without > 0)
    return frame
