"""Rows that are too old are in no byte of the warehouse, are told, and do not come back with their source."""

from __future__ import annotations

import re

import pytest
from shop_script import RULES, Script
from warehouse_bytes import places_of

pytestmark = pytest.mark.usefixtures("blank_page")

RETENTION = "\n[warehouse]\nkeep_snapshots = 1\n[journey]\ninactive_days = 5\n[retention]\nevents_days = 10\n"
# Nobody but `old` has these texts, and `old` has no later event.
OLD = (
    ("1", "old-visitor-77", "2026-03-01T10:00:00Z", "land", "https://shop.example/old-page-77", ""),
    ("2", "old-visitor-77", "2026-03-01T10:05:00Z", "buy", "https://shop.example/old-page-77", "20.50"),
)
MARKS = ["old-visitor-77", "old-page-77"]
# Of the day that is kept to its first moment, and of the moment before, by the calendar of Riga (UTC+2 in March).
EDGE = (
    ("3", "b", "2026-03-01T21:59:59Z", "view", "https://shop.example/p/2", ""),
    ("4", "b", "2026-03-01T22:00:00Z", "view", "https://shop.example/p/2", ""),
)
LATER = (("5", "c", "2026-03-12T12:00:00Z", "land", "https://shop.example/", ""),)


@pytest.fixture
def shop(script: Script) -> Script:
    script.write(OLD + EDGE, rules=RULES + RETENTION)
    text = script.config.read_text("utf-8").replace('"Test shop"', '"Test shop"\ntimezone = "Europe/Riga"')
    script.config.write_text(text, encoding="utf-8")
    script("refresh").succeeds()
    return script


def told(err: str) -> list[str]:
    return [re.sub(r"\s+", " ", line) for line in err.splitlines() if line.startswith("retention")]


def test_old_rows_leave_every_byte_and_stay_away(shop: Script) -> None:
    assert {text for _, text in places_of(shop.warehouse, MARKS)} == set(MARKS), "the search finds them before"
    # The source keeps its old rows, as a log that grows does.
    shop.log(OLD + EDGE + LATER)
    ended = shop("refresh")
    ended.succeeds()
    assert told(ended.err) == ["retention removed 3 events older than 2026-03-02"]
    assert shop.rows("SELECT event_id FROM events ORDER BY 1") == [("4",), ("5",)]
    assert places_of(shop.warehouse, MARKS) == set()
    assert shop.rows("SELECT read_count, accepted_count FROM data_quality") == [(2, 2)]
    assert shop.rows("SELECT what, source, older_than::VARCHAR, row_count FROM removed_rows") == [
        ("events", "web", "2026-03-01 22:00:00", 3)
    ]
    before = shop.current()

    shop.log((*OLD, *EDGE, *LATER, ("6", "d", "2026-03-12T13:00:00Z", "land", "https://shop.example/", "")))
    ended = shop("refresh")
    ended.succeeds()
    assert told(ended.err) == ["retention left out 3 rows older than 2026-03-02"]
    assert shop.rows("SELECT what, row_count FROM removed_rows ORDER BY 1") == [("events", 3), ("too late", 3)]
    assert shop.current() != before

    for words in (("refresh", "--full"), ("backfill", "--from", "2026-01-01", "--to", "2026-12-31")):
        shop(*words).succeeds()
        assert shop.rows("SELECT event_id FROM events ORDER BY 1") == [("4",), ("5",), ("6",)], words
        assert places_of(shop.warehouse, MARKS) == set(), words


def test_a_second_run_of_the_same_night_changes_nothing(shop: Script) -> None:
    shop.log(OLD + EDGE + LATER)
    shop("refresh").succeeds()
    before = shop.current()
    ended = shop("refresh")
    ended.succeeds()
    assert "nothing new" in ended.err
    assert told(ended.err) == []
    assert shop.current() == before


def test_a_changed_limit_applies_to_the_next_night(shop: Script) -> None:
    shop.log(OLD + EDGE + LATER)
    text = shop.config.read_text("utf-8")
    shop.config.write_text(text.replace("events_days = 10", "events_days = 400"), encoding="utf-8")
    ended = shop("refresh")
    ended.succeeds()
    assert told(ended.err) == []
    assert shop.rows("SELECT COUNT(*) FROM events") == [(5,)]
    shop.config.write_text(text.replace("events_days = 10", "events_days = 8"), encoding="utf-8")
    ended = shop("refresh")
    ended.succeeds()
    assert told(ended.err) == ["retention removed 4 events older than 2026-03-04"]
    assert shop.rows("SELECT event_id FROM events") == [("5",)]


def test_a_night_that_is_not_published_removes_nothing(shop: Script) -> None:
    shop.log(OLD + EDGE + LATER)
    tried = shop("refresh", "--dry-run")
    tried.succeeds()
    assert told(tried.err) == []
    assert {text for _, text in places_of(shop.warehouse, MARKS)} == set(MARKS)
    shop("refresh").succeeds()
    assert shop.rows("SELECT event_id FROM events ORDER BY 1") == [("4",), ("5",)]
    assert places_of(shop.warehouse, MARKS) == set()


def test_a_window_longer_than_events_are_kept_is_refused(shop: Script) -> None:
    text = shop.config.read_text("utf-8")
    shop.config.write_text(text.replace("events_days = 10", "events_days = 6"), encoding="utf-8")
    shop("refresh").fails(2, '[[funnel]] "shop"', "window", "events_days = 6", "7d")
