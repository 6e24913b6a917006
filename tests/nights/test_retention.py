"""Night by night under [retention] is a rebuild under it, and is all at once: what is too old might never have come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dealt_company import DealtCompany, check_equal, read_fingerprints, read_rows
from pipelines import nightly as nightly_module

from journeys.config import load_settings
from journeys.sources import open_store

HEAD = """
[project]
name = "Old rows"
timezone = "Europe/Riga"
[warehouse]
keep_snapshots = 1
[[source]]
name = "web"
kind = "file"
path = "web-*.csv"
interaction = true
[source.columns]
event_id = "id"
occurred_at = "at"
device_id = "device"
user_id = "who"
event = "what"
[[touchpoint]]
name = "Page"
match = { event = "page" }
[[goal]]
name = "sale"
match = { event = "sale" }
[journey]
inactive_days = 5
[retention]
"""
BOOK = """
[[source]]
name = "book"
kind = "file"
path = "book-*.csv"
holds = "contacts"
[source.columns]
occurred_at = "at"
user_id = "who"
[source.identifiers]
email = "mail"
"""
COLUMNS = "id,at,device,who,what\n"


class World:
    """A small shop whose files are written night by night."""

    def __init__(self, folder: Path, refresh: Callable[..., Any], limits: str, *, more: str = "") -> None:
        self.folder, self._refresh, self.config = folder, refresh, folder / "journeys.toml"
        self.config.write_text(HEAD + limits + more, encoding="utf-8")

    def night(self, name: str = "", *lines: str, columns: str = COLUMNS, **options: Any) -> Any:
        """Write a file with these lines, and refresh."""
        if name:
            (self.folder / f"{name}.csv").write_text(columns + "".join(f"{line}\n" for line in lines), encoding="utf-8")
        return self._refresh(self.config, **options)

    def ask(self, select: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.folder / "warehouse" / "current" / "results.duckdb", read_only=True) as connection:
            return connection.execute(select).fetchall()

    def check_rebuild(self) -> None:
        """What was kept night by night is what a rebuild gives."""
        rows, fingerprints = read_rows(self.config), read_fingerprints(self.config)
        self.night(full=True)
        assert read_rows(self.config) == rows
        assert read_fingerprints(self.config) == fingerprints

    def stored(self, select: str) -> list[tuple[Any, ...]]:
        store = open_store(self.folder / "warehouse")
        return duckdb.sql(
            select.replace("STORE", f"read_parquet({[str(path) for path in store.list_files()]})")
        ).fetchall()


@pytest.mark.parametrize(
    ("persons", "night_count", "seed"),
    [pytest.param(200, 4, 3), pytest.param(400, 20, 5, marks=pytest.mark.prove)],
)
def test_night_by_night_is_a_rebuild_and_all_at_once(
    tmp_path: Path, refresh: Callable[..., Any], persons: int, night_count: int, seed: int
) -> None:
    nights, once = (
        DealtCompany(tmp_path / name, persons=persons, night_count=night_count, seed=seed)
        for name in ("nights", "once")
    )
    for company in (nights, once):
        text = (
            company.config.read_text(encoding="utf-8") + "\n[retention]\nevents_days = 62\nidentity_edges_days = 40\n"
        )
        company.config.write_text(text, encoding="utf-8")
    for night in range(night_count):
        nights.arrive(night)
        refresh(nights.config)
    first_us = {row[0] for row in _ask(nights.config, "SELECT MIN(occurred_at_us) FROM events")}.pop()
    since = _ask(nights.config, "SELECT MAX(epoch_us(older_than)) FROM removed_rows WHERE what = 'events'")[0][0]
    assert first_us >= since
    # Nothing that hangs on an event is older either.
    for table, column in (("sessions", "started_at_us"), ("touchpoints", "occurred_at_us"), ("persons", "first_seen_us"),
                          ("journeys", "started_at_us"), ("identifiers", "first_seen_us")):  # fmt: skip
        contacts = "WHERE identifier_kind IN ('device_id', 'cookie')" if table == "identifiers" else ""
        assert _ask(nights.config, f"SELECT MIN({column}) FROM {table} {contacts}")[0][0] >= since, table
    rows = read_rows(nights.config)
    refresh(nights.config, full=True)
    assert read_rows(nights.config) == rows
    once.arrive_whole()
    refresh(once.config)
    check_equal(nights.config, once.config)


def test_a_later_repeat_stands_for_an_event_that_is_too_old(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    world = World(tmp_path, refresh, "events_days = 10\n")
    # Of 1 the first time counts, until it is too old; 2 is told twice with one time.
    world.night("web-1", "1,2026-03-01T10:00:00Z,d,a,page", "1,2026-03-08T10:00:00Z,d,a,page",
                "1,2026-03-09T10:00:00Z,d,a,page", "2,2026-03-01T11:00:00Z,d,a,page", "2,2026-03-01T11:00:00Z,d,a,page",
                "3,2026-03-09T10:00:00Z,e,b,page")  # fmt: skip
    counts = "SELECT read_count, accepted_count, duplicate_count FROM data_quality"
    assert world.ask(counts) == [(6, 3, 3)]
    world.night("web-2", "4,2026-03-15T10:00:00Z,e,b,page")
    assert world.ask("SELECT event_id, occurred_at::VARCHAR FROM events ORDER BY 1") == [
        ("1", "2026-03-08 10:00:00"),
        ("3", "2026-03-09 10:00:00"),
        ("4", "2026-03-15 10:00:00"),
    ]
    # Left: 1 twice, 3, 4.
    assert world.ask(counts) == [(4, 3, 1)]
    assert world.ask("SELECT what, row_count FROM removed_rows ORDER BY 1") == [("events", 2), ("repeats", 1)]
    assert world.ask("SELECT event_count, journey_count FROM (SELECT event_count FROM persons WHERE person_id = "
                     "(SELECT person_id FROM person_identifiers WHERE identifier_value = 'a')), "
                     "(SELECT COUNT(*) AS journey_count FROM journeys)") == [(1, 2)]  # fmt: skip
    world.check_rebuild()


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


def test_rows_are_removed_every_so_many_days(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    world = World(tmp_path, refresh, "events_days = 10\nevery_days = 7\n")
    world.night("web-1", *(f"{day},2026-03-{day:02d}T10:00:00Z,d,a,page" for day in range(1, 15)))
    # 2026-03-14 less 10 days is the 4th; weeks begin on Sundays here (day 0 is a Sunday): the 1st.
    assert world.ask("SELECT MIN(event_id::INTEGER) FROM events") == [(1,)]
    world.night("web-2", "17,2026-03-17T10:00:00Z,d,a,page")
    assert world.ask("SELECT MIN(event_id::INTEGER) FROM events") == [(1,)]
    world.night("web-3", "18,2026-03-18T10:00:00Z,d,a,page")
    assert world.ask("SELECT MIN(event_id::INTEGER) FROM events") == [(8,)]
    world.check_rebuild()


def test_a_run_that_dies_between_store_and_snapshot_is_made_good(
    tmp_path: Path, refresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path, refresh, "events_days = 10\n")
    lines = ("1,2026-03-01T10:00:00Z,d,a,page", "1,2026-03-01T10:00:00Z,d,a,page", "2,2026-03-08T10:00:00Z,d,b,page")
    world.night("web-1", *lines)
    with monkeypatch.context() as broken:
        broken.setattr(nightly_module, "publish", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            world.night("web-2", "3,2026-03-15T10:00:00Z,d,a,page")
    assert world.ask("SELECT COUNT(*) FROM events") == [(2,)], "yesterday's is still published"
    capsys.readouterr()
    world.night()
    assert "rows were removed by their age" in capsys.readouterr().err
    assert world.ask("SELECT event_id FROM events ORDER BY 1") == [("2",), ("3",)]
    assert world.ask("SELECT read_count, accepted_count, duplicate_count FROM data_quality") == [(2, 2, 0)]
    assert world.ask("SELECT what, row_count FROM removed_rows ORDER BY 1") == [("events", 1), ("repeats", 1)]
    world.check_rebuild()


def test_rows_of_a_source_that_is_configured_no_more_leave_the_store(
    tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    world = World(tmp_path, refresh, "events_days = 10\n", more=BOOK.replace("book", "shop").replace('"contacts"', '"events"')
                  .replace('user_id = "who"', 'user_id = "who"\nevent = "mail"'))  # fmt: skip
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


def test_an_earlier_night_leaves_the_store_alone(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    world = World(tmp_path, refresh, "events_days = 10\n")
    world.night("web-1", "1,2026-03-01T10:00:00Z,d,a,page", "2,2026-03-09T10:00:00Z,d,a,page",
                "2,2026-03-09T10:00:00Z,d,a,page", "3,2026-03-10T10:00:00Z,d,a,page")  # fmt: skip
    loaded = world.ask("SELECT MAX(loaded_at) FROM events")[0][0]
    text = world.config.read_text(encoding="utf-8")
    world.config.write_text(text.replace("events_days = 10", "events_days = 5"), encoding="utf-8")
    made = world.night(as_of=f"{loaded.isoformat()}+00:00")
    with duckdb.connect(made.snapshot.results, read_only=True) as connection:
        assert connection.execute("SELECT event_id FROM events ORDER BY 1").fetchall() == [("2",), ("3",)]
        counts = connection.execute("SELECT read_count, accepted_count, duplicate_count FROM data_quality").fetchall()
        assert counts == [(3, 2, 1)]
    assert world.stored("SELECT COUNT(*) FROM STORE") == [(4,)]


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let the next run begin at this moment."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return moment.astimezone(tz)

    monkeypatch.setattr(nightly_module, "datetime", Clock)


def _ask(config: Path, select: str) -> list[tuple[Any, ...]]:
    results = load_settings(config).warehouse.path / "current" / "results.duckdb"
    with duckdb.connect(results, read_only=True) as connection:
        return connection.execute(select).fetchall()
