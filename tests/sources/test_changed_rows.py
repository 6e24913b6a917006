"""Rows that are updated in place: what makes an event, and what does not."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from postgres import Nights

from journeys.errors import SourceError

COLUMNS = {"occurred_at": "updated_at", "event": {"sql": "'deal_' || stage"}, "user_id": "contact"}
TRACKED = {"table": "deals", "cursor": "updated_at", "key": ("id",), "tracks": ("stage",), "columns": COLUMNS}


class Deals(Nights):
    """Nightly pulls of a SQLite table of deals that are updated in place."""

    def run(self, sql: str, *values: Any) -> None:
        """Change the table."""
        with closing(sqlite3.connect(self.folder / "crm.db")) as connection, connection:
            connection.execute(sql, values)

    def put(self, key: Any, hour: int | None, stage: str | None, contact: Any = "anna", amount: int = 1) -> None:
        """Insert or update a deal, at an hour of 1 January 2026."""
        self.run("DELETE FROM deals WHERE id = ?", key)
        at = None if hour is None else f"2026-01-01 {hour:02}:00:00"
        self.run("INSERT INTO deals VALUES (?, ?, ?, ?, ?)", key, at, stage, contact, amount)

    def events(self, **settings: Any) -> list[tuple[str, str]]:
        """Pull and return user and event of each landed row, sorted."""
        return sorted((row["user_id"], row["event"]) for row in self.pull(**settings))


@pytest.fixture
def deals(tmp_path: Path) -> Callable[..., Deals]:
    def make(**settings: Any) -> Deals:
        made = Deals(tmp_path, "sqlite:///crm.db", **(TRACKED | settings))
        made.run("CREATE TABLE deals (id, updated_at TEXT, stage TEXT, contact, amount INTEGER)")
        return made

    return make


@pytest.mark.parametrize("overlap", ["1h", "1d"])
def test_a_stage_that_goes_and_comes_back_gives_three_events(deals: Callable[..., Deals], overlap: str) -> None:
    crm = deals(overlap=overlap)
    ids = []
    for hour, stage in [(1, "new"), (2, "won"), (3, "new")]:
        crm.put(7, hour, stage)
        (row,) = crm.pull()
        assert row["event"] == f"deal_{stage}"
        ids.append(row["event_id"])
        assert crm.pull() == []
    assert len(set(ids)) == 3


def test_a_change_of_another_column_gives_no_event(deals: Callable[..., Deals]) -> None:
    crm = deals()
    crm.put(7, 1, "new", amount=1)
    crm.pull()
    crm.put(7, 2, "new", amount=2)
    assert crm.pull() == []
    crm.put(7, 3, "won", amount=3)
    assert crm.events() == [("anna", "deal_won")]


def test_other_rows_are_no_events_again(deals: Callable[..., Deals]) -> None:
    crm = deals()
    for key in range(5):
        crm.put(key, key, "new", f"c{key}")
    assert len(crm.pull()) == 5
    crm.put(2, 6, "won", "c2")
    assert crm.events() == [("c2", "deal_won")]
    crm.put(0, 7, "won", "c0")
    crm.put(9, 7, "new", "c9")
    assert crm.events() == [("c0", "deal_won"), ("c9", "deal_new")]


def test_several_columns_name_a_row_and_several_are_tracked(deals: Callable[..., Deals]) -> None:
    crm = deals(key=("id", "contact"), tracks=("stage", "amount"))
    for contact in ("anna", "ben"):
        crm.run("INSERT INTO deals VALUES (1, '2026-01-01 01:00:00', 'new', ?, 1)", contact)
    assert crm.events() == [("anna", "deal_new"), ("ben", "deal_new")]
    crm.run("UPDATE deals SET amount = 2, updated_at = '2026-01-01 02:00:00' WHERE contact = 'ben'")
    assert crm.events() == [("ben", "deal_new")]


def test_an_empty_stage_is_a_stage(deals: Callable[..., Deals]) -> None:
    crm = deals(columns=COLUMNS | {"event": {"sql": "coalesce(stage, 'none')"}})
    for hour, stage, expected in [(1, None, "none"), (2, "", None), (3, "null", "null"), (4, None, "none")]:
        crm.put(7, hour, stage)
        assert [row["event"] for row in crm.pull()] == [expected]
        assert crm.pull() == []


def test_rows_of_a_log_are_told_apart_in_one_pull(deals: Callable[..., Deals]) -> None:
    crm = deals()
    for hour, stage in [(3, "new"), (1, "new"), (2, "won"), (4, "new")]:
        crm.run("INSERT INTO deals VALUES (7, ?, ?, 'anna', 1)", f"2026-01-01 {hour:02}:00:00", stage)
    assert [row["event"] for row in crm.pull()] == ["deal_new", "deal_new", "deal_won"]


def test_a_row_without_a_key_is_kept_as_unreadable(deals: Callable[..., Deals]) -> None:
    crm = deals()
    crm.run("INSERT INTO deals VALUES (NULL, '2026-01-01 01:00:00', 'new', 'anna', 1)")
    (row,) = crm.pull()
    assert row["unreadable"] == "no value in the key id"
    assert json.loads(row["raw"])["stage"] == "new"


def test_without_known_rows_the_whole_table_is_read_again_under_the_same_ids(deals: Callable[..., Deals]) -> None:
    crm = deals()
    crm.put(1, 1, "new")
    crm.put(2, 9, "new")
    first = [row["event_id"] for row in crm.pull()]
    crm.known_rows = None
    assert [row["event_id"] for row in crm.pull()] == first


def test_a_deleted_row_is_one_event_with_what_it_last_had(deals: Callable[..., Deals]) -> None:
    crm = deals(deleted_event="deal_deleted", identifiers={"contact_id": "id"})
    crm.put(1, 1, "new", 12.0)
    crm.put(2, 2, "new", "ben")
    assert len(crm.pull()) == 2
    crm.put(1, 3, "new", "anna's", amount=5)  # no event, and yet what it last had
    assert crm.pull() == []
    crm.run("DELETE FROM deals WHERE id = 1")
    (row,) = crm.pull()
    assert (row["event"], row["user_id"], row["occurred_at_us"]) == ("deal_deleted", "anna's", crm.loaded_at_us)
    assert json.loads(row["identifiers"]) == {"contact_id": "1"}
    assert json.loads(row["properties"])["amount"] == 5
    assert row["file"] == "deals (deleted)"
    assert crm.pull() == []


def test_a_row_that_comes_back_is_new_again_and_can_vanish_again(deals: Callable[..., Deals]) -> None:
    crm = deals(deleted_event="gone")
    ids, seen = set(), []
    for _ in range(2):
        crm.put(7, 1, "new")
        for wanted in ("deal_new", "gone"):
            (row,) = crm.pull()
            ids.add(row["event_id"])
            seen.append(row["event"])
            assert row["event"] == wanted
            assert crm.pull() == []
            crm.run("DELETE FROM deals")
    assert seen == ["deal_new", "gone", "deal_new", "gone"]
    assert len(ids) == 4


def test_without_a_deleted_event_history_stays(deals: Callable[..., Deals]) -> None:
    crm = deals()
    crm.put(7, 1, "new")
    crm.pull()
    crm.run("DELETE FROM deals")
    assert crm.pull() == []
    crm.put(7, 1, "new")
    assert crm.pull() == []


def test_a_row_that_no_pull_asks_for_is_told(deals: Callable[..., Deals]) -> None:
    crm = deals(deleted_event="gone")
    crm.put(1, 9, "new")
    crm.pull()
    crm.put(2, 1, "new")  # written late, hours before the last cursor
    assert crm.pull() == []
    assert "1 rows were never read" in crm.report.notes[0]
    assert crm.events(overlap="1d") == [("anna", "deal_new")]
    assert crm.report.notes == ()


def test_a_missing_key_column_is_told(deals: Callable[..., Deals]) -> None:
    crm = deals(key=("deal_id",), deleted_event="gone")
    with pytest.raises(SourceError, match="no column 'deal_id'"):
        crm.pull()


def test_a_failed_pull_leaves_known_rows_as_they_were(
    deals: Callable[..., Deals], monkeypatch: pytest.MonkeyPatch
) -> None:
    crm = deals()
    crm.put(7, 1, "new")
    crm.pull()
    crm.put(7, 2, "won")
    kept = crm.known_rows.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("journeys.sources.pull_database.ChangedRows.write_known", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            crm.pull()
    assert crm.known_rows.read_bytes() == kept
    assert sorted(path.name for path in (crm.folder / "landed").iterdir()) == ["crm.parquet"]
    assert crm.events() == [("anna", "deal_won")]
