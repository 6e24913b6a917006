"""Each table has a limit of its own, and what passes it leaves the kept tables and the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from old_rows import BOOK, HEAD, World, set_clock


@pytest.mark.prove
def test_refused_rows_leave_by_their_load_and_are_known_when_they_come_again(
    tmp_path: Path, refresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, refresh, "events_days = 400\nrejected_events_days = 7\n")
    bad = ("x,no time at all,d,a,page", "y,2026-03-01T10:00:00Z,,,page", "z,1970-01-01T10:00:00Z,d,a,page")
    rejects = "SELECT event_id, reason FROM rejected_events ORDER BY 1"
    set_clock(monkeypatch, datetime(2026, 3, 2, 3, tzinfo=UTC))
    world.night("web-1", "1,2026-03-01T10:00:00Z,d,a,page", *bad)
    expected = [("x", "unreadable time"), ("y", "no identifier"), ("z", "impossible time: too early")]
    assert world.ask(rejects) == expected
    set_clock(monkeypatch, datetime(2026, 3, 9, 3, tzinfo=UTC))
    world.night("web-2", "2,2026-03-09T02:00:00Z,d,a,page")
    assert world.ask(rejects) == expected, "loaded on the first day that is kept"
    set_clock(monkeypatch, datetime(2026, 3, 10, 3, tzinfo=UTC))
    world.night("web-3", "3,2026-03-10T02:00:00Z,d,a,page")
    assert world.ask(rejects) == []
    assert world.ask("SELECT what, row_count FROM removed_rows") == [("rejected_events", 3)]
    assert world.ask("SELECT read_count, rejected_count FROM data_quality") == [(3, 0)]
    assert world.stored("SELECT COUNT(*) FROM STORE") == [(3,)]
    # The file grows: its old refused rows are no news, a new one is.
    set_clock(monkeypatch, datetime(2026, 3, 11, 3, tzinfo=UTC))
    world.night("web-1", "1,2026-03-01T10:00:00Z,d,a,page", *bad, "w,2026-03-10T10:00:00Z,,,page")
    assert world.ask(rejects) == [("w", "no identifier")]
    world.check_rebuild()


def test_refused_rows_with_a_time_leave_with_the_events_of_that_time(
    tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    world = World(tmp_path, refresh, "events_days = 10\n")
    world.night("web-1", "1,2026-03-01T10:00:00Z,d,a,page", "y,2026-03-01T10:00:00Z,,undefined,page",
                "x,soon,,undefined,page")  # fmt: skip
    blocked = "SELECT identifier_value, event_count FROM identity_refusals WHERE guard = 'blocked'"
    assert world.ask(blocked) == [("undefined", 2)]
    world.night("web-2", "2,2026-03-15T10:00:00Z,d,a,page")
    assert world.ask("SELECT event_id FROM rejected_events") == [("x",)]
    assert world.ask(blocked) == [("undefined", 1)]
    assert world.ask("SELECT read_count, accepted_count, rejected_count FROM data_quality") == [(2, 1, 1)]
    world.check_rebuild()


@pytest.mark.prove
def test_address_books_have_a_limit_of_their_own(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    world = World(tmp_path, refresh, "events_days = 10\ncontact_rows_days = 20\n", more=BOOK)
    (tmp_path / "book-1.csv").write_text("at,who,mail\n2026-03-01T10:00:00Z,a,a@x.example\n", encoding="utf-8")
    world.night("web-1", "1,2026-03-01T10:00:00Z,d,a,page")
    world.night("web-2", "2,2026-03-15T10:00:00Z,e,a,page")
    assert world.ask("SELECT identifier_value FROM identifiers ORDER BY 1") == [("a",), ("a@x.example",), ("e",)]
    world.check_rebuild()
    world.night("web-3", "3,2026-03-22T10:00:00Z,e,a,page")
    assert world.ask("SELECT identifier_value FROM identifiers ORDER BY 1") == [("a",), ("e",)]
    assert world.ask("SELECT what, source, row_count FROM removed_rows ORDER BY 1") == [
        ("contact_rows", "book", 1),
        ("events", "web", 1),
    ]
    world.check_rebuild()


@pytest.mark.prove
def test_links_last_seen_too_long_ago_are_no_evidence(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    world = World(tmp_path, refresh, "identity_edges_days = 10\n")
    world.night("web-1", "1,2026-03-01T10:00:00Z,d,a,page", "2,2026-03-05T10:00:00Z,d,,page")
    same = "SELECT COUNT(DISTINCT person_id) FROM person_identifiers WHERE identifier_value IN ('d', 'a')"
    assert world.ask(same) == [(1,)]
    world.night("web-2", "3,2026-03-12T10:00:00Z,d,,page")
    assert world.ask(same) == [(2,)]
    assert world.ask("SELECT COUNT(*) FROM identity_edges") == [(0,)]
    assert world.ask("SELECT COUNT(*) FROM events") == [(3,)]
    world.check_rebuild()
    # A longer limit finds the link again: the rows it stands on are still there.
    text = world.config.read_text(encoding="utf-8").replace("edges_days = 10", "edges_days = 30")
    world.config.write_text(text, encoding="utf-8")
    world.night()
    assert world.ask(same) == [(1,)]
    world.check_rebuild()


@pytest.mark.prove
def test_rows_of_a_source_that_is_configured_no_more_leave_the_store(
    tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    shop = BOOK.replace("book", "shop").replace('"contacts"', '"events"').replace('at"\n', 'at"\nevent = "mail"\n')
    world = World(tmp_path, refresh, "events_days = 10\n", more=shop)
    (tmp_path / "shop-1.csv").write_text("at,who,mail\n2026-03-01T10:00:00Z,a,a@x.example\n", encoding="utf-8")
    world.night("web-1", "1,2026-03-05T10:00:00Z,d,a,page")
    assert world.stored("SELECT COUNT(*) FROM STORE") == [(2,)]
    world.config.write_text(HEAD + "events_days = 10\n", encoding="utf-8")
    world.night("web-2", "2,2026-03-12T10:00:00Z,d,a,page")
    assert world.stored("SELECT DISTINCT source FROM STORE") == [("web",)]
    assert world.ask("SELECT what, source, row_count FROM removed_rows") == [("rows of no source", "shop", 1)]
    world.check_rebuild()


def test_histories_have_limits_of_their_own(
    tmp_path: Path, refresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, refresh, "events_days = 10\nperson_aliases_days = 5\nruns_days = 5\n")
    set_clock(monkeypatch, datetime(2026, 3, 2, 3, tzinfo=UTC))
    world.night("web-1", "1,2026-03-01T10:00:00Z,d,,page")
    set_clock(monkeypatch, datetime(2026, 3, 3, 3, tzinfo=UTC))
    world.night("web-2", "2,2026-03-02T10:00:00Z,d,a,page")
    assert world.ask("SELECT COUNT(*) FROM person_aliases") == [(1,)]
    set_clock(monkeypatch, datetime(2026, 3, 13, 3, tzinfo=UTC))
    world.night("web-3", "3,2026-03-12T20:00:00Z,d,a,page")
    assert world.ask("SELECT COUNT(*) FROM person_aliases") == [(0,)]
    assert world.ask("SELECT started_at::VARCHAR FROM runs") == [("2026-03-13 03:00:00",)]
    # 2026-03-12 22:00 in Riga: the 2nd is kept, the 1st is not.
    assert world.ask("SELECT what, row_count FROM removed_rows ORDER BY 1") == [
        ("events", 1), ("person_aliases", 1), ("runs", 2)]  # fmt: skip


@pytest.mark.prove
def test_refused_rows_come_back_when_their_mapping_is_mended(
    tmp_path: Path, refresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, refresh, "rejected_events_days = 7\n")
    wrong = HEAD.replace('occurred_at = "at"', 'occurred_at = "who"') + "rejected_events_days = 7\n"
    right = world.config.read_text(encoding="utf-8")
    set_clock(monkeypatch, datetime(2026, 3, 2, 3, tzinfo=UTC))
    world.night("web-1", "1,2026-03-01T10:00:00Z,d,2026-03-01,page")
    world.config.write_text(wrong, encoding="utf-8")
    world.night("web-2", "2,2026-03-01T11:00:00Z,d,anna,page", "3,2026-03-01T12:00:00Z,d,anna,page")
    set_clock(monkeypatch, datetime(2026, 3, 20, 3, tzinfo=UTC))
    world.night("web-3", "4,2026-03-19T10:00:00Z,d,2026-03-19,page")
    assert world.ask("SELECT SUM(row_count) FROM removed_rows WHERE what = 'rejected_events'") == [(2,)]
    world.config.write_text(right, encoding="utf-8")
    world.night(since="2026-03-01", until="2026-03-03")
    assert world.ask("SELECT event_id FROM events ORDER BY 1") == [("1",), ("2",), ("3",), ("4",)]
    world.check_rebuild()


@pytest.mark.prove
def test_links_count_again_when_the_end_of_observation_goes_back(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    world = World(tmp_path, refresh, "identity_edges_days = 10\n")
    world.night("web-1", "1,2026-03-01T10:00:00Z,d,a,page")
    world.night("web-2", "2,2026-03-12T10:00:00Z,d,,page")
    assert world.ask("SELECT COUNT(*) FROM identity_edges") == [(0,)]
    # A new source lags: its last event is the end of observation now, and the limit goes back with it.
    lagging = HEAD.split("[[source]]")[1].split("[[touchpoint]]")[0]
    lagging = lagging.replace('name = "web"', 'name = "app"').replace("web-*.csv", "app-*.csv")
    (tmp_path / "app-1.csv").write_text("id,at,device,who,what\n9,2026-03-05T10:00:00Z,x,,page\n", encoding="utf-8")
    text = world.config.read_text(encoding="utf-8")
    world.config.write_text(text.replace("[[touchpoint]]", f"[[source]]{lagging}[[touchpoint]]", 1), encoding="utf-8")
    world.night()
    assert world.ask("SELECT COUNT(*) FROM identity_edges") == [(1,)]
    world.check_rebuild()


def test_a_line_less_of_the_histories_rewrites_no_other_file(
    tmp_path: Path, refresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, refresh, "runs_days = 3\n")
    set_clock(monkeypatch, datetime(2026, 3, 2, 3, tzinfo=UTC))
    world.night("web-1", "1,2026-03-01T10:00:00Z,d,a,page")
    before = kept_files(tmp_path)
    set_clock(monkeypatch, datetime(2026, 3, 12, 3, tzinfo=UTC))
    world.night("web-2", "2,2026-03-11T10:00:00Z,d,a,page")
    assert world.ask("SELECT what, row_count FROM removed_rows") == [("runs", 1)]
    assert before <= kept_files(tmp_path)


def kept_files(folder: Path) -> set[int]:
    """The files of the kept tables, by what they are on the disk."""
    return {file.stat().st_ino for file in (folder / "warehouse" / "current" / "runs").rglob("*.parquet")}
