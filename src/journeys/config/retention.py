"""`[retention]`: how long rows of a table are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from journeys.config.fields import LONGEST_DAYS, Part
from journeys.units import US_PER_DAY

_Days = Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
_ENDING = "_days"


class Retention(Part):
    """`[retention]`: days after which rows are removed, by table; not given = kept for ever."""

    events_days: _Days | None = Field(default=None, description="events, by occurred_at")
    contact_rows_days: _Days | None = Field(default=None, description="rows of address books, by occurred_at")
    rejected_events_days: _Days | None = Field(default=None, description="refused rows, by loaded_at")
    identity_edges_days: _Days | None = Field(
        default=None, description="evidence of who is who, by when it was last seen"
    )
    person_aliases_days: _Days | None = Field(default=None, description="former ids of persons, by changed_at")
    runs_days: _Days | None = Field(default=None, description="history of the refreshes, by started_at")


def find_cutoffs(retention: Retention, now_us: int) -> dict[str, int]:
    """Say from which time on rows are kept: a row exactly as old as allowed stays, an older one goes.

    Args:
        retention: the configured days.
        now_us: microseconds since 1970 UTC from which days of 24 hours are counted back.

    Returns:
        The earliest time kept, microseconds since 1970 UTC, by table; tables that are kept for ever are not in it.
    """
    days = {name.removesuffix(_ENDING): getattr(retention, name) for name in type(retention).model_fields}
    return {table: now_us - count * US_PER_DAY for table, count in days.items() if count is not None}
