"""`[gates]`: what a finished night is held to before it is published, and what happens when it falls short."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from journeys.config.fields import Duration, Part, fault
from journeys.units import duration_us

Action = Literal["warn", "block", "off"]
_ACTION = "warn, block (the snapshot before stays), or off"
_LARGEST_FACTOR = 1_000_000


def _read_number(value: object, *, low: float, high: float, what: str) -> object:
    allowed = f"{what} from {low:g} to {high:,.0f}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fault("must be a number without quotes", allowed)
    if not math.isfinite(value) or not low <= value <= high:
        raise fault("out of range", allowed)
    return float(value)


def _read_share(value: object) -> object:
    return _read_number(value, low=0, high=1, what="a share, such as 0.05 for 5 %,")


def _read_above(value: object) -> object:
    return _read_number(value, low=1, high=_LARGEST_FACTOR, what="a factor, such as 2.0 for twice the usual,")


_Share = Annotated[float, BeforeValidator(_read_share)]
_Above = Annotated[float, BeforeValidator(_read_above)]


class Gates(Part):
    """`[gates]`: one action per gate, and its limit. `journeys.report.gates` defines what each one counts."""

    freshness: Action = Field(default="warn", description=f"age of a required source's last event: {_ACTION}")
    freshness_limit: Duration = Field(default="3d", description="oldest last event of a required source, with a unit")
    volume: Action = Field(
        default="warn", description=f"events of the last whole day against the same weekday: {_ACTION}"
    )
    volume_low: _Share = Field(default=0.5, description="fewest events of a day, as a share of the same weekday's")
    volume_high: _Above = Field(default=2.0, description="most events of a day, as a multiple of the same weekday's")
    duplicates: Action = Field(default="warn", description=f"repeats among the rows read: {_ACTION}")
    duplicates_limit: _Share = Field(default=0.05, description="largest share of repeats among a source's rows")
    nulls: Action = Field(default="warn", description=f"empty values of the mapped columns: {_ACTION}")
    nulls_limit: _Share = Field(
        default=0.1, description="largest rise of a column's share of empty values since the snapshot before"
    )
    unmatched: Action = Field(default="warn", description=f"events that are no touchpoint: {_ACTION}")
    unmatched_limit: _Share = Field(
        default=0.1, description="largest rise of the share of events that are no touchpoint since the snapshot before"
    )
    merges: Action = Field(default="warn", description=f"persons merged into others: {_ACTION}")
    merges_limit: _Share = Field(
        default=0.05, description="largest share of the persons of the snapshot before who were merged"
    )
    reconciliation: Action = Field(default="block", description=f"numbers that must be equal and are not: {_ACTION}")
    fewest: int = Field(
        default=50, ge=1, le=1_000_000_000, description="rows, events or persons below which no share is judged"
    )

    @property
    def freshness_us(self) -> int:
        """`freshness_limit` in microseconds."""
        return duration_us(self.freshness_limit, name="freshness_limit")
