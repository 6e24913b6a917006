"""Conditions on columns: which events a touchpoint, a goal or a funnel step means."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from pydantic import Field

from journeys.config.fields import Part, fault

Scalar = str | int | float | bool
_ALLOWED = "a text (with `*` as wildcard), a number, true or false, or a list of these"


class Match(Part):
    """Conditions that must all hold for one event."""

    conditions: tuple[tuple[str, tuple[Scalar, ...]], ...] = Field(
        description="(column, values) pairs by column; all must hold, each by any value; `*` in a text is a wildcard"
    )

    @classmethod
    def parse(cls, table: Mapping[str, object]) -> Match:
        """Read `{column = value}` or `{column = [value, ...]}`.

        Raises:
            PydanticCustomError: the table is empty, or a value is no text, number, true or false.
        """
        for _, what, allowed in find_match_faults(table):
            raise fault(what, allowed)
        return cls(conditions=tuple((column, _values(value)) for column, value in sorted(table.items())))

    def to_dict(self) -> dict[str, list[Scalar]]:
        """Write the conditions as a dictionary: column to the list of its values."""
        return {column: list(values) for column, values in self.conditions}


def find_match_faults(table: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Find everything wrong in a table of conditions, as (column, what, allowed); column '' means the table itself."""
    if not table:
        yield "", "no condition given", '{ column = value }, such as { event = "page_view" }'
    for column, value in table.items():
        values = value if isinstance(value, list | tuple) else [value]
        if not column.strip():
            yield column, "column without a name", "the name of a column"
        elif not values:
            yield column, "empty list: no event can match", _ALLOWED
        elif not all(_is_scalar(each) for each in values):
            yield column, "cannot be compared with a column", _ALLOWED


def _values(value: object) -> tuple[Scalar, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(each for each in values if isinstance(each, str | int | float | bool))


def _is_scalar(value: object) -> bool:
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, str) or (isinstance(value, float) and math.isfinite(value))
