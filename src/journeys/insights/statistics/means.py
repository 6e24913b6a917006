"""Means of whole numbers per person, such as touches or visits: intervals, tests and quartiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_DRAWS = 1_000
_SEED = 20


@dataclass(frozen=True)
class Histogram:
    """How many persons have each number.

    Attributes:
        values: the different numbers, ascending.
        counts: persons with each.
    """

    values: np.ndarray
    counts: np.ndarray

    @property
    def total(self) -> int:
        """All persons."""
        return int(self.counts.sum())

    @property
    def sum(self) -> int:
        """The numbers of all persons added up."""
        return int((self.values * self.counts).sum())

    @property
    def mean(self) -> float:
        """Mean number per person; NaN of nobody."""
        return self.sum / self.total if self.total else float("nan")

    def count_between(self, low: float, high: float) -> int:
        """Count the persons whose number is from low to high, both included."""
        return int(self.counts[(self.values >= low) & (self.values <= high)].sum())

    def quantile(self, share: float) -> float:
        """Return the smallest number that at least this share of the persons do not exceed; NaN of nobody."""
        if not self.total:
            return float("nan")
        place = int(np.searchsorted(np.cumsum(self.counts), share * self.total - 1e-9))
        return float(self.values[place])


def make_histogram(values: np.ndarray, counts: np.ndarray) -> Histogram:
    """Add up the persons of equal numbers."""
    different, places = np.unique(np.asarray(values, dtype=np.int64), return_inverse=True)
    return Histogram(different, np.bincount(places, weights=counts, minlength=len(different)).astype(np.int64))


def mean_interval(histogram: Histogram) -> tuple[float, float]:
    """Return the ends of the 95 % bootstrap interval of the mean, drawn by person; NaN of nobody.

    Persons with one number are alike, so that a draw of persons is a draw of the histogram, however many they are.
    The same histogram gives the same interval.
    """
    if not histogram.total:
        return float("nan"), float("nan")
    source = np.random.default_rng(_SEED)
    draws = source.multinomial(histogram.total, histogram.counts / histogram.total, size=_DRAWS)
    low, high = np.quantile(draws @ histogram.values / histogram.total, [0.025, 0.975])
    return float(low), float(high)


def mean_outside_test(histogram: Histogram, low: float, high: float) -> float:
    """Return the p-value of the mean lying between low and high: 1 inside, else the t-test against the nearer end."""
    mean = histogram.mean
    if histogram.total < 2 or low <= mean <= high:
        return 1.0 if histogram.total else float("nan")
    edge = low if mean < low else high
    if len(histogram.values) == 1:
        return 0.0
    from statsmodels.stats.weightstats import DescrStatsW

    return float(DescrStatsW(histogram.values, weights=histogram.counts).ttest_mean(edge)[1])


def mean_difference_test(one: Histogram, other: Histogram) -> float:
    """Return the p-value of Welch's t-test of two means; NaN where either has fewer than two persons."""
    if one.total < 2 or other.total < 2:
        return float("nan")
    if len(one.values) == 1 and len(other.values) == 1:
        return 1.0 if one.mean == other.mean else 0.0
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    pair = [DescrStatsW(each.values, weights=each.counts) for each in (one, other)]
    return float(CompareMeans(*pair).ttest_ind(usevar="unequal")[1])
