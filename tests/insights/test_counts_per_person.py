"""Means and shares over persons: bootstrap, t-tests, quartiles and clustered intervals against plain formulas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from journeys.insights.statistics.clusters import clustered_wilson, design_effect
from journeys.insights.statistics.comparisons import benjamini_hochberg
from journeys.insights.statistics.means import (
    make_histogram,
    mean_difference_test,
    mean_interval,
    mean_outside_test,
)


def test_a_histogram_is_the_persons_it_stands_for() -> None:
    histogram = make_histogram(np.array([3, 1, 3]), np.array([2, 4, 1]))
    persons = np.array([3, 3, 1, 1, 1, 1, 3])
    assert (histogram.total, histogram.sum, histogram.mean) == (7, 13, persons.mean())
    assert histogram.count_between(1, 2) == 4
    for share in (0.25, 0.5, 0.75, 1.0):
        assert histogram.quantile(share) == np.quantile(persons, share, method="inverted_cdf")
    nobody = make_histogram(np.array([]), np.array([]))
    assert all(math.isnan(number) for number in (nobody.mean, nobody.quantile(0.5), *mean_interval(nobody)))


def test_the_tests_are_those_of_scipy_over_persons() -> None:
    source = np.random.default_rng(1)
    one, other = source.poisson(3, 50), source.poisson(4, 70)
    mine, others = (make_histogram(each, np.ones(len(each))) for each in (one, other))
    assert mean_difference_test(mine, others) == pytest.approx(stats.ttest_ind(one, other, equal_var=False).pvalue)
    assert mean_outside_test(mine, 4, 6) == pytest.approx(stats.ttest_1samp(one, 4).pvalue)
    assert mean_outside_test(mine, 0, 1) == pytest.approx(stats.ttest_1samp(one, 1).pvalue)
    assert mean_outside_test(mine, 2, 5) == 1
    same = make_histogram(np.array([2]), np.array([40]))
    assert (mean_outside_test(same, 3, 4), mean_difference_test(same, same)) == (0, 1)


def test_q_values_are_those_of_scipy_and_pass_over_what_was_not_tested() -> None:
    p_values = np.array([0.04, np.nan, 0.001, 0.3])
    q_values = benjamini_hochberg(p_values)
    known = ~np.isnan(p_values)
    assert q_values[known] == pytest.approx(stats.false_discovery_control(p_values[known]))
    assert math.isnan(q_values[1])
    assert np.isnan(benjamini_hochberg(np.array([np.nan]))).all()


def test_bootstrap_intervals_of_means_cover_the_truth() -> None:
    source = np.random.default_rng(2)
    covered = 0
    for _ in range(400):
        touches = 1 + source.poisson(2, 120)
        low, high = mean_interval(make_histogram(touches, np.ones(len(touches))))
        covered += low <= 3 <= high
    assert 0.92 <= covered / 400 <= 0.98


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_clustered_intervals_cover_the_truth_where_plain_ones_do_not(share: float) -> None:
    """Each of 150 persons has a share of exits of their own, and 1 to 10 sessions."""
    source = np.random.default_rng(3)
    covered = plain = 0
    for _ in range(600):
        own = source.beta(share, 1 - share, 150)
        n = source.integers(1, 11, 150)
        x = source.binomial(n, own)
        sums = [pd.Series([value]) for value in (x.sum(), n.sum(), (x * x).sum(), (x * n).sum(), (n * n).sum())]
        effect = design_effect(*sums[:2], count_squares=sums[2], products=sums[3], base_squares=sums[4])
        low, high = clustered_wilson(*sums[:2], effect)
        covered += low[0] <= share <= high[0]
        low, high = clustered_wilson(*sums[:2], np.ones(1))
        plain += low[0] <= share <= high[0]
    assert 0.925 <= covered / 600 <= 0.975
    assert plain / 600 < 0.85
