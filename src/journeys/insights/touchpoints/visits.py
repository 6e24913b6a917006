"""Visits before purchase: how often people come before they reach the goal."""

from __future__ import annotations

from typing import Any

import pandas as pd

from journeys.insights.answer import NO_VALUE, Answer
from journeys.insights.marks import Anchors, mark_events
from journeys.insights.statistics.intervals import share_of, too_few, wilson_interval
from journeys.insights.statistics.means import make_histogram, mean_interval
from journeys.insights.touchpoints.parts import ALL
from journeys.paths.log import EventLog
from journeys.warehouse import select_model

_COLUMNS = ["first_channel", "person_count", "mean_visits", "mean_visits_low", "mean_visits_high", "visits_p25",
            "visits_median", "visits_p75", "single_visit_count", "single_visit_share", "single_visit_share_low",
            "single_visit_share_high", "is_too_few"]  # fmt: skip
_SPREAD = ["first_channel", "visit_count", "person_count", "base_count", "share", "share_low", "share_high",
           "cumulative_share", "is_too_few"]  # fmt: skip


def count_visits(log: EventLog, anchors: Anchors, *, as_of: object = None) -> Answer:
    """Count the visits that those who reached the goal had made by then.

    Args:
        log: the log.
        anchors: names the goal.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row for all (`first_channel` '(all)') and one per channel of the first visit, the commonest
        first ('(none)' without a channel or visit): `person_count`, `mean_visits` with its 95 % bootstrap interval by
        person, the quartiles, and those who bought at their first visit (`single_visit_count`, `single_visit_share`
        with its 95 % Wilson interval). `.tables["distribution"]` has a row per channel and number of visits:
        `person_count` of `base_count`, `share` with its interval and `cumulative_share`. `is_too_few`: fewer than 30.

    Raises:
        CallError: the goal never occurs, or the log has no sessions.
    """
    log.check_unit("session")
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        mark_events(log, scratch, anchors)
        select, parameters = select_model("goal_visits", {"as_of_us": as_of_us})
        counts = scratch.frame(
            "SELECT COALESCE(first_channel, $none) AS first_channel, visit_count, COUNT(*) AS person_count "
            f"FROM ({select}) GROUP BY 1, 2 ORDER BY 1, 2",
            parameters | {"none": NO_VALUE},
        )
    whole = counts.groupby("visit_count", as_index=False)["person_count"].sum().assign(first_channel=ALL)
    sizes = counts.groupby("first_channel")["person_count"].sum()
    channels = sorted(sizes.index, key=lambda name: (-sizes[name], name))
    parts = [whole, *(counts[counts["first_channel"] == name] for name in channels)] if len(counts) else []
    goal = anchors.shown()["goal"]
    rule = (
        f"Of each person who reached {goal!r}: the sessions begun by the first of it, its own included; 0 where it was "
        "reached without one. first_channel: the first channel other than Direct in the first of them. Quartiles: the "
        "smallest number of visits that so large a share of the persons do not exceed. Only those who reached the goal "
        "are counted: of the others nobody knows how many visits they would need. Descriptive."
    )
    definition = log.describe(rule, as_of_us, {"goal": goal})
    summary = pd.DataFrame([_summarise(part) for part in parts], columns=_COLUMNS)
    spread = pd.concat([_spread(part) for part in parts]) if parts else pd.DataFrame(columns=_SPREAD)
    return Answer(_add_single(summary), definition, {"distribution": spread[_SPREAD].reset_index(drop=True)})


def _summarise(part: pd.DataFrame) -> dict[str, Any]:
    visits = make_histogram(part["visit_count"].to_numpy(), part["person_count"].to_numpy())
    low, high = mean_interval(visits)
    return {
        "first_channel": part["first_channel"].iloc[0],
        "person_count": visits.total,
        "mean_visits": visits.mean,
        "mean_visits_low": low,
        "mean_visits_high": high,
        "visits_p25": visits.quantile(0.25),
        "visits_median": visits.quantile(0.5),
        "visits_p75": visits.quantile(0.75),
        "single_visit_count": visits.count_between(1, 1),
    }


def _add_single(summary: pd.DataFrame) -> pd.DataFrame:
    frame = summary.copy()
    count, base = frame["single_visit_count"], frame["person_count"]
    frame["single_visit_share"] = share_of(count, base)
    low, high = wilson_interval(count, base)
    frame["single_visit_share_low"], frame["single_visit_share_high"] = low, high
    frame["is_too_few"] = too_few(base)
    return frame[_COLUMNS]


def _spread(part: pd.DataFrame) -> pd.DataFrame:
    frame = part.sort_values("visit_count").copy()
    frame["base_count"] = int(frame["person_count"].sum())
    frame["share"] = share_of(frame["person_count"], frame["base_count"])
    frame["share_low"], frame["share_high"] = wilson_interval(frame["person_count"], frame["base_count"])
    frame["cumulative_share"] = share_of(frame["person_count"].cumsum(), frame["base_count"])
    frame["is_too_few"] = too_few(frame["base_count"])
    return frame
