"""Times waited: percentiles of those that ended, and Kaplan-Meier where some have not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def grouped_percentiles(
    values: np.ndarray, starts: np.ndarray, counts: np.ndarray, shares: Sequence[float]
) -> np.ndarray:
    """Return percentiles of groups of values, between neighbours by straight line (numpy's and SQL's usual rule).

    Args:
        values: all values, sorted inside each group.
        starts: place of each group's first value.
        counts: size of each group, at least 1.
        shares: 0 to 1.

    Returns:
        One row per group, one column per share.
    """
    places = (counts - 1)[:, None] * np.asarray(shares)[None, :]
    lower = np.floor(places).astype(np.int64)
    upper = np.minimum(lower + 1, (counts - 1)[:, None])
    low, high = values[starts[:, None] + lower], values[starts[:, None] + upper]
    return np.asarray(low + (high - low) * (places - lower), dtype=float)


def kaplan_meier_median(ended: np.ndarray, watched: np.ndarray) -> float:
    """Return the first time by which half have ended, by Kaplan and Meier (1958); NaN when fewer than half ever do.

    Equal times: who ends is counted before who leaves unfinished, as in lifelines.

    Args:
        ended: times at which something ended, sorted.
        watched: how long each one was watched, those that ended included, sorted.
    """
    if not len(ended):
        return float("nan")
    times, counts = np.unique(ended, return_counts=True)
    at_risk = len(watched) - np.searchsorted(watched, times, side="left")
    # A product of fractions that is exactly a half may come out a hair above it.
    is_half = np.cumprod(1 - counts / at_risk) <= 0.5 + 1e-12
    return float(times[np.argmax(is_half)]) if is_half.any() else float("nan")
