"""Two stretches of time that entrants are taken from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from journeys.errors import CallError
from journeys.insights.funnels.cohort import Cohort
from journeys.paths.period import read_period


@dataclass(frozen=True)
class EntryPeriod:
    """A stretch of time in which people first enter.

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


def read_periods(before: object, after: object, timezone: str) -> tuple[EntryPeriod, EntryPeriod]:
    """Read the two periods that are held against each other.

    Raises:
        CallError: one is no period, or they overlap.
    """
    found = _read_entry_period(before, "before", timezone), _read_entry_period(after, "after", timezone)
    first, second = sorted(found, key=lambda period: period.from_us)
    if second.from_us < first.to_us:
        raise CallError("period", "the periods overlap", found=f"{found[0].name} and {found[1].name}",
                        do="let one end where the other begins, or before")  # fmt: skip
    return found


def _read_entry_period(given: object, name: str, timezone: str) -> EntryPeriod:
    period = read_period(given, name=name)
    return EntryPeriod(period.name, *period.read_us(timezone, name=name))
