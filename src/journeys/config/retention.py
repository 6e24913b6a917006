"""`[retention]`: how long rows of a table are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from journeys.config.fields import Part
from journeys.units import LONGEST_DAYS, US_PER_SECOND, zone

_Days = Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
_ENDING = "_days"
_RHYTHM = "every_days"


class Retention(Part):
    """`[retention]`: days after which rows are removed, by table; not given = kept for ever."""

    events_days: _Days | None = Field(default=None, description="events, by occurred_at")
    contact_rows_days: _Days | None = Field(default=None, description="rows of address books, by occurred_at")
    rejected_events_days: _Days | None = Field(default=None, description="refused rows, by when they were loaded")
    identity_edges_days: _Days | None = Field(
        default=None, description="links between identifiers, by when they were last seen"
    )
    person_aliases_days: _Days | None = Field(default=None, description="former ids of persons, by changed_at")
    runs_days: _Days | None = Field(default=None, description="history of refreshes and removals, by when they began")
    every_days: _Days = Field(
        default=1, description="days from one removal to the next; rows may stay so much longer, less a day"
    )

    @property
    def is_used(self) -> bool:
        """Whether anything is removed."""
        return any(getattr(self, name) is not None for name in _list_keys(self))


def find_cutoffs(retention: Retention, as_of_us: int, *, timezone: str) -> dict[str, int]:
    """Say from which time on rows are kept: from the start of a calendar day, so many days before that of `as_of`.

    Args:
        retention: the configured days.
        as_of_us: the end of observation, microseconds since 1970 UTC.
        timezone: whose calendar days are meant.

    Returns:
        The earliest time kept, microseconds since 1970 UTC, by table; tables that are kept for ever are not in it.
    """
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=as_of_us)
    today = moment.astimezone(zone(timezone)).date()
    return {
        name.removesuffix(_ENDING): _start_us(today.toordinal() - days, retention.every_days, timezone)
        for name in _list_keys(retention)
        if (days := getattr(retention, name)) is not None
    }


def _start_us(day: int, every: int, timezone: str) -> int:
    """Return the start of a day, or of the last one before on which rows are removed."""
    first = date.fromordinal(max(1, day - day % every))
    moment = datetime(first.year, first.month, first.day, tzinfo=zone(timezone))
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)) * US_PER_SECOND


def _list_keys(retention: Retention) -> list[str]:
    return [name for name in type(retention).model_fields if name != _RHYTHM]
