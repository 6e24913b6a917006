"""Business time is what one counts by looking at the clock on the wall, also when it changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pytest

from journeys.config import read_calendar
from journeys.insights.paths.business_time import BusinessClock

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND, HOUR = 1_000_000, 3_600_000_000
RIGA = ZoneInfo("Europe/Riga")


def us(text: str, zone: ZoneInfo = RIGA) -> int:
    """Microseconds of an ISO time in a zone."""
    return (datetime.fromisoformat(text).replace(tzinfo=zone) - EPOCH) // timedelta(microseconds=1)


def hours(start: int, end: int, **calendar: object) -> float:
    """Business hours between two moments."""
    clock = BusinessClock(read_calendar(calendar), "Europe/Riga", start, end)
    return int(clock.between(np.array([start]), np.array([end]))[0]) / HOUR


def test_a_week_has_forty_hours() -> None:
    # 2026-03-02 is a Monday.
    assert hours(us("2026-03-02T00:00"), us("2026-03-09T00:00")) == 40
    assert hours(us("2026-03-06T16:00"), us("2026-03-09T10:30")) == 2.5
    assert hours(us("2026-03-07T10:00"), us("2026-03-08T20:00")) == 0
    assert hours(us("2026-03-02T18:00"), us("2026-03-02T18:00")) == 0


def test_a_microsecond_counts() -> None:
    start, end = us("2026-03-02T16:59:59.999999"), us("2026-03-03T09:00:00.000001")
    assert hours(start, end) * HOUR == 2


def test_a_break_is_free_and_twenty_four_is_midnight() -> None:
    day = {"hours": ["09:00-12:30", "13:00-24:00"]}
    assert hours(us("2026-03-02T12:00"), us("2026-03-02T14:00"), **day) == 1.5
    assert hours(us("2026-03-02T23:00"), us("2026-03-03T09:30"), **day) == 1.5


def test_the_day_the_clock_goes_forward_has_twenty_three_hours_and_the_other_twenty_five() -> None:
    always = {"days": ["sun"], "hours": ["00:00-24:00"]}
    assert hours(us("2026-03-28T12:00"), us("2026-03-30T12:00"), **always) == 23
    assert hours(us("2026-10-24T12:00"), us("2026-10-26T12:00"), **always) == 25
    # In Riga 03:00 to 04:00 is left out in spring and shown twice in autumn.
    night = {"days": ["sun"], "hours": ["02:00-03:30"]}
    assert hours(us("2026-03-28T12:00"), us("2026-03-30T12:00"), **night) == 1
    assert hours(us("2026-10-24T12:00"), us("2026-10-26T12:00"), **night) == 2


def test_elapsed_time_over_the_change_is_not_wall_time() -> None:
    # From Friday 16:00 to Monday 10:00 the wall clock shows 66 hours; 65 have passed, 2 of them in business hours.
    start, end = us("2026-03-27T16:00"), us("2026-03-30T10:00")
    assert (end - start) / HOUR == 65
    assert hours(start, end) == 2


def test_free_days_are_free() -> None:
    # 2026-11-18 is the day of the republic of Latvia, a Wednesday.
    week = us("2026-11-16T00:00"), us("2026-11-21T00:00")
    assert date(2026, 11, 18) in holidays.country_holidays("LV", years=2026)
    assert hours(*week, holidays="LV") == 32
    assert hours(*week, closed=["2026-11-17", "2026-11-22"]) == 32
    assert hours(*week, holidays="LV", closed=["2026-11-18"]) == 32


def test_holidays_of_every_year_of_the_stretch_count() -> None:
    january = us("2027-01-01T00:00"), us("2027-01-02T00:00")
    clock = BusinessClock(read_calendar({"holidays": "LV"}), "Europe/Riga", us("2025-12-31T00:00"), january[1])
    assert clock.between(*(np.array([each]) for each in january))[0] == 0


ZONES = ("UTC", "Europe/Riga", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "America/Sao_Paulo",
         "Asia/Kathmandu", "Pacific/Apia")  # fmt: skip
STARTS = ("2011-12-28", "2017-10-13", "2026-02-12", "2026-03-26", "2026-10-23", "2026-11-01")


@pytest.mark.parametrize("name", ZONES)
def test_random_stretches_equal_counting_minutes_on_the_wall(name: str) -> None:
    source = np.random.default_rng(4)
    for first in STARTS:
        calendar = read_calendar(
            {"days": ["mon", "thu", "fri", "sun"],
             "hours": ["00:00-01:15", "01:40-03:20", "09:00-17:00", "23:10-24:00"],
             "closed": ["2026-03-27"], "timezone": name}
        )  # fmt: skip
        start = us(f"{first}T00:00", ZoneInfo("UTC"))
        minutes = [start + place * 60 * SECOND for place in range(5 * 1440)]
        is_open = np.array(
            [_is_open(calendar.spans_minutes, calendar.days, calendar.closed, at, name) for at in minutes]
        )
        clock = BusinessClock(calendar, "UTC", minutes[0], minutes[-1])
        pairs = np.sort(source.integers(0, len(minutes), (50, 2)), axis=1)
        found = clock.between(*(np.array(minutes)[pairs[:, side]] for side in (0, 1)))
        assert found.tolist() == [int(is_open[a:b].sum()) * 60 * SECOND for a, b in pairs]


def _is_open(
    spans: tuple[tuple[int, int], ...], days: tuple[str, ...], closed: tuple[str, ...], at: int, name: str
) -> bool:
    """Look at the wall clock; all changes of the zones above fall on whole minutes."""
    wall = (EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(name))
    minute = wall.hour * 60 + wall.minute
    is_day = wall.strftime("%a").lower() in days and wall.date().isoformat() not in closed
    return is_day and any(start <= minute < end for start, end in spans)
