"""The cursor column of a database source: its largest value so far, and from where the next pull reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from journeys.errors import SourceError
from journeys.sources.database_mysql import EARLIEST
from journeys.units import US_PER_DAY, US_PER_SECOND, duration_us

if TYPE_CHECKING:
    from journeys.config import Source

DEFAULT_OVERLAP = "1h"
_KINDS = "integers, dates, timestamps with or without zone, or ISO times as text"
_ISO_TEXT = re.compile(r"(\d{4}-\d\d-\d\d)(?:([ T])(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?")
_ZERO_DATE = "0000-00-00"
_TYPES: dict[str, Any] = {
    "zoned": sa.DateTime(timezone=True),
    "timestamp": sa.DateTime(),
    "date": sa.Date(),
    "integer": sa.BigInteger(),
    "text": sa.String(),
}
_EARLIEST = datetime(1, 1, 1)  # noqa: DTZ001 - a bound of the calendar, not a moment


@dataclass(frozen=True)
class CursorMark:
    """A value of a cursor column: the column, the kind of value, its text."""

    column: str
    kind: str
    text: str

    def to_text(self) -> str:
        """Write it as the JSON that a bookmark keeps."""
        return json.dumps(asdict(self), ensure_ascii=False)


def read_mark(source: Source, text: str) -> CursorMark | None:
    """Read back what `to_text` wrote; none when it is empty or of another column than the source's cursor now."""
    mark = CursorMark(**json.loads(text)) if text else None
    return mark if mark is not None and mark.column == source.cursor else None


def write_condition(
    source: Source, column: str, mark: CursorMark, *, has_zero_dates: bool = False
) -> sa.ColumnElement[bool]:
    """The condition of the next pull: at the mark less the overlap, or later, or without a cursor value.

    The value is bound with its type, never pasted into the text.

    Args:
        source: has the cursor.
        column: the cursor's name, as the database writes it.
        mark: its largest value so far.
        has_zero_dates: columns of times may hold '0000-00-00', which stands for no value.

    Raises:
        SourceError: `overlap` is no duration where the cursor is a time, or no number where it is one.
    """
    place: sa.ColumnClause[Any] = sa.column(column)
    bound = sa.bindparam("cursor_from", _find_start(source, mark), type_=_TYPES[mark.kind])
    has_no_value: list[sa.ColumnElement[bool]] = [place.is_(None)]
    if mark.kind == "text":
        has_no_value.append(place.like(f"{_ZERO_DATE}%"))
    elif has_zero_dates and mark.kind != "integer":
        has_no_value.append(place < sa.literal(EARLIEST))
    return sa.or_(place >= bound, *has_no_value)


def _find_start(source: Source, mark: CursorMark) -> Any:
    overlap = read_overlap(source, mark.kind)
    if mark.kind == "integer":
        return int(mark.text) - overlap
    back = timedelta(microseconds=overlap)
    if mark.kind == "text":
        return _go_back_in_text(mark.text, back)
    moment = datetime.fromisoformat(mark.text)
    earliest = _EARLIEST.replace(tzinfo=moment.tzinfo)
    moment = moment - back if moment - earliest > back else earliest
    return moment.date() if mark.kind == "date" else moment


def _go_back_in_text(text: str, back: timedelta) -> str:
    """ISO text of an earlier time, to the second and without a zone: so it sorts before all that continue it."""
    match = _ISO_TEXT.fullmatch(text)
    assert match is not None
    day, separator, clock, _zone = match.groups()
    moment = datetime.fromisoformat(f"{day}T{clock or '00:00:00'}")
    moment = moment - back if moment - _EARLIEST > back else _EARLIEST
    start = moment.isoformat(sep=separator or "T", timespec="seconds")
    return start[: len(day)] if not separator else start[: len(day) + 1 + len(clock)]


def read_overlap(source: Source, kind: str) -> int:
    """How far before the last cursor value a pull reads again: microseconds, or a number for integer cursors.

    Raises:
        SourceError: the setting does not go with the kind of the cursor.
    """
    given = source.overlap
    if kind == "integer" and not isinstance(given, str):
        return given or 0
    if kind != "integer" and (given is None or given == 0 or isinstance(given, str)):
        return 0 if given == 0 else duration_us(str(given or DEFAULT_OVERLAP))
    is_integer = kind == "integer"
    raise SourceError(
        "overlap",
        f"source {source.name!r}: overlap does not go with the cursor {source.cursor!r}",
        found=f"overlap {given!r}, and a cursor that holds {'integers' if is_integer else 'times'}",
        allowed="a whole number such as 1000" if is_integer else "a duration such as '1h'",
        do="correct `overlap` in the [[source]]",
    )


def find_kind(value: Any) -> str:
    """The kind of a cursor value: zoned, timestamp, date, integer or text; '' when it cannot be one.

    A zero date is none: drivers give it as text, whatever the type of its column.
    """
    if isinstance(value, datetime):
        return "zoned" if value.tzinfo else "timestamp"
    if isinstance(value, date):
        return "date"
    is_integer = isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value()
    if is_integer or (isinstance(value, int) and not isinstance(value, bool)):
        return "integer"
    return "text" if isinstance(value, str) and not _is_zero_date(value) else ""


class CursorWatch:
    """Sees all cursor values of one pull and keeps the largest.

    Values more than a day after the time of the pull do not count: the next pull would skip all that comes before
    them.

    Attributes:
        null_count: rows without a value; a zero date is none.
        future_count: rows whose value lies in the future.
    """

    def __init__(self, source: Source, mark: CursorMark | None, loaded_at_us: int) -> None:
        self._source = source
        self._latest = datetime.fromtimestamp((loaded_at_us + US_PER_DAY) / US_PER_SECOND, UTC)
        self.start_from(mark)

    def start_from(self, mark: CursorMark | None) -> None:
        """Begin with the mark of earlier pulls, or without one."""
        self._kind = mark.kind if mark else ""
        self._form = _find_form(mark.text) if mark and mark.kind == "text" else None
        self._mark = mark
        self._largest: Any = _read_value(mark) if mark else None
        self.null_count = 0
        self.future_count = 0

    @property
    def mark(self) -> CursorMark | None:
        """The largest value seen, the one of earlier pulls included; none before the first."""
        if self._largest is None:
            return self._mark
        value = self._largest
        text = value.isoformat() if isinstance(value, date) else str(value)
        return CursorMark(self._source.cursor or "", self._kind, text)

    def see(self, values: Iterable[Any]) -> None:
        """Take in the values of a batch.

        Raises:
            SourceError: a value cannot be put in order with the others.
        """
        for given in values:
            if given is None or _is_zero_date(given):
                self.null_count += 1
                continue
            kind, value = self._classify(given)
            if kind != self._kind:
                if self._kind:
                    raise self._refuse(f"values of two kinds: {self._kind} and {kind}, such as {given!r}")
                self._kind = kind
                read_overlap(self._source, kind)
            if self._is_future(value):
                self.future_count += 1
            elif self._largest is None or value > self._largest:
                self._largest = value

    def _classify(self, value: Any) -> tuple[str, Any]:
        kind = find_kind(value)
        form = _find_form(value) if kind == "text" else None
        if not kind or (kind == "text" and form is None):
            raise self._refuse(f"{value!r} ({type(value).__name__})")
        if form is not None and self._form not in (None, form):
            raise self._refuse(f"times written in two ways, of which one is {value!r}")
        self._form = form
        return kind, int(value) if kind == "integer" else value

    def _is_future(self, value: Any) -> bool:
        if isinstance(value, int):
            return False
        if isinstance(value, str):
            return value[:19].replace("T", " ") > self._latest.isoformat(sep=" ")[:19]
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=UTC)) > self._latest
        return bool(value > self._latest.date())

    def _refuse(self, found: str) -> SourceError:
        return SourceError(
            "cursor",
            f"source {self._source.name!r}: the cursor {self._source.cursor!r} cannot be put in order",
            found=found,
            allowed=f"{_KINDS}, all in one form and zone",
            do="name another `cursor`, read all without one, or write a `query` that casts it",
        )


def _is_zero_date(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_ZERO_DATE)


def _find_form(text: str) -> tuple[str, str, int] | None:
    """How an ISO time is written: separator, zone, and whether it has seconds; texts of one form sort as times do."""
    match = _ISO_TEXT.fullmatch(text)
    if match is None:
        return None
    _day, separator, clock, zone = match.groups()
    zone = "Z" if (zone or "").replace(":", "") in ("+0000", "Z") else zone or ""
    return separator or "", zone, len(clock or "")


def _read_value(mark: CursorMark) -> Any:
    if mark.kind == "integer":
        return int(mark.text)
    if mark.kind == "text":
        return mark.text
    return date.fromisoformat(mark.text) if mark.kind == "date" else datetime.fromisoformat(mark.text)
