"""Databases through SQLAlchemy, on SQLite."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing

import pytest

from journeys.config import Identity, Project
from journeys.errors import SourceError
from journeys.sources import TransientSourceError, check_source
from journeys.sources.database import BATCH_ROWS

COLUMNS = {"occurred_at": "at", "event": "stage", "user_id": "contact", "event_id": "id", "value_amount": "amount"}


@pytest.fixture
def crm(puller):
    """A database with a table of three deals; pulls read it."""
    with closing(sqlite3.connect(puller.folder / "crm.db")) as connection, connection:
        connection.execute(
            "CREATE TABLE deals (id INTEGER, at TEXT, stage TEXT, contact REAL, amount NUMERIC, doc BLOB)"
        )
        connection.executemany(
            "INSERT INTO deals VALUES (?, ?, ?, ?, ?, ?)",
            [
                (1, "2024-01-01 10:00:00", "won", 12.0, 9.5, b"bytes"),
                (2, "2024-01-01T10:00:00Z", "lost", None, None, None),
                (3, "no time", "100% : sure", 7, "much", b"\xff"),
            ],
        )

    def pull(**settings):
        chosen = {"kind": "database", "url": "sqlite:///crm.db", "columns": COLUMNS} | settings
        return puller.pull(**(chosen if "query" in chosen else {"table": "deals"} | chosen))

    return pull


def test_a_table_is_read_row_by_row(crm, puller):
    rows = crm(timezone="Europe/Riga")
    assert [(row["file"], row["line"], row["event_id"]) for row in rows] == [
        ("deals", 1, "1"),
        ("deals", 2, "2"),
        ("deals", 3, "3"),
    ]
    assert [row["user_id"] for row in rows] == ["12", None, "7"]
    assert [row["occurred_at_us"] for row in rows] == [1_704_096_000_000_000, 1_704_103_200_000_000, None]
    assert [(row["value_amount"], row["note"]) for row in rows] == [
        (9.5, None),
        (None, None),
        (None, "unreadable value_amount"),
    ]
    assert json.loads(rows[0]["properties"]) == {
        "id": 1,
        "at": "2024-01-01 10:00:00",
        "stage": "won",
        "contact": 12.0,
        "amount": 9.5,
        "doc": "bytes",
    }
    assert not any(row["is_interaction"] for row in rows)
    assert puller.report.file_count == 1


def test_a_query_may_hold_colons_and_percent_signs(crm):
    (row,) = crm(query="SELECT *, 'a:b' AS note FROM deals WHERE stage LIKE '%: s%'")
    assert (row["file"], row["event"], json.loads(row["properties"])["note"]) == ("query", "100% : sure", "a:b")


def test_many_rows_come_in_batches_and_are_numbered_through(crm, puller):
    with closing(sqlite3.connect(puller.folder / "crm.db")) as connection, connection:
        connection.execute("DELETE FROM deals")
        count = 2 * BATCH_ROWS + 5
        connection.executemany("INSERT INTO deals (id, stage) VALUES (?, 'won')", [(i,) for i in range(count)])
    rows = crm()
    assert [(row["line"], row["event_id"]) for row in rows] == [(i + 1, str(i)) for i in range(count)]


def test_an_empty_table_lands_nothing(crm):
    assert crm(query="SELECT * FROM deals WHERE 1 = 0") == []


def test_sql_mappings_see_text(crm):
    rows = crm(columns=COLUMNS | {"event": {"sql": "stage || '!'"}})
    assert [row["event"] for row in rows] == ["won!", "lost!", "100% : sure!"]


def test_a_missing_file_is_an_error_and_is_not_made(crm, puller):
    with pytest.raises(SourceError, match=r"other\.db"):
        crm(url="sqlite:///other.db")
    assert not (puller.folder / "other.db").exists()


def test_a_missing_table_is_an_error_with_the_nearest(crm):
    with pytest.raises(SourceError, match="nearest 'deals'") as caught:
        crm(table="deal")
    assert not isinstance(caught.value, TransientSourceError)


def test_a_renamed_column_is_an_error_with_the_nearest(crm):
    with pytest.raises(SourceError, match="nearest 'stage'") as caught:
        crm(columns=COLUMNS | {"event": "stages"})
    assert "table 'deals'" in str(caught.value)


@pytest.mark.parametrize("query", ["SELECT * FROM deals WHERE", "SELECT nothing FROM deals", "DELETE FROM deals"])
def test_a_wrong_query_is_an_error_that_time_does_not_heal(crm, puller, query):
    with pytest.raises(SourceError) as caught:
        crm(query=query)
    assert not isinstance(caught.value, TransientSourceError)
    assert len(crm()) == 3


def test_a_file_that_is_no_database_is_an_error(crm, puller):
    puller.write("other.db", b"nonsense, and long enough to be looked at" * 10)
    with pytest.raises(SourceError) as caught:
        crm(url="sqlite:///other.db")
    assert not isinstance(caught.value, TransientSourceError)


def test_a_locked_database_may_heal(crm, puller):
    with closing(sqlite3.connect(puller.folder / "crm.db", isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(TransientSourceError, match="locked"):
            crm(url="sqlite:///crm.db?timeout=0.05")
        connection.execute("ROLLBACK")
    assert len(crm()) == 3


def test_a_missing_driver_is_named(crm, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(SourceError, match="pymysql") as caught:
        crm(url="mysql+pymysql://jane:secret@db.invalid/crm")
    assert caught.value.code == "bad-url"
    assert "install the driver" in caught.value.do
    assert "secret" not in str(caught.value)


def test_an_unknown_database_is_an_error_without_the_password(crm):
    with pytest.raises(SourceError) as caught:
        crm(url="nodialect://jane:secret@db.invalid/crm")
    assert "secret" not in str(caught.value)


def test_checking_names_what_is_wrong(crm, puller):
    def check(**settings):
        chosen = {"kind": "database", "url": "sqlite:///crm.db", "table": "deals", "columns": COLUMNS} | settings
        return check_source(puller.source(**chosen), Project(name="Acme"), puller.folder, identity=Identity())

    assert check() == []
    (problem,) = check(table="deal")
    assert "nearest 'deals'" in problem
    (problem,) = check(columns=COLUMNS | {"occurred_at": "id"})
    assert "unit" in problem
