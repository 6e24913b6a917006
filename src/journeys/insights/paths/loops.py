"""Loops and rework: steps that are met again on the same path, at once or after others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from journeys.insights.answer import Answer
from journeys.insights.paths.rule import PathRule
from journeys.insights.statistics.intervals import add_share, too_few
from journeys.paths.log import EventLog
from journeys.warehouse import select_model

# Beyond so many different steps the expected visits are left out: the matrix is inverted as a whole.
MOST_STEPS = 2_000
_LOOPS = ["step", "repeat_count", "return_count", "person_count", "share"]
_REWORK = ["step", "met_count", "rework_count", "share", "share_low", "share_high", "visit_count", "repeat_count",
           "return_count", "mean_extra_visits", "expected_extra_visits", "is_too_few"]  # fmt: skip


def count_loops(log: EventLog, rule: PathRule) -> Answer:
    """Count the repeats of and the returns to each step.

    Args:
        log: the log.
        rule: which paths; repeats are kept.

    Returns:
        Answer with a row per step that is met: `repeat_count` (it directly follows itself), `return_count` (met again
        with another step between), `person_count` (units with either) and `share` (of the units who met the step);
        most persons first. The table `rework` has bases and 95 % intervals, as of `count_rework`.

    Raises:
        CallError: a named step never occurs or the unit is unknown.
    """
    rework, as_of_us = _count(log, rule)
    words = (
        rule.words() + "repeat_count: the step directly follows itself. return_count: it is met again with another "
        f"step between. person_count: {rule.unit}s with either; share: of those who met the step. " + rule.unit_words()
    )
    loops = rework.rename(columns={"rework_count": "person_count"})
    return Answer(loops[_LOOPS], log.describe(words.strip(), as_of_us, _parameters(rule)), {"rework": rework})


def count_rework(log: EventLog, rule: PathRule) -> Answer:
    """Count the units that meet a step more than once, and how often they come again.

    Args:
        log: the log.
        rule: which paths; repeats are kept.

    Returns:
        Answer with a row per step: `met_count` units met it, `rework_count` of them more than once (`share` with its
        95 % Wilson interval); `visit_count` visits in all, of them `repeat_count` directly after another and
        `return_count` after other steps; `mean_extra_visits` per unit that met it, and `expected_extra_visits` if the
        next step depended on the present one alone (the diagonal of the fundamental matrix less one; missing beyond
        2,000 steps). Steps that fewer than 30 units met are `is_too_few` and stand last.

    Raises:
        CallError: a named step never occurs or the unit is unknown.
    """
    rework, as_of_us = _count(log, rule)
    words = (
        rule.words() + f"Rework: {rule.unit}s who met the step more than once, of those who met it. "
        "mean_extra_visits: further visits per unit that met it; expected_extra_visits: the same if the next step "
        "depended on the present one alone, so that what lies above it are loops that feed themselves. "
        + rule.unit_words()
    )
    return Answer(rework, log.describe(words.strip(), as_of_us, _parameters(rule)))


def expected_visits(visits: pd.Series, moves: pd.DataFrame) -> np.ndarray:
    """Return how often a step is visited in all once a path has come to it, by the fundamental matrix (I - Q)^-1.

    Args:
        visits: visits to each step, by its name.
        moves: `from_step`, `to_step`, `move_count`; what is missing to the visits ends there.

    Returns:
        The diagonal, in the order of `visits`; at least 1.
    """
    place = {name: index for index, name in enumerate(visits.index)}
    chances = np.zeros((len(place), len(place)))
    rows, columns = moves["from_step"].map(place).to_numpy(int), moves["to_step"].map(place).to_numpy(int)
    chances[rows, columns] = moves["move_count"].to_numpy(float) / visits.to_numpy(float)[rows]
    return np.diagonal(np.linalg.inv(np.eye(len(place)) - chances)).copy()


def _count(log: EventLog, rule: PathRule) -> tuple[pd.DataFrame, int]:
    with rule.lay(log) as (scratch, as_of_us):
        counts = scratch.frame(*select_model("loop_counts"))
        moves = scratch.frame(*select_model("path_moves")) if len(counts) <= MOST_STEPS else None
    frame = add_share(counts.rename(columns={"looping_count": "rework_count"}), "rework_count", "met_count")
    frame["mean_extra_visits"] = frame["visit_count"] / frame["met_count"] - 1
    expected = (
        np.full(len(frame), np.nan)
        if moves is None
        else expected_visits(frame.set_index("step")["visit_count"], moves) - 1
    )
    frame = frame.assign(expected_extra_visits=expected, is_too_few=too_few(frame["met_count"]))
    order = ["is_too_few", "rework_count", "visit_count", "step"]
    return frame.sort_values(order, ascending=[True, False, False, True], ignore_index=True)[_REWORK], as_of_us


def _parameters(rule: PathRule) -> dict[str, object]:
    return {name: value for name, value in rule.parameters().items() if name not in ("collapse", "inactive_days")}
