"""Durations with a unit ('30m', '7d') and times, read one way everywhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from journeys.errors import CallError

US_PER_SECOND = 1_000_000
US_PER_DAY = 86_400 * US_PER_SECOND
_UNIT_US = {
    "s": US_PER_SECOND,
    "m": 60 * US_PER_SECOND,
    "h": 3_600 * US_PER_SECOND,
    "d": US_PER_DAY,
    "w": 7 * US_PER_DAY,
}
# A century: longer durations are slips of the hand, and microseconds must fit 64 bits.
LONGEST_DAYS = 36_500
_MOST_UNITS = 1e12  # more of any unit are too long, and beyond all floats there is no rounding
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*")


def duration_us(duration: str | timedelta, *, name: str = "duration") -> int:
    """Read a positive duration such as '30m', '1.5h', '7d' or a timedelta as microseconds.

    Raises:
        CallError: no unit, an unknown unit, not positive, or longer than LONGEST_DAYS.

    >>> duration_us("30m")
    1800000000
    """
    us = None
    if isinstance(duration, timedelta):
        us = duration // timedelta(microseconds=1)
    elif isinstance(duration, str) and (match := _DURATION.fullmatch(duration)):
        us = round(min(float(match[1]), _MOST_UNITS) * _UNIT_US[match[2]])
    if us is None or us <= 0:
        raise CallError(
            "duration",
            f"{name} is not a duration",
            found=repr(duration),
            allowed="a positive number with a unit: s, m, h, d or w, such as '30m' or '7d'",
            do="write the unit",
        )
    if us > LONGEST_DAYS * US_PER_DAY:
        raise CallError("duration", f"{name} is too long", found=repr(duration), allowed=f"at most {LONGEST_DAYS}d")
    return us


def duration_text(us: int) -> str:
    """Write microseconds as the largest unit that divides them: 1800000000 is '30m'."""
    for unit in ("w", "d", "h", "m", "s"):
        if us % _UNIT_US[unit] == 0 and (unit != "w" or us % (4 * _UNIT_US["w"]) == 0):
            return f"{us // _UNIT_US[unit]}{unit}"
    return f"{us / US_PER_SECOND:g}s"


def zone(name: str, *, where: str = "timezone") -> ZoneInfo:
    """Find a time zone by its IANA name.

    Raises:
        CallError: no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        raise CallError(
            "timezone",
            f"{where} is no known time zone",
            found=repr(name),
            allowed="an IANA name such as 'UTC' or 'Europe/Riga'",
            do="correct the name",
        ) from None


def time_us(time: object, *, name: str = "as_of", timezone: str = "UTC") -> int:
    """Read one time (ISO text or datetime; without a zone it is in `timezone`) as microseconds since 1970 UTC.

    Raises:
        CallError: the text is no time.
    """
    moment: object = time
    if isinstance(time, str):
        try:
            moment = datetime.fromisoformat(time.strip())
        except ValueError:
            moment = None
    if not isinstance(moment, datetime) or moment != moment:  # NaT is a datetime unequal to itself
        raise CallError(
            "time",
            f"{name} is not a time",
            found=repr(time),
            allowed="an ISO time such as '2026-03-01' or '2026-03-01T10:15:00+02:00'",
            do="correct the time",
        )
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone(timezone))
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def time_text(us: int) -> str:
    """Write microseconds since 1970 UTC as ISO text with a Z."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    return moment.isoformat().replace("+00:00", "Z")
