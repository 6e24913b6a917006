"""Two shares compared: their difference with its interval, the test that they are equal, and many tests at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from journeys.insights.statistics.intervals import share_of, wilson_interval

# Below this expected count in any of the four cells the normal approximation is not good enough.
_LEAST_EXPECTED = 5


def newcombe_interval(
    a_counts: pd.Series, a_bases: pd.Series, b_counts: pd.Series, b_bases: pd.Series
) -> tuple[np.ndarray, np.ndarray]:
    """Return the low and high ends of the 95 % interval of a / a_base - b / b_base; NaN where a base is 0.

    Source: Newcombe (1998), method 10, from the two Wilson intervals.
    """
    a, b = share_of(a_counts, a_bases), share_of(b_counts, b_bases)
    a_low, a_high = wilson_interval(a_counts, a_bases)
    b_low, b_high = wilson_interval(b_counts, b_bases)
    low = (a - b) - np.sqrt((a - a_low) ** 2 + (b_high - b) ** 2)
    high = (a - b) + np.sqrt((a_high - a) ** 2 + (b - b_low) ** 2)
    return low, high


def equal_shares_p(a_counts: pd.Series, a_bases: pd.Series, b_counts: pd.Series, b_bases: pd.Series) -> np.ndarray:
    """Return the two-sided p-value of equal shares, per row; NaN where a base is 0.

    The pooled two-proportion z-test; Fisher's exact test where an expected count is below 5. Equal shares of 0 or of 1
    have p = 1.
    """
    from scipy.special import ndtr  # slow to import, and not every verb needs it

    x, n = a_counts.to_numpy(dtype=float), a_bases.to_numpy(dtype=float)
    y, m = b_counts.to_numpy(dtype=float), b_bases.to_numpy(dtype=float)
    has_base = (n > 0) & (m > 0)
    pooled = np.divide(x + y, n + m, out=np.zeros_like(x), where=has_base)
    error = np.sqrt(pooled * (1 - pooled) * np.divide(n + m, n * m, out=np.zeros_like(x), where=has_base))
    gap = share_of(a_counts, a_bases) - share_of(b_counts, b_bases)
    z = np.divide(gap, error, out=np.zeros_like(x), where=error > 0)
    p = np.where(has_base, 2 * ndtr(-np.abs(z)), np.nan)
    expected = np.minimum(pooled, 1 - pooled) * np.minimum(n, m)
    for row in np.flatnonzero(has_base & (error > 0) & (expected < _LEAST_EXPECTED)):
        p[row] = _fisher_p(x[row], n[row], y[row], m[row])
    return p


def false_discovery_q(p: np.ndarray) -> np.ndarray:
    """Return the q-values of one family of tests after Benjamini and Hochberg (1995); NaN stays and is no test."""
    from scipy.stats import false_discovery_control

    q = np.full(len(p), np.nan)
    is_test = ~np.isnan(p)
    if is_test.any():
        q[is_test] = false_discovery_control(p[is_test])
    return q


def _fisher_p(x: float, n: float, y: float, m: float) -> float:
    from scipy.stats import fisher_exact

    return float(fisher_exact([[int(x), int(n - x)], [int(y), int(m - y)]])[1])
