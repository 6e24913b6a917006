"""Groups of entrants held against each other: by the value of a column, or by the period in which they came."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import REST, Answer, check_free_name
from journeys.insights.funnels.cohort import Cohort, dependence_words, read_cohort
from journeys.insights.funnels.periods import EntryPeriod
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.trend import SHARES, add_shares, count_standing
from journeys.insights.funnels.words import rule_words
from journeys.insights.statistics.comparisons import benjamini_hochberg, newcombe_interval, two_proportion_p
from journeys.insights.statistics.intervals import MIN_BASE, share_of, too_few
from journeys.paths.log import EventLog
from journeys.paths.steps import Step
from journeys.warehouse.conditions import nearest_text

COUNTS = ["entrant_count", "open_count", "mature_count", "converted_count"]
_COMPARED = ["other_count", "other_converted_count", "other_share", "difference", "difference_low", "difference_high",
             "p_value", "q_value", "rank", "is_too_few"]  # fmt: skip


def compare_groups(
    log: EventLog,
    steps: Sequence[Step],
    rule: FunnelRule,
    *,
    periods: tuple[EntryPeriod, EntryPeriod] | None = None,
    against: str = REST,
    as_of: object = None,
) -> Answer:
    """Compare the share that completes a funnel between groups of mature entrants.

    Args:
        log: the log.
        steps: at least one.
        rule: how to count; `rule.by` names the groups where no periods are given.
        periods: two stretches of time; groups are who first entered in each.
        against: the group that all others are held against; '(rest)' holds each against all others together.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with a row per group, in its own column first (`rule.by`, or `period`): `entrant_count`, `open_count`;
        of the `mature_count` the `converted_count` and `conversion_share` with its Wilson interval; the same of those
        it is held against (`other_count`, `other_converted_count`, `other_share`); `difference` of the shares with its
        Newcombe interval, `p_value` (two-sided), `q_value` (Benjamini and Hochberg over the table), and `rank` by
        conversion_share from the highest. `is_too_few`: fewer than 30 mature in the group or in what it is held
        against; then there is no p, no q and no rank. Ranked groups come first.

    Raises:
        CallError: there is no group with the name in `against`, a step or column never occurs, or a setting does not
            go with the steps.
    """
    if not isinstance(against, str):
        raise CallError("against", "against= is no name of a group", found=repr(against), allowed="a text")
    with log.engine.scratch() as scratch:
        cohort = read_cohort(log, scratch, steps, rule, as_of=as_of)
    column = "period" if periods else str(rule.by)
    counts = _count_groups(cohort, periods)
    frame = _hold_against(counts, against)
    check_free_name(column, set(frame.columns) - {"group"})
    frame = frame.rename(columns={"group": column})
    others = "all others together" if against == REST else f"{against!r}"
    grouped = f"{column!r} of the counted chain" if not periods else "the period in which they first entered"
    words = (
        f"{rule_words(rule, steps)} Groups by {grouped}, each held against {others}; shares of mature entrants. "
        f"Difference with Newcombe's 95 % interval; pooled z-test, or Fisher's exact test where fewer than 5 are "
        f"expected in a cell; q by Benjamini and Hochberg over the groups tested. Below {MIN_BASE} in either is too "
        f"few to test. A difference is no cause." + dependence_words(rule)
    )
    parameters = rule.parameters(steps) | {"against": against}
    if periods:
        parameters["periods"] = [each.name for each in periods]
    return Answer(frame, log.describe(words, cohort.as_of_us, parameters))


def _count_groups(cohort: Cohort, periods: tuple[EntryPeriod, EntryPeriod] | None) -> pd.DataFrame:
    if periods is None:
        groups = cohort.frame["by_value"].astype(str)
        standing = count_standing(cohort.frame, groups.rename("group"))
    else:
        parts = []
        for period in periods:
            held = cohort.frame[period.holds(cohort)]
            parts.append(count_standing(held, pd.Series(period.name, held.index, dtype=object, name="group")))
        names = pd.DataFrame({"group": [period.name for period in periods]})
        standing = names.merge(pd.concat(parts), on="group", how="left").fillna(dict.fromkeys(parts[0].columns[1:], 0))
    shared = add_shares(standing)
    counted = shared.drop(columns="converted_count").rename(columns={"mature_converted_count": "converted_count"})
    return counted.astype(dict.fromkeys(COUNTS, np.int64))[["group", *COUNTS, *SHARES]]


def _hold_against(counts: pd.DataFrame, against: str) -> pd.DataFrame:
    frame = counts.copy()
    base, converted = frame["mature_count"], frame["converted_count"]
    is_itself = pd.Series(False, frame.index)
    if against == REST:
        frame["other_count"], frame["other_converted_count"] = base.sum() - base, converted.sum() - converted
    else:
        is_itself = frame["group"] == against
        if not is_itself.any():
            names = [str(name) for name in frame["group"]]
            allowed = ", ".join(map(repr, [REST, *names[:20]]))
            raise CallError("against", "against= is none of the groups", found=repr(against), allowed=allowed,
                            do=nearest_text(str(against), names))  # fmt: skip
        frame["other_count"], frame["other_converted_count"] = base[is_itself].iloc[0], converted[is_itself].iloc[0]
    frame["other_share"] = share_of(frame["other_converted_count"], frame["other_count"])
    frame["difference"] = (frame["conversion_share"] - frame["other_share"]).mask(is_itself)
    has_both = (base > 0) & (frame["other_count"] > 0)
    pairs = (converted.where(has_both, 0), base, frame["other_converted_count"].where(has_both, 0),
             frame["other_count"])  # fmt: skip
    low, high = newcombe_interval(*pairs)
    frame["difference_low"], frame["difference_high"] = (np.where(is_itself, np.nan, end) for end in (low, high))
    frame["is_too_few"] = too_few(base) | too_few(frame["other_count"])
    frame["p_value"] = np.where(frame["is_too_few"] | is_itself, np.nan, two_proportion_p(*pairs))
    frame["q_value"] = benjamini_hochberg(frame["p_value"])
    ranked = frame["conversion_share"].where(~frame["is_too_few"])
    frame["rank"] = ranked.rank(ascending=False, method="min").astype("Int64")
    frame = frame.sort_values(["rank", "mature_count", "group"], ascending=[True, False, True], ignore_index=True)
    return frame[["group", *COUNTS, *SHARES, *_COMPARED]]
