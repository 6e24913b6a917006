"""Shares and the intervals that every share carries."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

# A smaller base is shown as 'too few': no rank, no test, no colour.
MIN_BASE = 30


def wilson_interval(counts: pd.Series, bases: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the low and high ends of the 95 % Wilson interval of counts / bases; NaN where the base is 0.

    Source: Wilson (1927), as computed by statsmodels.
    """
    from statsmodels.stats.proportion import proportion_confint  # slow to import, and not every verb needs it

    n = bases.to_numpy(dtype=float)
    low, high = proportion_confint(counts.to_numpy(dtype=float), np.where(n > 0, n, 1.0), method="wilson")
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def share_of(counts: pd.Series, bases: pd.Series) -> np.ndarray:
    """Return counts / bases, NaN where the base is 0."""
    n = bases.to_numpy(dtype=float)
    return np.where(n > 0, counts.to_numpy(dtype=float) / np.where(n > 0, n, 1.0), np.nan)


def too_few(bases: ArrayLike, min_n: int = MIN_BASE) -> NDArray[np.bool_]:
    """Say which bases are below `min_n`; a missing base is too few as well."""
    return ~(np.asarray(bases, dtype=float) >= min_n)


def add_share(frame: pd.DataFrame, count: str, base: str, name: str = "share") -> pd.DataFrame:
    """Return the frame with a share and its 95 % Wilson interval (`_low`, `_high`), missing where the base is 0."""
    low, high = wilson_interval(frame[count], frame[base])
    return frame.assign(**{name: share_of(frame[count], frame[base]), f"{name}_low": low, f"{name}_high": high})
