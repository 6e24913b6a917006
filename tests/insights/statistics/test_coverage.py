"""95 % intervals hold the truth in 95 of 100 worlds: shares, differences, ratios and shares under censoring."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from journeys.insights.statistics.comparisons import katz_interval, newcombe_interval
from journeys.insights.statistics.intervals import wilson_interval
from journeys.insights.statistics.survival import aalen_johansen_share, kaplan_meier_share

WORLDS = pytest.mark.parametrize(
    "worlds", [pytest.param(1000, id="1000"), pytest.param(20_000, id="20000", marks=pytest.mark.prove)]
)
Hits = Callable[[np.random.Generator, int], np.ndarray]


def draw_shares(source: np.random.Generator, worlds: int) -> tuple[np.ndarray, ...]:
    """Bases of 100 to 2,000 and shares of .1 to .9, two in each world, and what is counted."""
    bases = source.integers(100, 2000, (2, worlds))
    shares = source.uniform(0.1, 0.9, (2, worlds))
    return bases, shares, source.binomial(bases, shares)


def wilson(source: np.random.Generator, worlds: int) -> np.ndarray:
    bases, shares, counts = draw_shares(source, worlds)
    low, high = wilson_interval(pd.Series(counts[0]), pd.Series(bases[0]))
    return (low <= shares[0]) & (shares[0] <= high)


def newcombe(source: np.random.Generator, worlds: int) -> np.ndarray:
    bases, shares, counts = draw_shares(source, worlds)
    low, high = newcombe_interval(counts[0], bases[0], counts[1], bases[1])
    return (low <= shares[0] - shares[1]) & (shares[0] - shares[1] <= high)


def katz(source: np.random.Generator, worlds: int) -> np.ndarray:
    bases, shares, counts = draw_shares(source, worlds)
    low, high = katz_interval(counts[0], bases[0], counts[1], bases[1])
    return (low <= shares[0] / shares[1]) & (shares[0] / shares[1] <= high)


def watched(source: np.random.Generator, *, ends: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Persons who end in one of several ways, or are watched too shortly; by half units, so that many are tied.

    Returns the durations, the kinds, the chance of each way by 10, and 10.
    """
    size = int(source.integers(100, 600))
    rates = source.uniform(0.02, 0.2 / ends, ends)
    total = rates.sum()
    by_ten = rates / total * (1 - np.exp(-total * 10))
    at, kind = source.exponential(1 / total, size), source.choice(ends, size, p=rates / total) + 1
    # Half are watched for 5 to 10 only, the others for long.
    until = np.where(source.random(size) < 0.5, source.integers(10, 20, size) / 2, 30.0)
    return np.ceil(np.minimum(at, until) * 2) / 2, np.where(at <= until, kind, 0), by_ten, 10.0


def kaplan_meier(source: np.random.Generator, worlds: int) -> np.ndarray:
    hits = []
    for _ in range(worlds):
        times, kinds, (share,), at = watched(source, ends=1)
        found = kaplan_meier_share(times, kinds == 1, at)
        hits.append(found.low <= share <= found.high)
    return np.array(hits)


def aalen_johansen(source: np.random.Generator, worlds: int) -> np.ndarray:
    hits = []
    for _ in range(worlds):
        times, kinds, shares, at = watched(source, ends=2)
        found = aalen_johansen_share(times, kinds, at)
        hits.append(found.low <= shares[0] <= found.high)
    return np.array(hits)


@WORLDS
@pytest.mark.parametrize("hits", [wilson, newcombe, katz, kaplan_meier, aalen_johansen], ids=lambda one: one.__name__)
def test_the_interval_holds_the_truth(worlds: int, hits: Hits, record_property: Callable[[str, object], None]) -> None:
    share = float(hits(np.random.default_rng(17), worlds).mean())
    record_property("shown", f"{hits.__name__}: {share:.2%} of {worlds:,} worlds")
    assert 0.93 <= share <= 0.97
