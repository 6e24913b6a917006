"""Two groups compared: differences and ratios of shares with their intervals, p and q values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from journeys.insights.statistics.intervals import wilson_interval

Counts = pd.Series | np.ndarray
_Z = 1.959963984540054
_SMALLEST_EXPECTED = 5


def newcombe_interval(x1: Counts, n1: Counts, x2: Counts, n2: Counts) -> tuple[np.ndarray, np.ndarray]:
    """Return the low and high ends of the 95 % interval of x1 / n1 - x2 / n2; NaN where a base is 0.

    Source: Newcombe (1998), method 10: from the Wilson intervals of the two shares.
    """
    first, first_base, second, second_base = map(_floats, (x1, n1, x2, n2))
    one, other = _divide(first, first_base), _divide(second, second_base)
    low, high = wilson_interval(pd.Series(first), pd.Series(first_base))
    other_low, other_high = wilson_interval(pd.Series(second), pd.Series(second_base))
    difference = one - other
    return (
        difference - np.sqrt((one - low) ** 2 + (other_high - other) ** 2),
        difference + np.sqrt((high - one) ** 2 + (other - other_low) ** 2),
    )


def katz_interval(x1: Counts, n1: Counts, x2: Counts, n2: Counts) -> tuple[np.ndarray, np.ndarray]:
    """Return the low and high ends of the 95 % interval of (x1 / n1) / (x2 / n2); NaN where a count or base is 0.

    Source: Katz, Baptista, Azen and Pike (1978): normal on the logarithm.
    """
    first, first_base, second, second_base = map(_floats, (x1, n1, x2, n2))
    is_usable = (first > 0) & (second > 0) & (first_base > 0) & (second_base > 0)
    first, first_base, second, second_base = (
        np.where(is_usable, each, np.nan) for each in (first, first_base, second, second_base)
    )
    middle = np.log(first / first_base) - np.log(second / second_base)
    # Rounding must not make the variance of two full shares negative.
    spread = _Z * np.sqrt(np.maximum(1 / first - 1 / first_base + 1 / second - 1 / second_base, 0))
    return np.exp(middle - spread), np.exp(middle + spread)


def two_proportion_p(x1: Counts, n1: Counts, x2: Counts, n2: Counts) -> np.ndarray:
    """Return the two-sided p that two shares are one: pooled z, Fisher's exact test where less than 5 are expected.

    NaN where a base is 0.
    """
    from scipy.stats import fisher_exact, norm

    first, first_base, second, second_base = map(_floats, (x1, n1, x2, n2))
    pooled = _divide(first + second, first_base + second_base)
    spread = np.sqrt(pooled * (1 - pooled) * (_divide(1.0, first_base) + _divide(1.0, second_base)))
    z = _divide(np.abs(_divide(first, first_base) - _divide(second, second_base)), spread)
    found = 2 * norm.sf(z)
    rarer = np.minimum(pooled, 1 - pooled)
    is_small = (rarer * np.minimum(first_base, second_base) < _SMALLEST_EXPECTED) & (first_base > 0) & (second_base > 0)
    for place in np.flatnonzero(is_small):
        table = [[first[place], first_base[place] - first[place]], [second[place], second_base[place] - second[place]]]
        found[place] = fisher_exact(np.asarray(table, dtype=np.int64)).pvalue
    return np.asarray(found, dtype=float)


def benjamini_hochberg(p: Counts) -> np.ndarray:
    """Return the q value of each p, all that are given being one family; a NaN stays NaN and is no member.

    Source: Benjamini and Hochberg (1995), as computed by scipy.
    """
    from scipy.stats import false_discovery_control

    values = _floats(p)
    is_tested = ~np.isnan(values)
    q = np.full(values.shape, np.nan)
    if is_tested.any():
        q[is_tested] = false_discovery_control(values[is_tested], method="bh")
    return q


def _floats(values: Counts) -> np.ndarray:
    return np.atleast_1d(np.asarray(values, dtype=float))


def _divide(numerator: np.ndarray | float, denominator: np.ndarray) -> np.ndarray:
    """Divide, NaN where the denominator is 0."""
    return np.asarray(numerator / np.where(denominator > 0, denominator, np.nan), dtype=float)
