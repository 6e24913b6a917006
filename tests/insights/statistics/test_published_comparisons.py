"""Comparisons of two groups equal published examples and other libraries."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency, fisher_exact
from statsmodels.stats.contingency_tables import StratifiedTable, Table2x2
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from journeys.insights.statistics.comparisons import (
    benjamini_hochberg,
    katz_interval,
    newcombe_interval,
    two_proportion_p,
)
from journeys.insights.statistics.strata import stratified_p, stratified_ratio

RANDOM = np.random.default_rng(1)
BASES = RANDOM.integers(30, 900, (2, 40))
COUNTS = (BASES * RANDOM.uniform(0.1, 0.9, BASES.shape)).astype(int)
GROUPS = (COUNTS[0], BASES[0], COUNTS[1], BASES[1])


def test_newcombe_is_his_published_example() -> None:
    # Newcombe 1998, table II: 56/70 - 48/80 by method 10 is .0524 to .3339.
    low, high = newcombe_interval(*map(np.array, ([56], [70], [48], [80])))
    assert (low[0], high[0]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_newcombe_and_katz_equal_statsmodels() -> None:
    for ours, method, compare in ((newcombe_interval, "newcomb", "diff"), (katz_interval, "log", "ratio")):
        low, high = ours(*GROUPS)
        for place, group in enumerate(zip(*GROUPS, strict=True)):
            theirs = confint_proportions_2indep(*group, method=method, compare=compare)
            assert (low[place], high[place]) == pytest.approx(theirs, abs=1e-9), method


def test_katz_equals_the_contingency_table() -> None:
    low, high = katz_interval(*map(np.array, ([30], [100], [15], [120])))
    table = Table2x2(np.array([[30, 70], [15, 105]]))
    assert (low[0], high[0]) == pytest.approx(table.riskratio_confint(), rel=1e-9)


def test_p_is_pearsons_where_enough_are_expected_and_fishers_else() -> None:
    found = two_proportion_p(*GROUPS)
    for place, (x1, n1, x2, n2) in enumerate(zip(*GROUPS, strict=True)):
        table = [[x1, n1 - x1], [x2, n2 - x2]]
        assert found[place] == pytest.approx(chi2_contingency(table, correction=False).pvalue, abs=1e-9)
    [small] = two_proportion_p(*map(np.array, ([3], [40], [9], [50])))  # .13 * 40 is above 5, so Pearson
    assert small == pytest.approx(chi2_contingency([[3, 37], [9, 41]], correction=False).pvalue)
    [rare] = two_proportion_p(*map(np.array, ([1], [40], [4], [50])))  # 5 / 90 * 40 is below 5
    assert rare == pytest.approx(fisher_exact([[1, 39], [4, 46]]).pvalue)


def test_q_equals_statsmodels_and_passes_over_what_was_not_tested() -> None:
    p = RANDOM.uniform(0, 1, 50) ** 3
    q = benjamini_hochberg(np.insert(p, 10, np.nan))
    assert np.isnan(q[10])
    assert np.delete(q, 10) == pytest.approx(multipletests(p, method="fdr_bh")[1], abs=1e-12)
    assert len(benjamini_hochberg(np.array([]))) == 0
    assert np.isnan(benjamini_hochberg(np.array([np.nan]))).all()


@pytest.mark.parametrize("group", [(0, 0, 5, 10), (5, 10, 0, 0), (0, 0, 0, 0)])
def test_an_empty_group_gives_nothing(group: tuple[int, ...]) -> None:
    given = [np.array([each]) for each in group]
    for found in (*newcombe_interval(*given), *katz_interval(*given), two_proportion_p(*given)):
        assert np.isnan(found).all()


def test_shares_of_none_and_all_are_no_trouble() -> None:
    given = [np.array(each) for each in ([0, 50, 0], [50, 50, 50], [0, 50, 50], [50, 50, 50])]
    low, high = newcombe_interval(*given)
    assert low[:2] == pytest.approx(-high[:2])
    assert two_proportion_p(*given)[:2] == pytest.approx([1, 1])
    assert two_proportion_p(*given)[2] < 1e-20
    ratio_low, ratio_high = katz_interval(*given)
    assert (ratio_low[1], ratio_high[1]) == (1, 1)
    assert np.isnan(ratio_low[[0, 2]]).all()


def test_the_stratified_ratio_is_mantel_and_haenszels() -> None:
    # Kidney stones (Charig 1986), open surgery against the other: small ones 81/87, 234/270, large 192/263, 55/80.
    given = [np.array([each]) for each in ([81, 192], [87, 263], [234, 55], [270, 80])]
    ratio, low, high = stratified_ratio(*given)
    # By hand: (81*270/357 + 192*80/343) / (234*87/357 + 55*263/343).
    assert ratio[0] == pytest.approx((81 * 270 / 357 + 192 * 80 / 343) / (234 * 87 / 357 + 55 * 263 / 343))
    tables = [np.array([[81, 6], [234, 36]]), np.array([[192, 71], [55, 25]])]
    assert ratio[0] == pytest.approx(StratifiedTable(tables).riskratio_pooled, rel=1e-9)
    sign, p = stratified_p(*given)
    assert (sign[0], p[0]) == (1, pytest.approx(StratifiedTable(tables).test_null_odds(correction=False).pvalue))
    # Crude, the sign is the other way round: 273/350 against 289/350.
    assert 273 / 289 < 1 < ratio[0]
    assert low[0] < ratio[0] < high[0]


def test_one_stratum_is_the_plain_ratio_with_nearly_katz_interval() -> None:
    ratio, low, high = stratified_ratio(*(each[:, None] for each in GROUPS))
    assert ratio == pytest.approx((GROUPS[0] / GROUPS[1]) / (GROUPS[2] / GROUPS[3]))
    assert low == pytest.approx(katz_interval(*GROUPS)[0], rel=1e-9)
    assert high == pytest.approx(katz_interval(*GROUPS)[1], rel=1e-9)


def test_the_stratified_ratio_of_no_counts_is_nothing() -> None:
    zero = np.zeros((1, 2))
    assert np.isnan(stratified_ratio(zero, zero, zero, zero)).all()
    assert stratified_ratio(*(np.zeros((0, 2)) for _ in range(4)))[0].shape == (0,)
    sign, p = stratified_p(zero, zero, zero, zero)
    assert sign.tolist() == [0]
    assert np.isnan(p).all()


def test_the_stratified_p_equals_statsmodels_and_passes_over_strata_of_one() -> None:
    x1, n1, x2, n2 = ([each[start : start + 4] for start in range(0, 40, 4)] for each in GROUPS)
    sign, p = stratified_p(x1, n1, x2, n2)
    for place, rows in enumerate(zip(x1, n1, x2, n2, strict=True)):
        tables = [np.array([[a, n - a], [b, m - b]]) for a, n, b, m in zip(*rows, strict=True)]
        assert p[place] == pytest.approx(StratifiedTable(tables).test_null_odds(correction=False).pvalue, abs=1e-9)
    alone = stratified_p(*(np.append(each, np.full((10, 1), more), axis=1) for each, more in
                           ((x1, 1), (n1, 1), (x2, 0), (n2, 0))))  # fmt: skip
    assert alone[1] == pytest.approx(p)
    assert (alone[0] == sign).all()
