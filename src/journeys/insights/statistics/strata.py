"""Two groups compared within strata, so that what the strata stand for explains no difference."""

from __future__ import annotations

import numpy as np

_Z = 1.959963984540054


def stratified_ratio(
    x1: np.ndarray, n1: np.ndarray, x2: np.ndarray, n2: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the ratio of two shares over strata and the ends of its 95 % interval; NaN where a group has no count.

    Source: Mantel and Haenszel (1959) for the ratio, Greenland and Robins (1985) for the interval.

    Args:
        x1: counts of the first group: one row per comparison, one column per stratum.
        n1: their bases.
        x2: counts of the second group.
        n2: their bases.
    """
    x1, n1, x2, n2 = (np.asarray(each, dtype=float) for each in (x1, n1, x2, n2))
    total = np.where(n1 + n2 > 0, n1 + n2, 1.0)
    first, second = (x1 * n2 / total).sum(axis=1), (x2 * n1 / total).sum(axis=1)
    is_usable = (first > 0) & (second > 0)
    first, second = np.where(is_usable, first, np.nan), np.where(is_usable, second, np.nan)
    spread = (((x1 + x2) * n1 * n2 / total - x1 * x2) / total).sum(axis=1)
    width = _Z * np.sqrt(np.maximum(spread / (first * second), 0))
    ratio = first / second
    return ratio, ratio * np.exp(-width), ratio * np.exp(width)


def stratified_p(x1: np.ndarray, n1: np.ndarray, x2: np.ndarray, n2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return whether the first share is larger within strata (1, -1, or 0), and the two-sided p that they are one.

    NaN where no stratum has both groups, a count and a miss. Source: Cochran (1954), Mantel and Haenszel (1959),
    without correction for continuity.

    Args:
        x1: counts of the first group: one row per comparison, one column per stratum.
        n1: their bases.
        x2: counts of the second group.
        n2: their bases.
    """
    from scipy.stats import norm

    x1, n1, x2, n2 = (np.asarray(each, dtype=float) for each in (x1, n1, x2, n2))
    total = np.where(n1 + n2 > 1, n1 + n2, 2.0)
    won = np.where(n1 + n2 > 1, x1 + x2, 0.0)
    excess = np.where(n1 + n2 > 1, x1 - won * n1 / total, 0.0).sum(axis=1)
    spread = (won * (total - won) * n1 * n2 / (total**2 * (total - 1))).sum(axis=1)
    z = excess / np.sqrt(np.where(spread > 0, spread, np.nan))
    return np.sign(np.where(np.isnan(z), 0.0, z)), np.asarray(2 * norm.sf(np.abs(z)), dtype=float)
