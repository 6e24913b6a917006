"""Intervals of shares whose cases come in clusters: sessions of one person are alike."""

from __future__ import annotations

import numpy as np
import pandas as pd

from journeys.insights.statistics.intervals import wilson_interval


def design_effect(
    counts: pd.Series, bases: pd.Series, *, count_squares: pd.Series, products: pd.Series, base_squares: pd.Series
) -> np.ndarray:
    """Return by how much the variance of a ratio of sums over persons exceeds that of independent cases; 1 at least.

    It is 1 where every person has one case, and where the share is 0 or 1, which tells nothing of the spread.

    Args:
        counts: sum over persons of each one's count.
        bases: sum over persons of each one's base.
        count_squares: sum of the squares of the counts.
        products: sum of count times base.
        base_squares: sum of the squares of the bases.

    Source: linearised variance of a ratio, Cochran, Sampling Techniques (1977), 9A.
    """
    x, n = counts.to_numpy(dtype=float), bases.to_numpy(dtype=float)
    share = np.where(n > 0, x / np.where(n > 0, n, 1.0), 0.0)
    spread = (
        count_squares.to_numpy(dtype=float)
        - 2 * share * products.to_numpy(dtype=float)
        + share**2 * base_squares.to_numpy(dtype=float)
    )
    alone = n * share * (1 - share)
    return np.where(alone > 0, np.maximum(spread / np.where(alone > 0, alone, 1.0), 1.0), 1.0)


def clustered_wilson(counts: pd.Series, bases: pd.Series, effect: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the 95 % Wilson interval of counts / bases for as many independent cases as they are worth.

    Args:
        counts: cases that count.
        bases: all cases.
        effect: the design effect; 1 gives the plain Wilson interval.
    """
    return wilson_interval(counts / effect, bases / effect)
