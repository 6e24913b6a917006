"""Touches per stage: how many people need, and how many the journey was designed for."""

from __future__ import annotations

from typing import Any

import pandas as pd

from journeys.config import Stage
from journeys.insights.answer import Answer, unit_words
from journeys.insights.marks import Anchors, cut_paths, prepare_contacts
from journeys.insights.statistics.comparisons import FALSE_DISCOVERY_RATE, benjamini_hochberg
from journeys.insights.statistics.intervals import MIN_BASE
from journeys.insights.statistics.means import (
    Histogram,
    make_histogram,
    mean_difference_test,
    mean_interval,
    mean_outside_test,
)
from journeys.insights.touchpoints.stage_marks import StageOrder, mark_stages
from journeys.paths.log import EventLog
from journeys.units import US_PER_DAY
from journeys.warehouse import select_model

CONVERTED, DROPPED = "(converted)", "(dropped)"
_COLUMNS = ["stage_index", "stage", "population", "person_count", "touch_count", "mean_touches", "mean_touches_low",
            "mean_touches_high", "expected_from", "expected_low", "expected_high", "fewer_count", "within_count",
            "more_count", "p_value", "q_value", "verdict", "is_too_few"]  # fmt: skip


def count_touches(
    log: EventLog, anchors: Anchors, order: StageOrder, *, inactive_us: int, unit: str = "person", as_of: object = None
) -> Answer:
    """Compare the touches that people needed in each stage with those expected.

    Args:
        log: the log.
        anchors: names the goal.
        order: the stages; `expected` of a stage is its designed number of touches, from and to.
        inactive_us: so long after the last contact a person is dropped.
        unit: person, session or account.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row per stage, in order. Where a number is designed, the population is 'resolved' (converted or
        dropped) and `expected_from` is 'configuration'; else it is 'dropped', held against the mean of those who
        converted ('converters'). `person_count` met the stage, `touch_count` times in all, `mean_touches` each with its
        95 % bootstrap interval by person; `fewer_count`, `within_count` and `more_count` of them had fewer touches than
        expected, as many, or more. `p_value` of a mean inside the range (t-test), `q_value` by Benjamini and Hochberg
        over the stages, `verdict` 'fewer', 'as expected', 'more' or 'too few' (fewer than 30 persons on either side,
        which are not tested).

    Raises:
        CallError: the goal or a step never occurs, or no event has the unit.
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        prepare_contacts(log, scratch, anchors, unit=log.check_unit(unit), as_of_us=as_of_us)
        cut_paths(scratch, anchors, collapse=False, inactive_us=inactive_us, as_of_us=as_of_us)
        mark_stages(log, scratch, order)
        counts = scratch.frame(*select_model("stage_touch_counts"))
    rows = [_compare(place, stage, counts[counts["stage_index"] == place])
            for place, stage in enumerate(order.stages, start=1)]  # fmt: skip
    frame = pd.DataFrame(rows)
    frame["q_value"] = benjamini_hochberg(frame["p_value"].to_numpy(dtype=float))
    frame["verdict"] = [_judge(row) for row in frame.to_dict("records")]
    goal, days = anchors.shown()["goal"], inactive_us / US_PER_DAY
    rule = (
        f"Touches of a stage are a {unit}'s contacts in it before the first {goal!r}. Where [[stage]] expected is "
        f"given, all {unit}s whose journey is over are held against it (converted, or dropped after {days:g} days); "
        "else those who were dropped against the mean of those who converted. Open ones are left out, for they may "
        "still have touches. Interval: 95 % bootstrap by person; p_value: t-test, Welch's against converters; q_value: "
        f"Benjamini and Hochberg over the stages, a verdict where it is {FALSE_DISCOVERY_RATE:g} or less. Descriptive."
        + unit_words(unit)
    )
    shown = {"goal": goal, "unit": unit, "inactive_days": days, "stages": list(order.names)}
    return Answer(frame[_COLUMNS], log.describe(rule, as_of_us, shown))


def _compare(place: int, stage: Stage, counts: pd.DataFrame) -> dict[str, Any]:
    """Compare one stage; the q-value comes when all are known."""
    converted = _histogram(counts, [CONVERTED])
    expected = stage.expected
    if expected is not None:
        population, observed = "resolved", _histogram(counts, [CONVERTED, DROPPED])
        low, high = float(expected[0]), float(expected[1])
        p_value, is_few = mean_outside_test(observed, low, high), observed.total < MIN_BASE
    else:
        population, observed = "dropped", _histogram(counts, [DROPPED])
        low = high = converted.mean
        p_value, is_few = mean_difference_test(observed, converted), min(observed.total, converted.total) < MIN_BASE
    mean_low, mean_high = mean_interval(observed)
    return {
        "stage_index": place,
        "stage": stage.name,
        "population": population,
        "person_count": observed.total,
        "touch_count": observed.sum,
        "mean_touches": observed.mean,
        "mean_touches_low": mean_low,
        "mean_touches_high": mean_high,
        "expected_from": "converters" if expected is None else "configuration",
        "expected_low": low,
        "expected_high": high,
        "fewer_count": int(observed.counts[observed.values < low].sum()),
        "within_count": observed.count_between(low, high),
        "more_count": int(observed.counts[observed.values > high].sum()),
        "p_value": float("nan") if is_few else p_value,
        "is_too_few": is_few,
    }


def _histogram(counts: pd.DataFrame, outcomes: list[str]) -> Histogram:
    chosen = counts[counts["outcome"].isin(outcomes)]
    return make_histogram(chosen["touch_count"].to_numpy(), chosen["unit_count"].to_numpy())


def _judge(row: dict[Any, Any]) -> str:
    if row["is_too_few"]:
        return "too few"
    if row["q_value"] > FALSE_DISCOVERY_RATE:
        return "as expected"
    return "fewer" if row["mean_touches"] < row["expected_low"] else "more"
