"""How the times of a column are written: ISO, seconds, milliseconds, or day and month in some order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

_UNITS = {10: "s", 13: "ms", 16: "us"}
_ISO = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ].*)?")
_LOG = re.compile(r"\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}")
_LOOKS_LIKE_A_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d|\d{8}|1\d{9}|\d\d/[A-Z]|[A-Z][a-z][a-z], \d")
_FIRST = 20
# Before it a source takes no time for possible, unless its `earliest` says so.
_EARLIEST = date(2000, 1, 1)
# Day first where nothing tells: so most of the world writes.
_FORMATS = ("%Y%m%d", "%a, %d %b %Y %H:%M:%S %z", *(
    f"{date}{clock}"
    for date in ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%y")
    for clock in (" %H:%M:%S", " %H:%M", "")
))  # fmt: skip
_SWAPPED = ("%d/%m/%Y", "%m/%d/%Y")


@dataclass(frozen=True)
class Times:
    """How times are written.

    Attributes:
        share: of the values that are such times.
        keys: of `[[source]]` that read them: `unit` or `time_format`; none for ISO 8601.
        is_ambiguous: day and month may be the other way round.
    """

    share: float
    keys: Mapping[str, str] = field(default_factory=dict)
    is_ambiguous: bool = False


def read_times(values: Sequence[str]) -> Times | None:
    """Find how most values are written as times; None when they are none.

    Args:
        values: filled ones, trimmed.
    """
    if not any(_LOOKS_LIKE_A_TIME.match(value) for value in values[:_FIRST]):
        return None
    for unit_length, unit in _UNITS.items():
        share = _share(values, lambda value, length=unit_length: re.fullmatch(rf"1\d{{{length - 1}}}(\.\d*)?", value))
        if share > 0.5:
            return Times(share, {"unit": unit})
    share = _share(values, lambda value: _ISO.fullmatch(value) or _LOG.fullmatch(value))
    if share > 0.5:
        return Times(share)
    shares = {each: _share(values, lambda value, form=each: _fits(value, form)) for each in _FORMATS}
    best = max(shares, key=lambda each: shares[each])
    if shares[best] <= 0.5:
        return None
    day_first, month_first = _SWAPPED
    other = best.replace(day_first, month_first) if day_first in best else best.replace(month_first, day_first)
    return Times(shares[best], {"time_format": best}, other != best and shares.get(other, 0) == shares[best])


def find_earliest(values: Sequence[str], times: Times) -> str:
    """The first of January before all times of a column, where they begin before 2000; else ''."""
    days = [day for value in values if (day := _read_day(value, times)) is not None]
    first = min(days, default=_EARLIEST)
    return f"{first.year}-01-01" if date(1971, 1, 1) <= first < _EARLIEST else ""


def _read_day(value: str, times: Times) -> date | None:
    unit = times.keys.get("unit")
    try:
        if unit:
            return datetime.fromtimestamp(float(value) / {"s": 1, "ms": 1e3, "us": 1e6}[unit], UTC).date()
        if "time_format" in times.keys:
            return datetime.strptime(value, times.keys["time_format"]).date()  # noqa: DTZ007 - the day only
        return date.fromisoformat(value[:10].replace("/", "-"))
    except (ValueError, OverflowError):
        return None


def _share(values: Sequence[str], test: object) -> float:
    assert callable(test)
    return sum(bool(test(value)) for value in values) / len(values)


def _fits(value: str, form: str) -> bool:
    if form == "%Y%m%d" and not re.fullmatch(r"(19|20)\d{6}", value):
        return False
    try:
        datetime.strptime(value, form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return True
