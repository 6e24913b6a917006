"""What every part of the configuration shares: its base class and the checked kinds of text, time and place."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from journeys.errors import CallError
from journeys.units import duration_us, time_us, zone

_EARLIEST_US, _LATEST_US = time_us("1900-01-01"), time_us("2200-01-01")
_LARGEST = 2**62  # an integer cursor less it must still fit 64 bits
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_RELATIVE_FILE = re.compile(r"(sqlite(?:\+\w+)?:///)(?!/|:memory:|file:)([^?]+)(.*)", re.DOTALL)
_MEMORY = re.compile(r"\d+(\.\d+)?\s*[KMGT]i?B")


class Part(BaseModel):
    """Base of all configuration objects: frozen, no unknown keys, no silent change of type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


def loaded(default: Any, description: str) -> Any:
    """Declare a field that the loader fills in and nobody may write in the file."""
    return Field(default, description=description, json_schema_extra={"loaded": True})


def find_nearest(name: str, valid: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Find the valid name most like `name`, whatever its case; '' when none is near (`cutoff` 0 to 1, 1 is equal)."""
    by_folded: dict[str, str] = {}
    for candidate in valid:
        by_folded.setdefault(candidate.casefold(), candidate)
    near = get_close_matches(name.casefold()[:100], by_folded, n=1, cutoff=cutoff)
    return by_folded[near[0]] if near else ""


def fault(what: str, allowed: str, nearest: str = "") -> PydanticCustomError:
    """Make the error that a validator raises; the loader turns it into one problem."""
    return PydanticCustomError("fault", "{what}", {"what": what, "allowed": allowed, "nearest": nearest})


def _check_nonblank(text: str) -> str:
    if not text.strip():
        raise fault("empty text", "a text that is not empty")
    return text


def _check_line(text: str) -> str:
    _check_nonblank(text)
    if _CONTROL.search(text):
        raise fault("line break or control character in the text", "one line of printable text")
    return text


def _check_name(text: str) -> str:
    _check_line(text)
    if text != text.strip():
        raise fault("blanks around the name", "a name without blanks at its ends")
    return text


def _check_open_name(text: str) -> str:
    _check_name(text)
    if text.startswith("(") and text.endswith(")"):
        raise fault(
            "names in parentheses are reserved, such as '(other)' and '(dropped)'", "a name without parentheses"
        )
    return text


def _check_duration(text: str) -> str:
    try:
        duration_us(text)
    except CallError as error:
        raise fault(error.what.removeprefix("duration is "), error.allowed) from None
    return text


def _find_zone(name: str) -> str:
    zones = sorted(available_timezones())
    cities = {zone_name.rpartition("/")[2]: zone_name for zone_name in zones}
    return find_nearest(name, zones, cutoff=0.8) or cities.get(find_nearest(name, cities), "")


def _check_line_or_none(text: str) -> str:
    return _check_line(text) if text else text


def _check_zone_or_none(name: str) -> str:
    return _check_zone(name) if name else name


def _check_zone(name: str) -> str:
    try:
        zone(name)
    except CallError as error:
        raise fault("no known time zone", error.allowed, _find_zone(name)) from None
    return name


def _check_moment(text: str) -> str:
    allowed = "a date or ISO time from 1900 to 2200, such as '2000-01-01'"
    try:
        us = time_us(text)
    except (CallError, OverflowError):
        raise fault("not a time", allowed) from None
    if not _EARLIEST_US <= us <= _LATEST_US:
        raise fault("time out of range", allowed)
    return text


def _check_delimiter(text: str) -> str:
    if len(text) != 1 or text in "\r\n\0\"'":
        raise fault("not a delimiter", "one character, such as ';' or a tab \"\\t\"")
    return text


def _check_memory(text: str) -> str:
    if text and not _MEMORY.fullmatch(text):
        raise fault("not an amount of memory", "a number with KB, MB, GB or TB, such as '4GB'; '' leaves it to DuckDB")
    return text


def _check_currency(text: str) -> str:
    if text and not re.fullmatch("[A-Z]{3}", text):
        near = text.strip().upper()
        raise fault("not a currency", "three capital letters, such as 'EUR'", near if len(near) == 3 else "")
    return text


def _write_date(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


def place_path(path: str | Path, folder: Path) -> Path:
    """Make a path absolute, from `folder`; `~` is the user's home; links are kept as they are."""
    try:
        path = Path(path).expanduser()
    except RuntimeError:  # no such user: then it is a name like any other
        path = Path(path)
    return Path(os.path.normpath(folder / path))


def place_database(url: str, folder: Path) -> str:
    """Make the file of a relative SQLite URL absolute; every other URL stays as it is."""
    file = _RELATIVE_FILE.fullmatch(url)
    return url if file is None else file[1] + place_path(file[2], folder).as_posix() + file[3]


def _place_in_folder(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str):
        _check_line(value)
    elif not isinstance(value, Path):
        raise fault(
            "must be a text in quotes", "the path of a file or folder, relative to the configuration or absolute"
        )
    return place_path(value, (info.context or {}).get("folder", Path.cwd()))


def _check_overlap(value: object) -> object:
    allowed = "a duration such as '1h' for times, or a whole number from 0 for integers"
    if isinstance(value, str):
        _check_duration(value)
    elif value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LARGEST):
        raise fault("not an overlap", allowed)
    return value


def _list_columns(value: object) -> object:
    names = (value,) if isinstance(value, str) else value
    if (
        not isinstance(names, list | tuple)
        or not all(isinstance(name, str) and name.strip() for name in names)
        or (len(set(names)) != len(names))
        or (isinstance(value, list) and not names)
    ):
        raise fault("not a column or a list of columns", "a column name, or a list of different ones, at least one")
    return tuple(names)


SqlText = Annotated[str, AfterValidator(_check_nonblank)]
LineText = Annotated[str, AfterValidator(_check_line)]
Name = Annotated[str, AfterValidator(_check_name)]
OpenName = Annotated[str, AfterValidator(_check_open_name)]
Duration = Annotated[str, AfterValidator(_check_duration)]
LineOrNone = Annotated[str, AfterValidator(_check_line_or_none)]
ZoneOrNone = Annotated[str, AfterValidator(_check_zone_or_none)]
ZoneName = Annotated[str, AfterValidator(_check_zone)]
Moment = Annotated[str, BeforeValidator(_write_date), AfterValidator(_check_moment)]
Delimiter = Annotated[str, AfterValidator(_check_delimiter)]
MemoryAmount = Annotated[str, AfterValidator(_check_memory)]
Overlap = Annotated[str | int | None, BeforeValidator(_check_overlap)]
Columns = Annotated[tuple[str, ...], BeforeValidator(_list_columns)]
Currency = Annotated[str, AfterValidator(_check_currency)]
FolderPath = Annotated[Path, BeforeValidator(_place_in_folder)]
