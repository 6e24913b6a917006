"""Percentiles and Kaplan-Meier medians equal numpy's and lifelines'."""

from __future__ import annotations

import math

import numpy as np
import pytest
from lifelines import KaplanMeierFitter

from journeys.insights.statistics.percentiles import grouped_percentiles
from journeys.insights.statistics.survival import kaplan_meier_median


def test_percentiles_of_groups_equal_numpys() -> None:
    source = np.random.default_rng(2)
    groups = [np.sort(source.integers(0, 10**12, size)) for size in (1, 2, 3, 4, 11, 100)]
    counts = np.array(list(map(len, groups)))
    found = grouped_percentiles(np.concatenate(groups), np.cumsum(counts) - counts, counts, [0, 0.5, 0.75, 0.9, 1])
    for place, group in enumerate(groups):
        assert found[place] == pytest.approx(np.percentile(group, [0, 50, 75, 90, 100]), rel=1e-12)


def test_the_median_worked_out_by_hand() -> None:
    # Ten watched: ends at 1, 2, 2, 5, 9; five leave unfinished at 2, 3, 6, 7, 8.
    # S(1) = 9/10; S(2) = .9 * 7/9 = .7; at risk at 5: five, S = .56; at 9: one, S = 0.
    ended, watched = np.array([1, 2, 2, 5, 9]), np.array([1, 2, 2, 2, 3, 5, 6, 7, 8, 9])
    assert kaplan_meier_median(ended, watched) == 9
    # Without the last end, half have never gone.
    assert math.isnan(kaplan_meier_median(ended[:4], watched))
    assert math.isnan(kaplan_meier_median(np.array([]), watched))
    # Exactly a half is half.
    assert kaplan_meier_median(np.array([3, 4]), np.array([3, 4, 5, 6])) == 4


def test_medians_equal_lifelines() -> None:
    source = np.random.default_rng(3)
    for _ in range(60):
        size = int(source.integers(2, 60))
        durations = source.integers(0, 15, size)
        is_ended = source.random(size) < 0.6
        fitter = KaplanMeierFitter().fit(durations, is_ended)
        if np.isclose(fitter.survival_function_.to_numpy(), 0.5, atol=1e-9).any():
            continue  # a half to the last digit is a matter of rounding there
        mine = kaplan_meier_median(np.sort(durations[is_ended]), np.sort(durations))
        theirs = fitter.median_survival_time_
        assert (math.isnan(mine) and math.isinf(theirs)) or mine == theirs
