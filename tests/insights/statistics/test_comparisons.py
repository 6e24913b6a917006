"""Two shares compared, against published examples, statsmodels and scipy."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from journeys.insights.statistics.comparisons import (
    benjamini_hochberg,
    katz_interval,
    newcombe_interval,
    two_proportion_p,
)
from journeys.insights.statistics.intervals import too_few


def test_the_published_example_of_two_shares(evaluation: dict[str, Any]) -> None:
    case = evaluation["two_proportions"]
    given = (case["variant"]["x"], case["variant"]["n"], case["control"]["x"], case["control"]["n"])
    wanted = case["expected"]
    assert [float(end) for end in newcombe_interval(*given)] == pytest.approx(wanted["diff_ci95_newcombe"], abs=1e-12)
    ratio = [float(end) - 1 for end in katz_interval(*given)]
    assert ratio == pytest.approx(wanted["relative_lift_ci95_katz"], abs=1e-12)
    assert float(two_proportion_p(*given)) == pytest.approx(wanted["p_two_sided"], abs=1e-12)


def test_small_cells_are_tested_exactly(evaluation: dict[str, Any]) -> None:
    (a, b), (c, d) = evaluation["fisher_small"]["table"]
    found = two_proportion_p(a, a + b, c, c + d)
    assert float(found) == pytest.approx(evaluation["fisher_small"]["p_two_sided"], abs=1e-12)


def test_the_published_example_of_false_discoveries(evaluation: dict[str, Any]) -> None:
    case = evaluation["benjamini_hochberg"]
    q = benjamini_hochberg(case["p"])
    assert q == pytest.approx(case["q"], abs=1e-12)
    assert (q <= 0.05).tolist() == case["rejected_at_0_05"]


def test_arrays_agree_with_statsmodels_and_scipy_one_by_one() -> None:
    source = np.random.default_rng(3)
    n1, n2 = source.integers(2, 400, 60), source.integers(2, 400, 60)
    x1, x2 = source.binomial(n1, 0.3), source.binomial(n2, 0.4)
    p = two_proportion_p(x1, n1, x2, n2)
    newcombe, katz = newcombe_interval(x1, n1, x2, n2), katz_interval(x1, n1, x2, n2)
    kinds = set()
    for place in range(60):
        one = (int(x1[place]), int(n1[place]), int(x2[place]), int(n2[place]))
        share = (one[0] + one[2]) / (one[1] + one[3])
        is_large = min(one[1], one[3]) * min(share, 1 - share) >= 5
        kinds.add(is_large)
        table = [[one[0], one[1] - one[0]], [one[2], one[3] - one[2]]]
        expected = proportions_ztest([one[0], one[2]], [one[1], one[3]])[1] if is_large else fisher_exact(table)[1]
        assert p[place] == pytest.approx(expected, abs=1e-9)
        wanted = confint_proportions_2indep(*one, method="newcomb", compare="diff")
        assert (newcombe[0][place], newcombe[1][place]) == pytest.approx(wanted, abs=1e-9)
        if one[0] and one[2]:
            wanted = confint_proportions_2indep(*one, method="log", compare="ratio")
            assert (katz[0][place], katz[1][place]) == pytest.approx(wanted, abs=1e-9)
    assert kinds == {True, False}


def test_what_was_not_tested_is_not_in_the_family() -> None:
    p = np.array([0.01, np.nan, 0.03, 0.5])
    q = benjamini_hochberg(p)
    assert np.isnan(q[1])
    # Of three tests: .01 * 3 / 1, .03 * 3 / 2, .5 * 3 / 3.
    assert q[[0, 2, 3]] == pytest.approx([0.03, 0.045, 0.5])
    assert benjamini_hochberg(p[[0, 2, 3]], any_dependence=True) == pytest.approx(
        multipletests(p[[0, 2, 3]], method="fdr_by")[1]
    )
    assert benjamini_hochberg([]).tolist() == []
    assert np.isnan(benjamini_hochberg([np.nan, np.nan])).all()


def test_an_empty_base_gives_nothing_and_disturbs_no_neighbour() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        low, high = newcombe_interval([3, 5], [0, 10], [1, 5], [10, 10])
    assert np.isnan([low[0], high[0]]).all()
    assert low[1] < 0 < high[1]
    assert np.isnan(two_proportion_p(0, 0, 1, 10))
    assert np.isnan(katz_interval(0, 10, 1, 10)[0]), "a ratio of 0 has no interval on the log scale"


def test_a_base_below_thirty_is_too_few() -> None:
    assert too_few([0, 29, 30, np.nan]).tolist() == [True, True, False, True]
    assert too_few([29], min_n=10).tolist() == [False]
