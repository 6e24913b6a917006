"""Effects: what meeting a touchpoint goes with, among people who are alike otherwise. Adjusted; no cause is claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import Answer, check_free_name, unit_words
from journeys.insights.marks import Anchors, cut_paths, prepare_contacts
from journeys.insights.statistics.comparisons import FALSE_DISCOVERY_RATE, benjamini_hochberg, katz_interval
from journeys.insights.statistics.hazard import HazardEffect, HazardRows, estimate_effect, find_informative
from journeys.insights.statistics.intervals import MIN_BASE, share_of, too_few, wilson_interval
from journeys.insights.statistics.strata import StratifiedDifference, compare_strata
from journeys.insights.touchpoints.risk_set import (
    STANDING_TRAITS,
    START,
    Codes,
    Flags,
    RiskSet,
    has_values,
    read_risk_set,
)
from journeys.paths.log import EventLog
from journeys.paths.steps import Step
from journeys.units import US_PER_DAY

_COLUMNS = ["touchpoint", "person_count", "converted_count", "conversion_share", "conversion_share_low",
            "conversion_share_high", "other_count", "other_converted_count", "other_share", "lift", "lift_low",
            "lift_high", "odds_ratio", "odds_ratio_low", "odds_ratio_high", "difference", "difference_low",
            "difference_high", "p_value", "q_value", "crude_difference", "stratified_difference",
            "stratified_difference_low", "stratified_difference_high", "homogeneity_p", "confounding", "verdict",
            "is_penalised", "is_too_few"]  # fmt: skip
DEFAULT_TRAIT = "device_type"
# A touchpoint that nearly all converters met is a step of the conversion, and has hardly anybody to compare with.
_ON_THE_WAY = 0.95
_LEAST_EXPECTED = 5.0


@dataclass(frozen=True)
class EffectQuery:
    """What is asked about, and what is held alike.

    Attributes:
        among: conditions asked about; all touchpoints when empty.
        adjust_for: columns whose value at the first contact is held alike; none given means `device_type`, where
            the log has it.
        visit_us: longest pause inside one visit, in microseconds.
        inactive_us: so long after the last contact a person is dropped; until then open.
    """

    visit_us: int
    inactive_us: int
    among: tuple[Step, ...] = ()
    adjust_for: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        names = [each.name for each in self.among]
        if len(set(names)) != len(names):
            raise CallError("effects", "among= has two steps of one name", found=repr(names),
                            do="name them apart: jn.step(..., name=...)")  # fmt: skip
        for column in self.adjust_for or ():
            if not isinstance(column, str):
                raise CallError("effects", "adjust_for= holds no name of a column", found=repr(column),
                                allowed="a text")  # fmt: skip
            check_free_name(column, ("touchpoint", "place", *STANDING_TRAITS, *_COUNTS))


@dataclass(frozen=True)
class _Estimate:
    """One touchpoint held against the rest of the rows."""

    hazard: HazardEffect
    strata: StratifiedDifference
    verdict: str
    table: pd.DataFrame


def estimate_effects(
    log: EventLog, anchors: Anchors, query: EffectQuery, *, unit: str = "person", as_of: object = None
) -> Answer:
    """Estimate per touchpoint how having met it goes with the goal, other things alike.

    Args:
        log: the log.
        anchors: names the goal.
        query: what is asked about and held alike.
        unit: person, session or account; the columns keep their names and count the unit.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row per touchpoint: how many met it and converted (and of the others; `lift` with its Katz
        interval; descriptive), the adjusted `odds_ratio` that the next contact is the goal and the `difference` in
        its chance, with 95 % intervals, `p_value` and `q_value`; the same difference within strata, and crude over
        them; `confounding` ('reversed', 'changed' or empty) and `verdict` ('higher', 'lower', 'no evidence', 'on the
        way', 'insufficient'). Table `strata`: the strata of each touchpoint whose crude difference is confounded.

    Raises:
        CallError: the goal, a step or a column never occurs, or no event has the unit.
    """
    as_of_us = log.read_as_of(as_of)
    traits = _choose_traits(log, query.adjust_for)
    with log.engine.scratch() as scratch:
        prepare_contacts(log, scratch, anchors, unit=log.check_unit(unit), as_of_us=as_of_us)
        cut_paths(scratch, anchors, collapse=False, inactive_us=query.inactive_us, as_of_us=as_of_us)
        risk = read_risk_set(log, scratch, visit_us=query.visit_us, adjust_for=traits, among=query.among)
        totals = scratch.rows("SELECT COUNT(*), COUNT(CASE WHEN outcome = '(converted)' THEN 1 END) FROM path_units")[0]
    frame, strata = judge_touchpoints(risk, *totals)
    goal = anchors.shown()["goal"]
    parameters = {
        "goal": goal,
        "unit": unit,
        "among": [each.name for each in query.among] or "all touchpoints",
        "held_alike": ["place", "contacts so far", "month", *risk.traits],
        "inactive_days": query.inactive_us / US_PER_DAY,
        "visit_seconds": query.visit_us / 1_000_000,
        "false_discovery_rate": FALSE_DISCOVERY_RATE,
    }
    definition = log.describe(_rule(str(goal), unit, traits), as_of_us, parameters)
    definition |= {"label": "adjusted", "population_count": totals[0], "converted_count": totals[1]}
    return Answer(frame, definition, {"strata": strata})


def judge_touchpoints(risk: RiskSet, population: int, converted: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate each candidate of a risk set, and judge them together as one family of tests.

    Args:
        risk: the rows.
        population: all units, those without a contact before the goal included.
        converted: those of them who reached the goal.

    Returns:
        The frame of `estimate_effects`, and the strata of those that are confounded.
    """
    found, tables = [], []
    for name, match in risk.candidates():
        met = risk.units_met(match)
        one = _estimate_one(risk, match, int(met.sum()), population)
        counts = {"person_count": int(met.sum()), "converted_count": int((met & risk.has_converted).sum())}
        found.append({"touchpoint": name} | counts | _cells(one))
        if one.strata.confounding:
            tables.append(one.table.assign(touchpoint=name))
    frame = _add_shares(pd.DataFrame(found, columns=["touchpoint", "person_count", "converted_count", *_CELLS]),
                        population, converted)  # fmt: skip
    frame["q_value"] = benjamini_hochberg(frame["p_value"].where(frame["verdict"] == "tested").to_numpy(dtype=float))
    is_find = frame["q_value"] <= FALSE_DISCOVERY_RATE
    tested = frame["verdict"] == "tested"
    direction = np.where(is_find, np.where(frame["odds_ratio"] > 1, "higher", "lower"), "no evidence")
    frame["verdict"] = frame["verdict"].where(~tested, direction)
    frame["is_too_few"] = too_few(frame["person_count"]) | too_few(frame["other_count"])
    frame = frame.assign(is_untested=~tested, fewer=-frame["person_count"])
    frame = frame.sort_values(["is_untested", "q_value", "p_value", "fewer", "touchpoint"], ignore_index=True)
    columns = ["touchpoint", "place", *risk.strata.names.columns, *_COUNTS]
    strata = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    return frame[_COLUMNS], strata[columns]


_COUNTS = ("met_count", "met_goal_count", "other_count", "other_goal_count")
_CELLS = ["odds_ratio", "odds_ratio_low", "odds_ratio_high", "difference", "difference_low", "difference_high",
          "p_value", "is_penalised", "crude_difference", "stratified_difference", "stratified_difference_low",
          "stratified_difference_high", "homogeneity_p", "confounding", "verdict"]  # fmt: skip


def _cells(one: _Estimate) -> dict[str, object]:
    cells: dict[str, object] = asdict(one.hazard)
    return cells | {
        "crude_difference": one.strata.crude,
        "stratified_difference": one.strata.difference,
        "stratified_difference_low": one.strata.low,
        "stratified_difference_high": one.strata.high,
        "homogeneity_p": one.strata.homogeneity_p,
        "confounding": one.strata.confounding,
        "verdict": one.verdict,
    }


def _estimate_one(risk: RiskSet, match: Flags, person_count: int, population: int) -> _Estimate:
    place, exposed = risk.place_besides(match), risk.met_by_then(match)
    table = _count_strata(risk, place, exposed)
    converters = risk.has_converted
    if converters.any() and (risk.units_met(match) & converters).sum() >= _ON_THE_WAY * converters.sum():
        return _Estimate(HazardEffect(), compare_strata([], [], [], []), "on the way", table)
    rows, exposed = risk.held_alike(place), exposed[risk.is_at_risk]
    kept = find_informative(rows)
    if min(person_count, population - person_count) < MIN_BASE or _is_thin(rows, exposed, kept):
        return _Estimate(HazardEffect(), compare_strata([], [], [], []), "insufficient", table)
    strata = compare_strata(*(table[column] for column in ("met_goal_count", "met_count", "other_goal_count",
                                                           "other_count")))  # fmt: skip
    hazard = estimate_effect(rows, exposed, kept)
    return _Estimate(hazard, strata, "insufficient" if np.isnan(hazard.p_value) else "tested", table)


def _is_thin(rows: HazardRows, exposed: Flags, kept: Flags) -> bool:
    """Say whether fewer than 5 are expected in a cell of exposure by outcome, counted place by place.

    Where nearly everybody goes on to the goal, or nearly nobody, many rows say little: n1 * n0 / n * p * (1 - p),
    summed over places, is below the smallest expected cell, and it is what the variance of an effect depends on.
    """
    place, met, goal = rows.covariates[0][kept], exposed[kept], rows.happened[kept]
    n, n1, goals = np.bincount(place), np.bincount(place, weights=met), np.bincount(place, weights=goal)
    share = goals / np.maximum(n, 1)
    return bool((n1 * (n - n1) / np.maximum(n, 1) * share * (1 - share)).sum() < _LEAST_EXPECTED)


def _count_strata(risk: RiskSet, place: Codes, exposed: Flags) -> pd.DataFrame:
    """Count rows and goals of the exposed and the others per stratum; only strata in which both are found."""
    kept, strata = risk.is_at_risk, risk.strata
    size = len(strata.names)
    cell = place[kept] * size + strata.number
    met, goal = exposed[kept], risk.happened[kept]
    counts = {
        name: np.bincount(cell[rows], minlength=(len(risk.step.names) + 1) * size)
        for name, rows in zip(_COUNTS, (met, met & goal, ~met, ~met & goal), strict=True)
    }
    both = np.flatnonzero((counts["met_count"] > 0) & (counts["other_count"] > 0))
    shown = strata.names.iloc[both % size if size else both].reset_index(drop=True)
    shown.insert(0, "place", np.array([*risk.step.names, START], dtype=object)[both // max(size, 1)])
    table = shown.assign(**{name: count[both] for name, count in counts.items()})
    return table.sort_values(["met_goal_count", "met_count", *shown.columns],
                             ascending=[False, False, *[True] * len(shown.columns)], ignore_index=True)  # fmt: skip


def _add_shares(frame: pd.DataFrame, population: int, converted: int) -> pd.DataFrame:
    frame["other_count"] = population - frame["person_count"]
    frame["other_converted_count"] = converted - frame["converted_count"]
    frame["conversion_share"] = share_of(frame["converted_count"], frame["person_count"])
    low, high = wilson_interval(frame["converted_count"], frame["person_count"])
    frame["conversion_share_low"], frame["conversion_share_high"] = low, high
    frame["other_share"] = share_of(frame["other_converted_count"], frame["other_count"])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(frame["other_share"] > 0, frame["conversion_share"] / frame["other_share"], np.nan)
    frame["lift"] = ratio
    frame["lift_low"], frame["lift_high"] = katz_interval(
        frame["converted_count"], frame["person_count"], frame["other_converted_count"], frame["other_count"]
    )
    return frame


def _choose_traits(log: EventLog, asked: Sequence[str] | None) -> list[str]:
    if asked is None:
        return [DEFAULT_TRAIT] if has_values(log, DEFAULT_TRAIT) else []
    for column in asked:
        if not has_values(log, column):
            raise CallError(
                "adjust-for",
                "a column to adjust for is not there, or empty",
                found=repr(column),
                allowed="a column of the log that has values",
                do="correct or leave out the name",
            )
    return list(asked)


def _rule(goal: str, unit: str, traits: Sequence[str]) -> str:
    alike = ", ".join(["where they stand", "how many contacts they had", "month", "first channel", *traits])
    return (
        f"Contacts up to each {unit}'s first {goal!r} count. After each contact: is the next one the goal? Those who "
        f"had met the touchpoint by then are compared with those who had not, {alike} held alike: where they stand is "
        "their latest other contact of the visit (a longer pause than visit_seconds ends it). The last contact of "
        f"{unit}s who are open does not count, for the next one is not known. Odds ratio by a discrete-time hazard, "
        f"errors clustered by {unit}; difference: chance that the next contact is the goal if all had met it minus if "
        "none had. q-values (Benjamini and Hochberg) are over the whole table; finds have q up to "
        f"{FALSE_DISCOVERY_RATE:g}. stratified_difference: Mantel and Haenszel's within strata of the same, by month "
        f"of entry. 'on the way': at least {_ON_THE_WAY:.0%} of those who converted met it; 'insufficient': fewer than "
        f"{MIN_BASE} {unit}s met it or did not, or fewer than 5 are expected in a cell of alike. Where "
        "those who met it always or never went on to the goal, Firth's penalty keeps the estimate finite "
        "(is_penalised). Adjusted: no cause is claimed." + unit_words(unit)
    )
