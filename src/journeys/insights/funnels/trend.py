"""The funnel by entry date: how many came on each date, and how many of them got through."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import Answer
from journeys.insights.funnels.cohort import EVERY, Cohort, dependence_words, read_cohort
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.words import rule_words
from journeys.insights.statistics.intervals import share_of, too_few, wilson_interval
from journeys.paths.log import EventLog
from journeys.paths.steps import Step
from journeys.units import zone

COUNTS = ["entrant_count", "converted_count", "dropped_count", "open_count", "mature_count", "mature_converted_count"]
SHARES = ["conversion_share", "conversion_share_low", "conversion_share_high"]
# Over more days, as with a date that stands for 'unknown', dates on which nobody came are left out.
_LONGEST_DAYS = 36_525
_COLUMNS = ["entry_date", *COUNTS, *SHARES, "is_immature", "is_too_few"]


def trend_funnel(
    log: EventLog, steps: Sequence[Step], rule: FunnelRule, *, every: str = "week", as_of: object = None
) -> Answer:
    """Count a funnel by the date of entry.

    Args:
        log: the log.
        steps: at least one.
        rule: how to count; entry='first' gives every date the same time to convert.
        every: day, week (from Monday) or month, in the log's time zone.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with a row per date from the first entry to the last (over more than a century, per date with an
        entry): `entry_date` (its first day), `entrant_count` = `converted_count` + `dropped_count` + `open_count`; of
        those whose first entry's window is over (`mature_count`)
        the `mature_converted_count` and the `conversion_share` with its Wilson interval (null when nobody is mature);
        `is_immature`: the window of some who came, or may still come, on that date is not over; `is_too_few`. All
        counts sum to the funnel's.

    Raises:
        CallError: `every` is unknown, a step never occurs, or a setting does not go with the steps.
    """
    if not isinstance(every, str) or every not in EVERY:
        raise CallError("every", "every= is no calendar unit", found=repr(every), allowed=", ".join(map(repr, EVERY)))
    with log.engine.scratch() as scratch:
        cohort = read_cohort(log, scratch, steps, rule, as_of=as_of)
    frame = add_shares(count_standing(cohort.frame, cohort.entry_dates(every).rename("entry_date")))
    frame = _fill_dates(frame, every)
    frame["is_immature"] = _find_immature(frame["entry_date"], cohort, every)
    frame["is_too_few"] = too_few(frame["mature_count"])
    words = (
        f"{rule_words(rule, steps)} By the {every} of the first entry ({log.timezone}), never of the conversion. Dates "
        "on which somebody's window is not over are immature: their share is of the early ones only."
    )
    parameters = rule.parameters(steps) | {"every": every}
    return Answer(frame[_COLUMNS], log.describe(words + dependence_words(rule), cohort.as_of_us, parameters))


def count_standing(frame: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Count per group how its entrants stand, and how the mature ones of them converted; groups in order."""
    flags = pd.DataFrame({
        "entrant_count": 1,
        "converted_count": frame["is_converted"].astype(np.int64),
        "dropped_count": (frame["status"] == "dropped").astype(np.int64),
        "open_count": (frame["status"] == "open").astype(np.int64),
        "mature_count": frame["is_mature"].astype(np.int64),
        "mature_converted_count": (frame["is_mature"] & frame["is_converted"]).astype(np.int64),
    }, index=frame.index)  # fmt: skip
    return flags.groupby(groups).sum().reset_index()


def add_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Add the share of the mature that converted, with its interval."""
    frame = counts.copy()
    frame["conversion_share"] = share_of(frame["mature_converted_count"], frame["mature_count"])
    ends = wilson_interval(frame["mature_converted_count"], frame["mature_count"])
    frame["conversion_share_low"], frame["conversion_share_high"] = ends
    return frame


def _fill_dates(frame: pd.DataFrame, every: str) -> pd.DataFrame:
    """Put in the dates on which nobody came, with counts of 0 and no share."""
    if frame.empty:
        return frame
    first, last = frame["entry_date"].min(), frame["entry_date"].max()
    if (last - first).days > _LONGEST_DAYS:
        return frame
    dates = pd.period_range(first, last, freq=EVERY[every]).to_timestamp()
    filled = frame.set_index("entry_date").reindex(pd.DatetimeIndex(dates, name="entry_date")).reset_index()
    filled[COUNTS] = filled[COUNTS].fillna(0).astype(np.int64)
    filled["entry_date"] = filled["entry_date"].astype("datetime64[us]")
    return filled


def _find_immature(dates: pd.Series, cohort: Cohort, every: str) -> np.ndarray:
    """A date is mature when the window of an entry at its very end is over."""
    ends = (dates.dt.to_period(EVERY[every]) + 1).dt.start_time
    # A midnight that a clock change leaves out is taken as the moment after it; one that is met twice as the later.
    local = ends.dt.tz_localize(zone(cohort.timezone), ambiguous=np.zeros(len(ends), bool), nonexistent="shift_forward")
    ends_us = local.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]").astype(np.int64).to_numpy()
    return np.asarray(ends_us - 1 + (cohort.window_us or 0) > cohort.as_of_us)
