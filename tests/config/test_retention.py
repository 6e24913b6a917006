"""[retention]: calendar days counted back, mistakes, and limits that reach less far than answers look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from journeys.config import Retention, Settings, find_cutoffs
from journeys.units import time_us

HEAD = '"device_split"\n[retention]\n'


def starts(retention: Retention, as_of: str, timezone: str = "UTC") -> dict[str, str]:
    """Where the kept rows start, as UTC text."""
    cutoffs = find_cutoffs(retention, time_us(as_of), timezone=timezone)
    return {
        table: datetime.fromtimestamp(us / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M") for table, us in cutoffs.items()
    }


def test_everything_is_kept_when_nothing_is_said(load: Callable[..., Settings]) -> None:
    retention = load().retention
    assert not retention.is_used
    assert starts(retention, "2026-03-10T10:00:00Z") == {}


@pytest.mark.parametrize(
    ("as_of", "timezone", "start"),
    [
        ("2026-03-10T00:00:00Z", "UTC", "2026-03-08 00:00"),
        ("2026-03-10T23:59:59Z", "UTC", "2026-03-08 00:00"),
        # In Riga it is the 11th already, and its day began at 22:00 of the day before.
        ("2026-03-10T22:30:00Z", "Europe/Riga", "2026-03-08 22:00"),
        ("2026-03-10T02:30:00Z", "America/New_York", "2026-03-07 05:00"),
        # Over the change to summer time of 2026-03-29: two calendar days are 47 hours, midnight is midnight.
        ("2026-03-30T10:00:00Z", "Europe/Riga", "2026-03-27 22:00"),
        ("2026-03-31T10:00:00Z", "Europe/Riga", "2026-03-28 22:00"),
        ("2026-04-01T10:00:00Z", "Europe/Riga", "2026-03-29 21:00"),
    ],
)
def test_days_are_those_of_the_calendar_of_the_project(as_of: str, timezone: str, start: str) -> None:
    assert starts(Retention(events_days=2), as_of, timezone) == {"events": start}


def test_each_table_has_its_own_limit() -> None:
    retention = Retention(events_days=2, rejected_events_days=1, runs_days=30)
    assert starts(retention, "2026-03-10T10:00:00Z") == {
        "events": "2026-03-08 00:00",
        "rejected_events": "2026-03-09 00:00",
        "runs": "2026-02-08 00:00",
    }


def test_removals_so_many_days_apart_keep_rows_a_little_longer() -> None:
    retention = Retention(events_days=10, every_days=7)
    found = [starts(retention, f"2026-03-{day}T10:00:00Z")["events"][:10] for day in range(14, 26)]
    # 10 days before the 18th is Sunday the 8th: the days from one removal to the next begin there.
    assert found == ["2026-03-01"] * 4 + ["2026-03-08"] * 7 + ["2026-03-15"]


def test_the_longest_limit_can_be_counted_back() -> None:
    assert starts(Retention(events_days=36_500), "1970-01-01T00:00:00Z")["events"].startswith("1870-01-2")


@pytest.mark.parametrize(
    "text",
    [
        "events_days = 0",
        "events_days = -1",
        "events_days = 1.5",
        'events_days = "1"',
        "events_days = true",
        "events_days = 40000",
        "event_days = 3",
        "every_days = 0",
    ],
)
def test_days_are_whole_and_positive(problems_of: Callable[..., list[str]], text: str) -> None:
    (problem,) = problems_of(('"device_split"', HEAD + text))
    assert problem.startswith("[retention]: eve")


def test_retention_is_a_table(problems_of: Callable[..., list[str]]) -> None:
    (problem,) = problems_of(("[project]\n", "retention = 3\n[project]\n"))
    assert "[retention]" in problem


def test_windows_are_not_longer_than_events_are_kept(problems_of: Callable[..., list[str]]) -> None:
    found = problems_of(
        ('"device_split"', f"{HEAD}events_days = 6"),
        (
            '[[stage]]\nname = "consideration"',
            '[[stage]]\nname = "consideration"\n[[stage]]\nname = "lapsed"\nabsent_days = 7',
        ),
    )
    assert [problem.split(": longer")[0] for problem in sorted(found)] == [
        '[[funnel]] "shop" (1st): window',
        '[[stage]] "lapsed" (3rd): absent_days',
        "[journey]: inactive_days",
    ]
    assert all("[retention] events_days = 6" in problem for problem in found)


def test_windows_as_long_as_events_are_kept_are_allowed(load: Callable[..., Settings]) -> None:
    assert load(('"device_split"', f"{HEAD}events_days = 30")).retention.events_days == 30


def test_limits_that_reach_less_far_than_they_seem_are_warned_of(load: Callable[..., Settings]) -> None:
    rejects, links = load(
        ('"device_split"', f"{HEAD}events_days = 400\nidentity_edges_days = 700"),
    ).warnings
    assert "rejected_events_days" in rejects
    assert "identity_edges_days = 700 changes nothing" in links
    assert load(('"device_split"', f"{HEAD}events_days = 400\nrejected_events_days = 90")).warnings == ()
