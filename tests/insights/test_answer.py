"""Intervals and shares: closed forms, and missing where there is no base."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from journeys.insights.statistics.intervals import share_of, wilson_interval


def wilson(x: int, n: int) -> tuple[float, float]:
    """Wilson 1927, 95 %."""
    z = 1.959963984540054
    centre = (x + z * z / 2) / (n + z * z)
    half = z * math.sqrt(x * (n - x) / n + z * z / 4) / (n + z * z)
    return centre - half, centre + half


def test_wilson_is_its_closed_form() -> None:
    cases = [(0, 1), (1, 1), (1, 10), (5, 10), (37, 120), (250, 10_000), (999_999, 1_000_000)]
    counts, bases = (pd.Series(each) for each in zip(*cases, strict=True))
    low, high = wilson_interval(counts, bases)
    for place, (x, n) in enumerate(cases):
        assert (low[place], high[place]) == pytest.approx(wilson(x, n), abs=1e-12)
        assert low[place] + 1e-12 >= 0
        assert low[place] <= x / n + 1e-12
        assert high[place] >= x / n - 1e-12


def test_without_a_base_there_is_no_share_and_no_interval() -> None:
    counts, bases = pd.Series([0, 3]), pd.Series([0, 4])
    low, high = wilson_interval(counts, bases)
    assert math.isnan(low[0])
    assert math.isnan(high[0])
    shares = share_of(counts, bases)
    assert math.isnan(shares[0])
    assert shares[1] == 0.75


def test_nobody_at_all() -> None:
    empty = pd.Series([], dtype="int64")
    low, high = wilson_interval(empty, empty)
    assert (len(low), len(high), len(share_of(empty, empty))) == (0, 0, 0)
