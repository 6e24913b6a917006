"""Two stretches of time that entrants are taken from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from journeys.errors import CallError
from journeys.insights.funnels.cohort import Cohort
from journeys.units import time_us

_ALLOWED = "(from, to), two times, from included and to not; or 'from..to'"


@dataclass(frozen=True)
class Period:
    """A stretch of time.

    Attributes:
        name: as it was given.
        from_us: its start, included.
        to_us: its end, not included.
    """

    name: str
    from_us: int
    to_us: int

    def holds(self, cohort: Cohort) -> pd.Series:
        """Say who first entered inside it."""
        return (cohort.frame["first_us"] >= self.from_us) & (cohort.frame["first_us"] < self.to_us)


def read_periods(before: object, after: object, timezone: str) -> tuple[Period, Period]:
    """Read the two periods that are held against each other.

    Raises:
        CallError: one is no period, or they overlap.
    """
    found = _read_period(before, "before", timezone), _read_period(after, "after", timezone)
    first, second = sorted(found, key=lambda period: period.from_us)
    if second.from_us < first.to_us:
        raise CallError("period", "the periods overlap", found=f"{found[0].name} and {found[1].name}",
                        do="let one end where the other begins, or before")  # fmt: skip
    return found


def _read_period(given: object, name: str, timezone: str) -> Period:
    ends = given.split("..") if isinstance(given, str) else given
    if not isinstance(ends, Sequence) or isinstance(ends, str) or len(ends) != 2:
        raise CallError("period", f"{name}= is no period", found=repr(given), allowed=_ALLOWED)
    from_us, to_us = (time_us(each, name=name, timezone=timezone) for each in ends)
    if from_us >= to_us:
        raise CallError("period", f"{name}= ends before it begins", found=repr(given), allowed=_ALLOWED)
    return Period("..".join(str(each).strip() for each in ends), from_us, to_us)
