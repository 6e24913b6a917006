"""Plain counts of sessions that go from one event to another, with intervals of statsmodels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    count: int
    base: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval."""
        low, high = proportion_confint(self.count, self.base, method="wilson")
        return float(low), float(high)

    def interval_over(self, other: Share) -> tuple[float, float]:
        """Newcombe's 95 % interval of this share less the other."""
        low, high = confint_proportions_2indep(self.count, self.base, other.count, other.base, method="newcomb")
        return float(low), float(high)


def follow(source: pd.DataFrame, first: pd.Series, then: pd.Series) -> pd.DataFrame:
    """List the sessions that hold a `first` event: when (`entered`), and whether a `then` event comes with it or later.

    Args:
        source: rows with `session_id` and `time`.
        first: which rows are the first step.
        then: which rows are the second; none is both.
    """
    entered = source[first].groupby("session_id")["time"].min()
    last = source[then].groupby("session_id")["time"].max()
    return pd.DataFrame({"entered": entered, "is_through": last.reindex(entered.index) >= entered})


def within(sessions: pd.DataFrame, period: tuple[str, str]) -> Share:
    """Count those that enter in a period, its end not included."""
    since, until = map(pd.Timestamp, period)
    held = sessions[(sessions["entered"] >= since) & (sessions["entered"] < until)]
    return Share(int(held["is_through"].sum()), len(held))


def assert_told(row: Any, share: Share, other: Share) -> None:
    """Hold a row of `compare_groups` against plain counts: counts, shares, difference and both intervals."""
    assert (row.converted_count, row.mature_count) == (share.count, share.base)
    assert (row.other_converted_count, row.other_count) == (other.count, other.base)
    ends = [row.conversion_share_low, row.conversion_share_high, row.difference_low, row.difference_high]
    wanted = [*share.interval, *share.interval_over(other)]
    assert all(abs(one - two) < 1e-9 for one, two in zip(ends, wanted, strict=True))
