"""Whether an API can be asked for what is new: by a parameter of the address that holds a time or a number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from journeys.sources.guess.times import read_times

_SINCE = re.compile(r"since|after|from|start|min|gte|gt|ge$|begin", re.IGNORECASE)
_GROWING = ("updatedat", "modifiedat", "lastmodified", "lastupdated", "updated", "modified", "updatedon", "modifiedon",
            "updatedate", "lastmodifieddate", "changedat")  # fmt: skip
_CREATED = ("createdat", "created", "createdon", "timestamp", "occurredat", "time", "date")


@dataclass(frozen=True)
class Since:
    """How what is new is asked for.

    Attributes:
        column: field of the records that only grows; '' where there is none.
        keys: of `[source.request]`; none where it cannot be told how to ask.
        told: in words.
    """

    column: str
    keys: Mapping[str, str] = field(default_factory=dict)
    told: str = ""


def find_cursor(params: Mapping[str, object], values: Mapping[str, Sequence[str | None]]) -> Since:
    """Find the field that grows with every change, and the parameter that takes it.

    Args:
        params: of the address.
        values: of the records, by column.
    """
    column = next((column for names in (_GROWING, _CREATED) for column in values if _plain(column) in names
                   and _are_times(values[column])), "")  # fmt: skip
    asked = [(name, str(value)) for name, value in params.items() if _SINCE.search(name)]
    known = [(name, form) for name, value in asked if (form := _find_form(value)) is not None]
    has_id = any(_plain(name) in ("id", "uuid", "eventid") for name in values)
    if column and known and has_id:
        name, form = known[0]
        keys = {"cursor_param": name, **({"cursor_format": form} if form else {})}
        return Since(column, keys, f"what is new: likely by {name}, from the last {column} on")
    if column:
        return Since("", {}, f"what is new: all is read each night; where the API takes a time to begin at, write "
                     f"cursor = {column!r}, and cursor_param in [source.request]")  # fmt: skip
    return Since("", {}, "what is new: no field that grows was found, so all is read each night")


def _find_form(text: str) -> str | None:
    """The `cursor_format` of a value; None where it is neither a time nor a day."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return "date"
    times = read_times([text])
    if times is None or "time_format" in times.keys:
        return None
    unit = times.keys.get("unit", "iso")
    return {"s": "s", "ms": "ms", "iso": ""}.get(unit)


def _are_times(given: Sequence[str | None]) -> bool:
    values = [value.strip() for value in given if value and value.strip()]
    times = read_times(values) if values else None
    return times is not None and times.share > 0.9 and "time_format" not in times.keys


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
