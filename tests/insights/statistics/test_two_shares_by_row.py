"""Two shares compared: equal to statsmodels and scipy, row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from journeys.insights.statistics.comparisons import benjamini_hochberg, newcombe_interval, two_proportion_p

CASES = [
    (30, 100, 45, 120),
    (1, 1000, 0, 30),
    (50, 50, 40, 50),
    (500, 1000, 480, 990),
    (3, 30, 9, 31),
    (7, 7000, 9, 40),
]


def columns(cases: list[tuple[int, int, int, int]]) -> list[pd.Series]:
    return [pd.Series(values) for values in zip(*cases, strict=True)]


def test_the_interval_is_newcombes() -> None:
    low, high = newcombe_interval(*columns(CASES))
    for place, (x, n, y, m) in enumerate(CASES):
        wanted = confint_proportions_2indep(x, n, y, m, method="newcomb", compare="diff")
        assert (low[place], high[place]) == pytest.approx(wanted, abs=1e-9)


def test_the_test_is_the_pooled_z_test_or_fishers_where_few_are_expected() -> None:
    p = two_proportion_p(*columns(CASES))
    for place, (x, n, y, m) in enumerate(CASES):
        pooled = (x + y) / (n + m)
        has_few = min(pooled, 1 - pooled) * min(n, m) < 5
        fisher = fisher_exact([[x, n - x], [y, m - y]])[1]
        wanted = fisher if has_few else proportions_ztest([x, y], [n, m])[1]
        assert p[place] == pytest.approx(wanted, abs=1e-9)
    assert {min((x + y) / (n + m), 1 - (x + y) / (n + m)) * min(n, m) < 5 for x, n, y, m in CASES} == {True, False}


def test_equal_shares_are_no_find_and_no_base_is_no_test() -> None:
    p = two_proportion_p(*columns([(0, 50, 0, 60), (50, 50, 60, 60), (10, 50, 10, 50), (0, 0, 5, 50)]))
    assert p[:3].tolist() == [1.0, 1.0, 1.0]
    assert np.isnan(p[3])
    assert np.isnan(newcombe_interval(*columns([(0, 0, 5, 50)]))[0][0])


def test_q_values_are_those_of_benjamini_and_hochberg_over_the_tests_made() -> None:
    p = np.array([0.01, np.nan, 0.04, 0.03, 0.5, np.nan])
    q = benjamini_hochberg(p)
    made = ~np.isnan(p)
    assert np.isnan(q[~made]).all()
    assert q[made] == pytest.approx(multipletests(p[made], method="fdr_bh")[1], abs=1e-12)
    # By hand: sorted .01 .03 .04 .5 -> 4 x .01 = .04, 4/2 x .03 = .06 -> capped by 4/3 x .04 = .0533, .0533, .5.
    assert q[made] == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert np.isnan(benjamini_hochberg(np.array([np.nan]))).all()


def test_under_the_null_hardly_a_family_has_a_find() -> None:
    """Of 1,000 families of 20 true nulls, 5 % at most have a q of 0.05 or less, within Monte Carlo's 99 %."""
    random = np.random.default_rng(3)
    shares = np.tile(random.uniform(0.1, 0.9, 20), 1_000)
    a, b = random.binomial(150, shares), random.binomial(400, shares)
    bases = [pd.Series(np.full(len(shares), n)) for n in (150, 400)]
    p = two_proportion_p(pd.Series(a), bases[0], pd.Series(b), bases[1]).reshape(1_000, 20)
    finds = sum((benjamini_hochberg(family) <= 0.05).any() for family in p) / 1_000
    assert finds - 2.576 * np.sqrt(finds * (1 - finds) / 1_000) <= 0.05


def test_the_interval_holds_the_true_difference_as_often_as_it_says() -> None:
    random = np.random.default_rng(5)
    for a_share, b_share in ((0.1, 0.2), (0.5, 0.5), (0.9, 0.6)):
        sides = [pd.Series(random.binomial(n, share, 4_000)) for n, share in ((120, a_share), (200, b_share))]
        bases = [pd.Series(np.full(4_000, n)) for n in (120, 200)]
        low, high = newcombe_interval(sides[0], bases[0], sides[1], bases[1])
        covered = ((low <= a_share - b_share) & (a_share - b_share <= high)).mean()
        assert 0.93 <= covered <= 0.97
