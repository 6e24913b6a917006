"""Gates 'freshness' and 'volume': are the events new enough, and as many as on the same weekdays before."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from gate_world import MONDAY, STARTED, Event, judge, mondays, only, read_gates, write_night

from journeys.report.gates import judge_arrivals
from journeys.warehouse import Engine


def volume(folder: Path, events: list[Event], gates: str = "fewest = 5", source: str = "web") -> tuple:
    with Engine() as engine:
        write_night(engine, events)
        [verdict] = [each for each in only(judge(engine, read_gates(folder, gates)), "volume") if each.source == source]
    return verdict.status, verdict.value, verdict.limit, verdict.count, verdict.base


# The four Mondays before have 30, 8, 12 and 10 events: their median is 11.
@pytest.mark.parametrize(
    ("count", "status", "value", "limit"),
    [
        (6, "passed", 0.545454545, 0.5),
        (5, "warned", 0.454545455, 0.5),
        (0, "warned", 0.0, 0.5),
        (11, "passed", 1.0, 2.0),
        (22, "passed", 2.0, 2.0),
        (23, "warned", 2.090909091, 2.0),
    ],
)
def test_volume_is_the_day_against_the_median_of_the_same_weekday(
    tmp_path: Path, count: int, status: str, value: float, limit: float
) -> None:
    assert volume(tmp_path, mondays(count, 30, 8, 12, 10)) == (status, value, limit, count, 11)


def test_volume_leaves_out_weekdays_without_events_and_weeks_longer_ago(tmp_path: Path) -> None:
    # Of the four Mondays one had none: the median of 8, 12 and 10; five weeks ago nobody looks.
    assert volume(tmp_path, mondays(4, 0, 8, 12, 10, 999)) == ("warned", 0.4, 0.5, 4, 10)


def test_volume_is_not_judged_with_fewer_than_three_same_weekdays(tmp_path: Path) -> None:
    assert volume(tmp_path, mondays(1, 100, 100)) == ("not judged", None, None, None, None)
    assert volume(tmp_path, mondays(1)) == ("not judged", None, None, None, None)
    # Other weekdays are no help.
    others = [Event(day=MONDAY - timedelta(days=day)) for day in (1, 2, 3, 8, 9, 15) for _ in range(50)]
    assert volume(tmp_path, mondays(1, 100, 100) + others)[0] == "not judged"


def test_volume_is_not_judged_where_few_are_usual(tmp_path: Path) -> None:
    assert volume(tmp_path, mondays(0, 4, 4, 4)) == ("not judged", None, None, None, 4)
    assert volume(tmp_path, mondays(0, 4, 4, 4), "fewest = 4")[0] == "warned"


def test_volume_is_of_the_last_whole_day_in_the_zone_of_the_project(tmp_path: Path) -> None:
    # The run began on Tuesday in Riga: what came on Tuesday is of a day that is not over.
    tuesday = [Event(day=MONDAY + timedelta(days=1)) for _ in range(500)]
    assert volume(tmp_path, mondays(10, 10, 10, 10) + tuesday)[3] == 10


def test_a_source_that_may_lag_is_judged_on_the_day_of_its_last_event(tmp_path: Path) -> None:
    thursday = date(2026, 3, 5)
    lagging = mondays(6, 10, 10, 10, source="poll", last=thursday)
    assert volume(tmp_path, lagging, source="poll") == ("passed", 0.6, 0.5, 6, 10)
    # The required one had no Monday.
    required = mondays(6, 10, 10, 10, last=thursday) + mondays(0, 10, 10, 10)
    assert volume(tmp_path, required) == ("warned", 0.0, 0.5, 0, 10)


def freshness(folder: Path, gates: str, last_us: int | None) -> list[tuple]:
    with Engine() as engine:
        write_night(engine, [Event(), Event("poll")])
        engine.run("UPDATE data_quality SET last_us = $us WHERE source = 'web'", {"us": last_us})
        found = only(judge(engine, read_gates(folder, gates)), "freshness")
    return [(each.source, each.status, each.value, each.limit) for each in found]


def test_freshness_is_the_age_of_a_required_sources_last_event(tmp_path: Path) -> None:
    now = int(STARTED.timestamp()) * 1_000_000
    day = 86_400 * 1_000_000
    assert freshness(tmp_path, "", now - 3 * day) == [("web", "passed", 72.0, 72.0)]
    assert freshness(tmp_path, "", now - 3 * day - 1) == [("web", "warned", 72.0, 72.0)]
    assert freshness(tmp_path, 'freshness_limit = "36h"', now - 2 * day) == [("web", "warned", 48.0, 36.0)]
    assert freshness(tmp_path, 'freshness_limit = "36h"', now + 60_000_000) == [("web", "passed", 0.0, 36.0)]


def test_a_required_source_without_one_event_is_not_fresh(tmp_path: Path) -> None:
    assert freshness(tmp_path, 'freshness = "block"', None) == [("web", "blocked", None, 72.0)]
    with Engine() as engine:
        write_night(engine, [Event("poll")])
        [verdict] = only(judge(engine, read_gates(tmp_path)), "freshness")
    assert (verdict.source, verdict.status) == ("web", "warned")
    assert "not one usable event" in verdict.text


def test_a_night_without_anything_new_is_judged_by_what_should_have_come(tmp_path: Path) -> None:
    with Engine() as engine:
        write_night(engine, mondays(0, 10, 10, 10))
        found = judge_arrivals(engine, read_gates(tmp_path, 'fewest = 5\nvolume = "block"'), started_at=STARTED)
    assert [(each.gate, each.source, each.status) for each in found] == [
        ("freshness", "web", "warned"),
        ("volume", "web", "blocked"),
        ("volume", "poll", "not judged"),
    ]
