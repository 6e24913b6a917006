"""Percentiles of many groups of values at once."""

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
