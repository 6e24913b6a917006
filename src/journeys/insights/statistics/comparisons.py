"""Two shares held against each other: intervals, tests, and how many finds of a whole table are to be believed.

Every function takes numbers or arrays of one shape and works element by element.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]
# A difference is a find where its q-value is this or less: so many finds of a table may be false.
FALSE_DISCOVERY_RATE = 0.05
# Cochran's rule: below so many expected in a cell the normal approximation is not used.
_LEAST_EXPECTED = 5.0


def newcombe_interval(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike) -> tuple[Numbers, Numbers]:
    """Return the ends of the 95 % Newcombe interval of x1 / n1 - x2 / n2; NaN where a base is 0.

    Source: Newcombe (1998), hybrid score interval without continuity correction, as computed by statsmodels.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    x1, n1, x2, n2 = _read(x1, n1, x2, n2)
    has_base = (n1 > 0) & (n2 > 0)
    low, high = confint_proportions_2indep(
        np.where(has_base, x1, 0.0), _base(n1, has_base), np.where(has_base, x2, 0.0), _base(n2, has_base),
        method="newcomb", compare="diff",
    )  # fmt: skip
    return np.where(has_base, low, np.nan), np.where(has_base, high, np.nan)


def katz_interval(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike) -> tuple[Numbers, Numbers]:
    """Return the ends of the 95 % Katz interval of the ratio (x1 / n1) / (x2 / n2); NaN where a count or base is 0.

    Source: Katz et al. (1978), on the log scale, as computed by statsmodels.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    x1, n1, x2, n2 = _read(x1, n1, x2, n2)
    can_tell = (n1 > 0) & (n2 > 0) & (x1 > 0) & (x2 > 0)
    low, high = confint_proportions_2indep(
        _base(x1, can_tell), _base(n1, can_tell), _base(x2, can_tell), _base(n2, can_tell), method="log",
        compare="ratio",
    )  # fmt: skip
    return np.where(can_tell, low, np.nan), np.where(can_tell, high, np.nan)


def two_proportion_p(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike) -> Numbers:
    """Return the two-sided p-value of equal shares; NaN where a base is 0.

    Pooled z-test where all four cells are expected to hold at least 5, else Fisher's exact test.
    """
    from scipy.stats import fisher_exact, norm

    a, m, b, n = np.broadcast_arrays(*_read(x1, n1, x2, n2))
    shape = a.shape
    a, m, b, n = (each.ravel() for each in (a, m, b, n))
    has_base = (m > 0) & (n > 0)
    m, n = _base(m, has_base), _base(n, has_base)
    pooled = (a + b) / (m + n)
    is_full = has_base & (np.minimum(m, n) * np.minimum(pooled, 1 - pooled) >= _LEAST_EXPECTED)
    spread = np.sqrt(np.where(is_full, pooled * (1 - pooled), 1.0) * (1 / m + 1 / n))
    found = np.asarray(2 * norm.sf(np.abs(a / m - b / n) / spread), dtype=float)
    for place in np.flatnonzero(has_base & ~is_full):
        table = [[a[place], m[place] - a[place]], [b[place], n[place] - b[place]]]
        found[place] = fisher_exact(np.asarray(table, dtype=np.int64)).pvalue
    return np.where(has_base, found, np.nan).reshape(shape)


def benjamini_hochberg(p_values: ArrayLike, *, any_dependence: bool = False) -> Numbers:
    """Return q-values: the smallest false-discovery rate at which each is a find. The family are all that are not NaN.

    Args:
        p_values: two-sided p-values; NaN (not tested) stays NaN and does not count.
        any_dependence: Benjamini and Yekutieli's version, which holds whatever the tests have in common.
    """
    from scipy.stats import false_discovery_control

    p = np.asarray(p_values, dtype=float)
    is_tested = ~np.isnan(p)
    found = np.full(p.shape, np.nan)
    if is_tested.any():
        found[is_tested] = false_discovery_control(p[is_tested], method="by" if any_dependence else "bh")
    return found


def _read(*values: ArrayLike) -> list[Numbers]:
    return [np.asarray(value, dtype=float) for value in values]


def _base(values: Numbers, usable: NDArray[np.bool_]) -> Numbers:
    """Put 1 where the value cannot be used, so that nothing divides by it."""
    return np.where(usable, values, 1.0)
