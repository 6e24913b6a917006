"""Night by night under [retention] is a rebuild under it, and is all at once: what is too old might never have come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dealt_company import DealtCompany, check_equal, read_rows
from old_rows import BOOK, World
from pipelines import nightly as nightly_module

from journeys.config import load_settings


@pytest.mark.parametrize(
    ("persons", "night_count", "seed"),
    [pytest.param(60, 2, 3), pytest.param(400, 20, 5, marks=pytest.mark.prove)],
)
def test_night_by_night_is_a_rebuild_and_all_at_once(
    tmp_path: Path, refresh: Callable[..., Any], persons: int, night_count: int, seed: int
) -> None:
    limits = "\n[retention]\nevents_days = 62\nidentity_edges_days = 40\n"
    companies = []
    for name in ("nights", "once"):
        company = DealtCompany(tmp_path / name, persons=persons, night_count=night_count, seed=seed)
        company.config.write_text(company.config.read_text(encoding="utf-8") + limits, encoding="utf-8")
        companies.append(company)
    nights, once = companies
    text = nights.config.read_text(encoding="utf-8")
    nights.config.write_text(text.replace("[warehouse]\n", "[warehouse]\nverify_persons = 40\n"), encoding="utf-8")
    for night in range(night_count):
        nights.arrive(night)
        refresh(nights.config)
    first_us = {row[0] for row in _ask(nights.config, "SELECT MIN(occurred_at_us) FROM events")}.pop()
    since = _ask(nights.config, "SELECT MAX(epoch_us(older_than)) FROM removed_rows WHERE what = 'events'")[0][0]
    assert first_us >= since
    # Nothing that hangs on an event is older either.
    dated = {
        "sessions": "started_at_us",
        "touchpoints": "occurred_at_us",
        "persons": "first_seen_us",
        "journeys": "started_at_us",
        "identifiers": "first_seen_us",
    }
    for table, column in dated.items():
        contacts = "WHERE identifier_kind IN ('device_id', 'cookie')" if table == "identifiers" else ""
        assert _ask(nights.config, f"SELECT MIN({column}) FROM {table} {contacts}")[0][0] >= since, table
    rows = read_rows(nights.config)
    refresh(nights.config, full=True)
    assert read_rows(nights.config) == rows
    once.arrive_whole()
    refresh(once.config)
    check_equal(nights.config, once.config)


@pytest.mark.prove
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
                     "(SELECT COUNT(*) AS journey_count FROM journeys)") == [(1, 3)]  # fmt: skip
    world.check_rebuild()


@pytest.mark.prove
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


@pytest.mark.prove
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
    # The next night removes them from the store, and the reproduced one with them.
    world.night("web-2", "4,2026-03-14T10:00:00Z,d,a,page")
    assert made.snapshot.folder.exists(), "what it holds is of the 9th and later"
    world.night("web-3", "5,2026-03-15T10:00:00Z,d,a,page")
    assert not made.snapshot.folder.exists()


def test_an_earlier_night_with_rows_of_an_address_book_that_are_too_old_is_removed(
    tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    world = World(tmp_path, refresh, "contact_rows_days = 10\n", more=BOOK)
    (tmp_path / "book-1.csv").write_text("at,who,mail\n2026-03-09T10:00:00Z,a,a@x.example\n", encoding="utf-8")
    world.night("web-1", "1,2026-03-10T10:00:00Z,d,a,page")
    loaded = world.ask("SELECT MAX(loaded_at) FROM events")[0][0]
    made = world.night(as_of=f"{loaded.isoformat()}+00:00")
    assert made.snapshot.folder.exists()
    world.night("web-2", "2,2026-03-22T10:00:00Z,d,a,page")
    assert not made.snapshot.folder.exists()


def _ask(config: Path, select: str) -> list[tuple[Any, ...]]:
    results = load_settings(config).warehouse.path / "current" / "results.duckdb"
    with duckdb.connect(results, read_only=True) as connection:
        return connection.execute(select).fetchall()
