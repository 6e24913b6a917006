"""Differences within strata, against the published kidney stones and statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from journeys.insights.statistics.strata import compare_strata

# Charig et al. 1986: successes and operations of open surgery and of the new method, small stones, then large ones.
OPEN, NEW = ([81, 192], [87, 263]), ([234, 55], [270, 80])


def test_kidney_stones(evaluation: dict[str, Any]) -> None:
    wanted = evaluation["simpson_kidney_stones"]["expected"]
    found = compare_strata(*OPEN, *NEW)
    assert found.crude == pytest.approx(wanted["crude_rd"], abs=1e-12)
    assert found.difference == pytest.approx(wanted["mh_risk_difference"], abs=1e-12)
    assert found.odds_ratio == pytest.approx(wanted["mh_or"], abs=1e-12)
    assert found.p_value == pytest.approx(wanted["cmh_p"], abs=1e-12)
    assert found.standard_exposed == pytest.approx(wanted["standardised_exposed"], abs=1e-12)
    assert found.standard_unexposed == pytest.approx(wanted["standardised_unexposed"], abs=1e-12)


def test_the_sign_that_strata_turn_is_said() -> None:
    # Open surgery looks worse and is better in both strata; 350 a side leave the size of it open.
    found = compare_strata(*OPEN, *NEW)
    assert found.crude < 0 < found.difference
    assert found.low < 0 < found.high
    assert found.confounding == "changed"
    ten_times = compare_strata(*(np.multiply(each, 10) for each in (*OPEN, *NEW)))
    assert ten_times.low > 0
    assert ten_times.confounding == "reversed"


def test_strata_that_change_nothing_raise_no_warning() -> None:
    assert compare_strata([30, 30], [100, 100], [20, 20], [100, 100]).confounding == ""
    # Crude .3 - .2; half of it within strata or less is told.
    assert compare_strata([300, 10], [500, 100], [30, 50], [100, 500]).confounding == "changed"


def test_one_stratum_is_a_plain_difference() -> None:
    found = compare_strata([30], [100], [20], [200])
    assert found.crude == found.difference == pytest.approx(0.2)
    # Sato's variance for one table, with q = p1(1-p1)/m + p0(1-p0)/n up to its small-sample terms.
    assert (found.high - found.low) / 3.92 == pytest.approx(np.sqrt(0.3 * 0.7 / 100 + 0.1 * 0.9 / 200), rel=0.01)


def test_odds_and_homogeneity_equal_statsmodels() -> None:
    source = np.random.default_rng(2)
    m, n = source.integers(40, 200, 12), source.integers(40, 200, 12)
    a, b = source.binomial(m, 0.4), source.binomial(n, 0.3)
    tables = StratifiedTable(np.array([[a, m - a], [b, n - b]]))
    found = compare_strata(a, m, b, n)
    assert found.odds_ratio == pytest.approx(tables.oddsratio_pooled, rel=1e-12)
    assert found.p_value == pytest.approx(tables.test_null_odds().pvalue, rel=1e-9)
    assert found.homogeneity_p == pytest.approx(tables.test_equal_odds().pvalue, rel=1e-9)


def test_strata_with_one_group_only_and_empty_ones_do_not_count() -> None:
    found = compare_strata([30, 5, 0, 0], [100, 10, 0, 0], [20, 0, 7, 0], [200, 0, 9, 0])
    assert found.stratum_count == 1
    assert found.difference == pytest.approx(0.2)
    assert found.crude == pytest.approx(35 / 110 - 27 / 209)
    for nothing in (([], [], [], []), ([0], [10], [0], [10]), ([3], [10], [0], [0])):
        found = compare_strata(*nothing)
        assert np.isnan([found.difference, found.low, found.p_value, found.homogeneity_p]).all()
        assert found.confounding == ""


@pytest.mark.parametrize("size", [pytest.param(150, id="150"), pytest.param(3000, id="3000", marks=pytest.mark.prove)])
def test_the_interval_covers_the_difference(size: int) -> None:
    source = np.random.default_rng(20)
    hits = 0
    for _ in range(size):
        base = source.uniform(0.1, 0.6, 8)
        m, n = source.integers(5, 60, 8), source.integers(5, 60, 8)
        found = compare_strata(source.binomial(m, base + 0.1), m, source.binomial(n, base), n)
        hits += found.low <= 0.1 <= found.high
    error = np.sqrt(0.05 * 0.95 / size)
    assert 0.95 - 3 * error - 0.01 < hits / size < 0.95 + 3 * error + 0.01
