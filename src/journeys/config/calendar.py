"""`[calendar]`: when the company is at work, for waiting times in business hours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError

from journeys.config.fields import Part, ZoneOrNone, fault, find_nearest
from journeys.errors import CallError

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d{2}):([0-5]\d)-(\d{2}):([0-5]\d)")
_DAY_MINUTES = 24 * 60
_HOURS_ALLOWED = "spans of one day that do not overlap, such as ['09:00-12:30', '13:00-17:00']; '24:00' is midnight"


def _read_list(value: object, allowed: str) -> list[object]:
    if not isinstance(value, list | tuple):
        raise fault("must be a list", allowed)
    return list(value)


def _read_days(value: object) -> tuple[str, ...]:
    allowed = f"a list of {', '.join(WEEK)}, at least one, each once"
    days = _read_list(value, allowed)
    for day in days:
        if day not in WEEK:
            raise fault(f"{day!r} is no day of the week", allowed, find_nearest(str(day)[:3], WEEK))
    if not days or len(set(days)) != len(days):
        raise fault("no day, or a day twice", allowed)
    return tuple(day for day in WEEK if day in days)


def _read_hours(value: object) -> tuple[str, ...]:
    spans = sorted((_span_minutes(text), str(text)) for text in _read_list(value, _HOURS_ALLOWED))
    if not spans:
        raise fault("no hours", _HOURS_ALLOWED)
    for ((_, end), text), ((start, _), later) in pairwise(spans):
        if start < end:
            raise fault(f"{text!r} and {later!r} overlap", _HOURS_ALLOWED)
    return tuple(text for _, text in spans)


def _span_minutes(text: object) -> tuple[int, int]:
    match = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise fault(f"{text!r} is no span of hours", _HOURS_ALLOWED)
    start, end = (int(match[hour]) * 60 + int(match[hour + 1]) for hour in (1, 3))
    if not 0 <= start < end <= _DAY_MINUTES:
        raise fault(f"{text!r} does not end after it starts, on the same day", _HOURS_ALLOWED)
    return start, end


def _read_country(value: object) -> str:
    allowed = "an ISO country such as 'LV', or country and part such as 'DE-BY'; '' = none"
    if not isinstance(value, str):
        raise fault("must be a text in quotes", allowed)
    if not value:
        return value
    import holidays  # slow to import, and few configurations name a country

    country, _, part = value.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        raise fault("no country whose holidays are known", allowed, find_nearest(country, known))
    if part and part not in known[country]:
        raise fault(f"no part of {country} whose holidays are known", ", ".join(known[country]) or country)
    return value


def _read_dates(value: object) -> tuple[str, ...]:
    allowed = "a list of dates such as ['2026-12-24']"
    found = []
    for each in _read_list(value, allowed):
        try:
            # A time of day would be silently lost.
            found.append(date.fromisoformat(each.isoformat() if isinstance(each, date) else str(each)).isoformat())
        except ValueError:
            raise fault(f"{str(each)!r} is no date", allowed) from None
    return tuple(sorted(set(found)))


class Calendar(Part):
    """`[calendar]`: business hours. A moment counts when the clock on the wall then shows one of the hours."""

    timezone: ZoneOrNone = Field(default="", description="IANA zone of the clock on the wall; '' = the project's")
    days: Annotated[tuple[str, ...], BeforeValidator(_read_days)] = Field(
        default=WEEK[:5], description="days of the week at work, of mon, tue, wed, thu, fri, sat, sun"
    )
    hours: Annotated[tuple[str, ...], BeforeValidator(_read_hours)] = Field(
        default=("09:00-17:00",), description="spans of a day at work, the end not included, such as '09:00-17:00'"
    )
    holidays: Annotated[str, BeforeValidator(_read_country)] = Field(
        default="", description="country whose public holidays are free, such as 'LV' or 'DE-BY'; '' = none"
    )
    closed: Annotated[tuple[str, ...], BeforeValidator(_read_dates)] = Field(
        default=(), description="further dates that are free"
    )

    @property
    def spans_minutes(self) -> tuple[tuple[int, int], ...]:
        """`hours` as minutes after midnight, start and end."""
        return tuple(map(_span_minutes, self.hours))

    def words(self, timezone: str) -> str:
        """Say the calendar in words; `timezone` is the project's."""
        free = [f"public holidays of {self.holidays}"] if self.holidays else []
        free += [f"{len(self.closed)} dates of their own"] if self.closed else []
        return (
            f"Business hours are {', '.join(self.hours)} by the clock in {self.timezone or timezone} on "
            f"{', '.join(self.days)}" + (f", without {' and '.join(free)}." if free else ".")
        )


def read_calendar(given: Calendar | Mapping[str, object]) -> Calendar:
    """Read a calendar given in a call, by the keys of `[calendar]`.

    Raises:
        CallError: a key is unknown or a value is wrong; names the first.
    """
    if isinstance(given, Calendar):
        return given
    keys = ", ".join(Calendar.model_fields)
    if not isinstance(given, Mapping):
        raise CallError("calendar", "the calendar is no dictionary", found=repr(given), allowed=f"the keys {keys}")
    try:
        return Calendar.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        context = first.get("ctx", {})
        if key not in Calendar.model_fields:
            raise CallError("calendar", "calendar: unknown key", found=repr(key), allowed=keys) from None
        what, allowed = context.get("what", first["msg"]), str(context.get("allowed", ""))
        raise CallError("calendar", f"calendar.{key}: {what}", found=repr(given[key]), allowed=allowed) from None
