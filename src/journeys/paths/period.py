"""A stretch of time that a call names: its first moment, and the first one after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeys.errors import CallError
from journeys.units import time_us

_ALLOWED = "jn.Period(since, until), (since, until) or 'since..until': two times, the second not included"


@dataclass(frozen=True)
class Period:
    """A stretch of time.

    Attributes:
        since: ISO text or datetime; the first moment of it.
        until: the first moment after it.
    """

    since: object
    until: object

    @property
    def name(self) -> str:
        """The period as it was given."""
        return f"{self.since}..{self.until}"

    def read_us(self, timezone: str, *, name: str = "period") -> tuple[int, int]:
        """Return both ends in microseconds; times without a zone are read in `timezone`.

        Raises:
            CallError: an end is no time, or the period ends before it begins.
        """
        since_us, until_us = (
            time_us(each, name=f"{name}: {end}", timezone=timezone)
            for end, each in (("since", self.since), ("until", self.until))
        )
        if since_us >= until_us:
            raise CallError("period", f"{name}= ends before it begins", found=repr(self.name), allowed=_ALLOWED)
        return since_us, until_us


def read_period(given: object, *, name: str) -> Period:
    """Read a period as a call may write it.

    Raises:
        CallError: it is none.
    """
    if isinstance(given, Period):
        return given
    ends = [each.strip() for each in given.split("..")] if isinstance(given, str) else given
    if not isinstance(ends, Sequence) or isinstance(ends, str) or len(ends) != 2:
        raise CallError("period", f"{name}= is no period", found=repr(given), allowed=_ALLOWED)
    return Period(*ends)
