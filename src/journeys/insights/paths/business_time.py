"""Time in business hours: exact to the microsecond, also over changes of the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from journeys.config import Calendar
from journeys.config.calendar import WEEK
from journeys.units import US_PER_DAY, US_PER_SECOND, zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1)
_MINUTE_US = 60 * US_PER_SECOND
# Two days inside the years that a calendar knows: a zone's distance from UTC must not lead out of them.
_EARLIEST_US = (datetime(1, 1, 3, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_LATEST_US = (datetime(9999, 12, 29, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


class BusinessClock:
    """A clock that runs in business hours only, over a stretch of time.

    A moment is in business hours when the clock on the wall of the calendar's zone then shows one of its hours on one
    of its days: an hour that the wall clock leaves out does not count, one that it shows twice counts twice.

    Args:
        calendar: the hours, days and free dates.
        timezone: the zone of the wall clock where the calendar names none.
        first_us: start of the stretch, microseconds since 1970 UTC.
        last_us: its end, included.
    """

    def __init__(self, calendar: Calendar, timezone: str, first_us: int, last_us: int) -> None:
        spans = list(_open_spans(calendar, zone(calendar.timezone or timezone), first_us, last_us))
        spans.sort()
        bounds = np.asarray(spans, dtype=np.int64).reshape(-1, 2)
        self._starts, self._ends = bounds[:, 0], bounds[:, 1]
        self._before = np.concatenate([[0], np.cumsum(self._ends - self._starts)]).astype(np.int64)

    def between(self, start_us: np.ndarray, end_us: np.ndarray) -> np.ndarray:
        """Return the microseconds of business time from each start to each end, both inside the stretch."""
        return np.asarray(self._read(end_us) - self._read(start_us))

    def _read(self, at_us: np.ndarray) -> np.ndarray:
        """Return the business time from the first span to each moment."""
        begun = np.searchsorted(self._starts, at_us, side="right")
        if not len(self._starts):
            return np.zeros(len(at_us), dtype=np.int64)
        last = np.maximum(begun - 1, 0)
        unspent = np.where(begun > 0, np.maximum(self._ends[last] - at_us, 0), 0)
        return np.asarray(self._before[begun] - unspent, dtype=np.int64)


def _open_spans(calendar: Calendar, wall: ZoneInfo, first_us: int, last_us: int) -> Iterator[tuple[int, int]]:
    """Yield the spans in business hours that touch the stretch, in microseconds UTC; no two overlap."""
    hours = [(start * _MINUTE_US, end * _MINUTE_US) for start, end in calendar.spans_minutes]
    begin_us, end_us = max(first_us - US_PER_DAY, _EARLIEST_US), min(last_us + US_PER_DAY, _LATEST_US)
    for since_us, until_us, offset_us in _offset_periods(wall, begin_us, end_us):
        first_day, last_day = (since_us + offset_us) // US_PER_DAY, (until_us + offset_us) // US_PER_DAY
        for day in _work_days(calendar, first_day, last_day):
            midnight_us = day * US_PER_DAY - offset_us
            for start_us, end_us in hours:
                span = max(since_us, midnight_us + start_us), min(until_us, midnight_us + end_us)
                if span[0] < span[1]:
                    yield span


def _work_days(calendar: Calendar, first_day: int, last_day: int) -> Iterator[int]:
    """Yield the days at work from one to another, as days since 1970."""
    weekdays = {WEEK.index(day) for day in calendar.days}
    free = {date.fromisoformat(day) for day in calendar.closed}
    if calendar.holidays:
        import holidays  # slow to import, and few calendars name a country

        country, _, part = calendar.holidays.partition("-")
        years = range(
            *(((_FIRST_DAY + timedelta(days=day)).year + more) for day, more in ((first_day, 0), (last_day, 1)))
        )
        free |= set(holidays.country_holidays(country, subdiv=part or None, years=years))
    for day in range(first_day, last_day + 1):
        local = _FIRST_DAY + timedelta(days=day)
        if local.weekday() in weekdays and local not in free:
            yield day


def _offset_periods(wall: ZoneInfo, first_us: int, last_us: int) -> Iterator[tuple[int, int, int]]:
    """Yield the periods in which the wall clock keeps one distance from UTC: since, until (not included), distance.

    The wall clock is looked at once a day; no zone has changed it twice within one.
    """
    first, last = first_us // US_PER_SECOND, -(-last_us // US_PER_SECOND)
    since, distance = first, _distance(wall, first)
    for at in [*range(first + 86_400, last, 86_400), last]:
        now = _distance(wall, at)
        if now == distance:
            continue
        low, high = max(since, at - 86_400), at
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _distance(wall, middle) == distance else (low, middle)
        yield since * US_PER_SECOND, high * US_PER_SECOND, distance * US_PER_SECOND
        since, distance = high, now
    yield since * US_PER_SECOND, last * US_PER_SECOND, distance * US_PER_SECOND


def _distance(wall: ZoneInfo, second: int) -> int:
    """Return how many seconds the wall clock is before UTC at a second since 1970."""
    offset = (_EPOCH + timedelta(seconds=second)).astimezone(wall).utcoffset()
    return 0 if offset is None else offset // timedelta(seconds=1)
