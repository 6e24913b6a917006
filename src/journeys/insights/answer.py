"""What every insight returns: a frame with the exact rule that made it; and the interval every share carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Answer:
    """An insight's answer.

    Attributes:
        frame: the numbers, in the columns the insight promises.
        definition: the rule in words, `as_of`, parameters and the fingerprint of the data.
        tables: further tables of the same answer, by name.
    """

    frame: pd.DataFrame
    definition: dict[str, Any]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


def unit_words(unit: str, contact_count: int = 1) -> str:
    """Say what a step of an account means, as the end of a rule; nothing for other units.

    Args:
        unit: person, session or account.
        contact_count: different contacts of an account that a step takes.
    """
    if unit != "account":
        return ""
    stream = " The events of all contacts (persons) of an account are one stream; each event counts for one account. "
    if contact_count == 1:
        return f"{stream}A step is met by any contact."
    return (
        f"{stream}A step is met by at least {contact_count} contacts: an event meets it when {contact_count} or more "
        "different persons of the account have done it by then, the event's own person included."
    )


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
