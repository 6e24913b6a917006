"""The cursor of a REST source: read from records, and written as the parameter that asks for what is new."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from journeys.errors import SourceError
from journeys.sources.cursors import CursorMark, read_overlap
from journeys.sources.rest.values import find_value
from journeys.units import zone

if TYPE_CHECKING:
    from journeys.config import Source

_LONGEST_INTEGER = 18
_PER_SECOND = {"s": 1, "ms": 1_000}
_DATE_LENGTH = len("2026-01-01")
_DEFAULT_STEPS = 1  # of whole numbers: an API may leave out the number that it is asked for


def read_cursor(source: Source, record: Any) -> Any:
    """Read the cursor of a record: a moment in UTC, a local time, a date or a whole number; None where it has none.

    Numbers are times where `cursor_format` is "s" or "ms". What is none of these comes as it is.
    """
    given = find_value(record, source.cursor or "")[1]
    form = source.request.cursor_format if source.request else ""
    if given is None or given == "" or isinstance(given, bool):
        return None if given in (None, "") else str(given)
    if isinstance(given, str):
        text = given.strip()
        if text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= _LONGEST_INTEGER:
            given = int(text)
        else:
            return _read_time(text)
    if not isinstance(given, int | float):
        return str(given)
    if form in _PER_SECOND:
        try:
            return datetime.fromtimestamp(given / _PER_SECOND[form], UTC)
        except (ValueError, OverflowError, OSError):
            return str(given)
    return int(given) if isinstance(given, int) or given.is_integer() else str(given)


def _read_time(text: str) -> Any:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) == _DATE_LENGTH:
        return moment.date()
    return moment.astimezone(UTC) if moment.tzinfo else moment


def find_start(source: Source, mark: CursorMark) -> Any:
    """The value to read from: the mark less the overlap.

    Raises:
        SourceError: `overlap` does not go with the kind of cursor.
    """
    if mark.kind == "integer":
        overlap = _DEFAULT_STEPS if source.overlap is None else read_overlap(source, mark.kind)
        return int(mark.text) - overlap
    back = timedelta(microseconds=read_overlap(source, mark.kind))
    moment = datetime.fromisoformat(mark.text)
    earliest = datetime.min.replace(tzinfo=moment.tzinfo) + timedelta(days=2)
    moment = moment - back if moment - earliest > back else earliest
    return moment.date() if mark.kind == "date" else moment


def step_back(source: Source, value: Any) -> Any:
    """The value before: an API that leaves out the value asked for gives all its rows then, too."""
    if isinstance(value, int):
        return value - 1
    is_daily = not isinstance(value, datetime) or (
        source.request is not None and source.request.cursor_format == "date"
    )
    if is_daily:
        return value - timedelta(days=1)
    return value.replace(microsecond=0) - timedelta(seconds=1)


def write_cursor(source: Source, value: Any) -> str:
    """Write a value as the parameter takes it, never later than it is.

    Raises:
        SourceError: `cursor_format` does not go with the kind of cursor.
    """
    form = source.request.cursor_format if source.request else ""
    if isinstance(value, int):
        if form:
            raise SourceError(
                "cursor-format",
                f"source {source.name!r}: cursor_format does not go with the cursor {source.cursor!r}",
                found=f'"{form}", and whole numbers',
                allowed='cursor_format = "" for numbers as they are, "s" or "ms" for times as numbers',
                do="correct `cursor_format` in [source.request]",
            )
        return str(value)
    if form in _PER_SECOND:
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone(source.timezone or "UTC"))
        return str((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1 / _PER_SECOND[form]))
    if not isinstance(value, datetime):
        return value.isoformat() if isinstance(value, date) else str(value)
    if form == "date":
        local = value.astimezone(zone(source.timezone or "UTC")) if value.tzinfo else value
        return local.date().isoformat()
    return value.replace(tzinfo=None).isoformat(timespec="seconds") + ("Z" if value.tzinfo else "")
