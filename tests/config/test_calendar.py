"""`[calendar]`: business hours, and mistakes in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from journeys.config import Calendar, Settings, read_calendar
from journeys.errors import CallError

SECTION = '[report]\npath = "report.html"\n'


def with_calendar(lines: str) -> tuple[str, str]:
    return SECTION, f"[calendar]\n{lines}\n{SECTION}"


def test_without_a_section_the_week_is_monday_to_friday_nine_to_five(load: Callable[..., Settings]) -> None:
    calendar = load().calendar
    assert calendar == Calendar()
    assert calendar.days == ("mon", "tue", "wed", "thu", "fri")
    assert calendar.spans_minutes == ((540, 1020),)


def test_every_key_is_read(load: Callable[..., Settings]) -> None:
    lines = (
        'timezone = "Europe/Riga"\ndays = ["sat", "mon"]\nhours = ["13:00-24:00", "00:00-12:30"]\nholidays = "DE-BY"\n'
        'closed = [2026-12-24, "2026-12-31", 2026-12-24]'
    )
    calendar = load(with_calendar(lines)).calendar
    assert calendar.days == ("mon", "sat")
    assert calendar.spans_minutes == ((0, 750), (780, 1440))
    assert calendar.closed == ("2026-12-24", "2026-12-31")
    assert calendar.holidays == "DE-BY"
    words = calendar.words("UTC")
    assert all(word in words for word in ("00:00-12:30", "Europe/Riga", "mon, sat", "DE-BY", "2 dates"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("days = []", ["days: no day, or a day twice", "mon, tue"]),
        ('days = ["mon", "mon"]', ["days: no day, or a day twice"]),
        ('days = ["monday"]', ["'monday' is no day of the week", "did you mean 'mon'?"]),
        ('days = "mon"', ["days: must be a list"]),
        ("days = [[1]]", ["days", "is no day of the week"]),
        ("hours = []", ["hours: no hours"]),
        ('hours = ["9-17"]', ["hours: '9-17' is no span of hours"]),
        ("hours = [9]", ["hours: 9 is no span of hours"]),
        ('hours = ["17:00-09:00"]', ["does not end after it starts"]),
        ('hours = ["09:00-09:00"]', ["does not end after it starts"]),
        ('hours = ["09:00-24:30"]', ["does not end after it starts"]),
        ('hours = ["09:00-13:00", "12:00-17:00"]', ["overlap"]),
        ('holidays = "XX"', ["holidays: no country whose holidays are known"]),
        ('holidays = "DE-XX"', ["holidays: no part of DE", "BY"]),
        ("holidays = 1", ["holidays: must be a text"]),
        ('closed = ["24.12.2026"]', ["closed: '24.12.2026' is no date"]),
        ("closed = [2026-12-24T10:00:00]", ["is no date"]),
        ('timezone = "Riga"', ["timezone: no known time zone", "Europe/Riga"]),
        ('day = ["mon"]', ["day: unknown key", "did you mean 'days'?"]),
    ],
)
def test_each_mistake_says_what_is_allowed(problems_of: Callable[..., list[str]], line: str, words: list[str]) -> None:
    [problem] = problems_of(with_calendar(line))
    assert problem.startswith("[calendar]: ")
    for word in words:
        assert word in problem


def test_the_fingerprint_leaves_out_the_calendar(load: Callable[..., Settings]) -> None:
    """No published number uses it; other hours must not rebuild the warehouse."""
    assert load().fingerprint() == load(with_calendar('days = ["sun"]')).fingerprint()


def test_a_call_reads_the_same_keys() -> None:
    assert read_calendar({"days": ["sun"], "closed": ["2026-01-01"]}).days == ("sun",)
    assert read_calendar(Calendar()) == Calendar()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("mon", "no dictionary"),
        ({"dayz": ["mon"]}, "unknown key"),
        ({"hours": ["x"]}, "calendar.hours: 'x' is no span"),
        ({"timezone": 3}, "calendar.timezone"),
        ({3: 4}, "unknown key"),
    ],
)
def test_a_mistake_in_a_call_is_told(given: object, words: str) -> None:
    with pytest.raises(CallError, match=words):
        read_calendar(given)


def test_every_key_is_described() -> None:
    assert all(field.description for field in Calendar.model_fields.values())
