"""Time to convert: how long entrants take to each step, when some have not been watched to the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from journeys.insights.answer import Answer
from journeys.insights.funnels.cohort import Cohort, dependence_words, read_cohort
from journeys.insights.funnels.competing import Competing, write_ends
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.words import rule_words
from journeys.insights.statistics.intervals import share_of, too_few, wilson_interval
from journeys.insights.statistics.survival import (
    aalen_johansen_share,
    kaplan_meier_curve,
    kaplan_meier_share,
    kaplan_meier_times,
)
from journeys.paths.log import EventLog
from journeys.paths.steps import Step
from journeys.units import US_PER_SECOND
from journeys.warehouse import Engine

_QUANTILES = {"p25_seconds": 0.25, "median_seconds": 0.5, "p75_seconds": 0.75, "p90_seconds": 0.9}
_COLUMNS = ["step_index", "step_name", "entrant_count", "reached_count", "mature_entrant_count", "mature_count",
            "overall_share", "overall_share_low", "overall_share_high", "survival_share", "survival_share_low",
            "survival_share_high", "horizon_seconds", *_QUANTILES, "is_too_few"]  # fmt: skip
_COMPETING = ["ended_count", "incidence_share", "incidence_share_low", "incidence_share_high"]
_CURVE = ["step_index", "step_name", "seconds", "share", "share_low", "share_high", "at_risk_count"]


def time_funnel(
    log: EventLog, steps: Sequence[Step], rule: FunnelRule, competing: Competing, *, as_of: object = None
) -> Answer:
    """Follow entrants from their entry to each further step.

    Args:
        log: the log.
        steps: at least one.
        rule: how to count; entry='first' is the honest clock.
        competing: other ends; none is asked about when empty.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with a row per required step after the first: `entrant_count`, `reached_count`; of those whose first
        entry's window is over (`mature_entrant_count`) the `mature_count` who reached it and the `overall_share` with
        its Wilson interval, as the funnel has it; of all, by Kaplan-Meier, the `survival_share` who reach it by
        `horizon_seconds` (the window) with its interval, and `p25_seconds` to `p90_seconds`, by when so many of all
        entrants have (null when they have not, yet). With competing ends `ended_count` and, by Aalen-Johansen,
        `incidence_share`: who reach it before such an end. Table `curve`: the share over `seconds`, per step.

    Raises:
        CallError: a step or competing end never occurs, or a setting does not go with the steps.
    """
    with log.engine.scratch() as scratch:
        cohort = read_cohort(log, scratch, steps, rule, as_of=as_of)
        reached = _read_reached(scratch, cohort)
        ended = None
        if competing.is_given:
            write_ends(log, scratch, competing, unit=rule.unit, as_of_us=cohort.as_of_us, missing=rule.missing)
            ended = _read_ended(scratch, cohort)
    rows, curves = [], []
    for index, name in cohort.steps[1:]:
        row, curve = _follow_step(cohort, reached[index], ended)
        rows.append({"step_index": index, "step_name": name} | row)
        curves.append(curve.assign(step_index=index, step_name=name))
    columns = _COLUMNS + (_COMPETING if competing.is_given else [])
    frame = pd.DataFrame(rows, columns=columns)
    curve = pd.concat(curves, ignore_index=True)[_CURVE] if curves else pd.DataFrame(columns=_CURVE)
    parameters = rule.parameters(steps) | ({"competing": competing.names} if competing.is_given else {})
    definition = log.describe(_words(rule, steps, competing), cohort.as_of_us, parameters)
    return Answer(frame, definition, {"curve": curve})


def _read_reached(scratch: Engine, cohort: Cohort) -> dict[int, np.ndarray]:
    """Return per required step how long each took from the start of the counted chain; NaN where it was not met."""
    times = scratch.frame("SELECT unit_id, attempt_index, step_index, reached_us FROM funnel_times")
    keys = cohort.frame[["unit_id", "attempt_index", "start_us"]]
    found = {}
    for index, _ in cohort.steps[1:]:
        joined = keys.merge(times[times["step_index"] == index], on=["unit_id", "attempt_index"], how="left")
        found[index] = (joined["reached_us"] - joined["start_us"]).to_numpy(float)
    return found


def _read_ended(scratch: Engine, cohort: Cohort) -> np.ndarray:
    ends = scratch.frame("SELECT unit_id, attempt_index, ended_us FROM funnel_ends")
    keys = cohort.frame[["unit_id", "attempt_index", "start_us"]]
    joined = keys.merge(ends, on=["unit_id", "attempt_index"], how="left")
    return (joined["ended_us"] - joined["start_us"]).to_numpy(float)


def _follow_step(cohort: Cohort, reached: np.ndarray, ended: np.ndarray | None) -> tuple[dict[str, Any], pd.DataFrame]:
    """Describe the way to one step, and give its curve."""
    is_reached = ~np.isnan(reached)
    limits = cohort.limit_us.astype(float)
    durations = np.where(is_reached, reached, limits)
    is_mature = cohort.frame["is_mature"].to_numpy(bool)
    counts = pd.Series([int((is_reached & is_mature).sum())])
    bases = pd.Series([int(is_mature.sum())])
    low, high = wilson_interval(counts, bases)
    horizon = _horizon(cohort, limits)
    survival = kaplan_meier_share(durations, is_reached, horizon)
    quantiles = kaplan_meier_times(durations, is_reached, tuple(_QUANTILES.values()))
    row: dict[str, Any] = {
        "entrant_count": len(reached),
        "reached_count": int(is_reached.sum()),
        "mature_entrant_count": int(bases[0]),
        "mature_count": int(counts[0]),
        "overall_share": share_of(counts, bases)[0],
        "overall_share_low": low[0],
        "overall_share_high": high[0],
        "survival_share": survival.share,
        "survival_share_low": survival.low,
        "survival_share_high": survival.high,
        "horizon_seconds": horizon / US_PER_SECOND,
        "is_too_few": bool(too_few(len(reached))),
    }
    row |= {name: value / US_PER_SECOND for name, value in zip(_QUANTILES, quantiles, strict=True)}
    if ended is not None:
        row |= _compete(durations, is_reached, limits, ended, horizon)
    curve = kaplan_meier_curve(durations, is_reached)
    shown = {"seconds": curve.times / US_PER_SECOND, "share": curve.shares, "share_low": curve.lows,
             "share_high": curve.highs, "at_risk_count": curve.at_risk_counts.astype(np.int64)}  # fmt: skip
    return row, pd.DataFrame(shown)


def _horizon(cohort: Cohort, limits: np.ndarray) -> float:
    """The window; without one, the longest time that anybody has been watched."""
    if cohort.window_us is not None:
        return float(cohort.window_us)
    return float(limits.max()) if len(limits) else float("nan")


def _compete(
    durations: np.ndarray, is_reached: np.ndarray, limits: np.ndarray, ended: np.ndarray, horizon: float
) -> dict[str, Any]:
    """Ends come after a step of the same moment; of those that come before it, the first counts."""
    is_ended = np.where(is_reached, ended < durations, ended <= limits)
    kinds = np.where(is_ended, 2, np.where(is_reached, 1, 0))
    found = aalen_johansen_share(np.where(is_ended, ended, durations), kinds, horizon)
    return {"ended_count": int(is_ended.sum()), "incidence_share": found.share, "incidence_share_low": found.low,
            "incidence_share_high": found.high}  # fmt: skip


def _words(rule: FunnelRule, steps: Sequence[Step], competing: Competing) -> str:
    clock = {
        "first": "the first entry",
        "best": "the start of the counted chain (not the first entry: who comes again has a later clock)",
        "each": "the start of the attempt",
    }[rule.entry]
    words = (
        f"{rule_words(rule, steps)} Time runs from {clock} to the step; who has not reached it is watched until as_of "
        "or the window's end. survival_share is Kaplan-Meier's share of all entrants by the horizon (the window; "
        "without one, the longest time watched), with a log-log Greenwood interval: it takes recent entrants to be "
        "like earlier ones. Quantiles are of all entrants, and null when so many have not reached the step."
    )
    if competing.is_given:
        words += (
            f" Competing end: {competing.words()}; a step of the same moment comes first, and a step after the end "
            "does not count. incidence_share is Aalen-Johansen's."
        )
    return words + dependence_words(rule)
