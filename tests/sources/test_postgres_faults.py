"""What goes wrong with a real PostgreSQL server is named, and told apart by whether it heals."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from mid_pull import fail
from postgres import Postgres

from journeys.errors import SourceError
from journeys.sources import TransientSourceError


def url_of(postgres: Postgres, **changes: Any) -> str:
    return postgres.url.set(**changes).render_as_string(hide_password=False)


def test_a_wrong_password_is_told_and_does_not_heal(postgres: Postgres, nights: Any, deals: str) -> None:
    postgres.run("CREATE ROLE reader LOGIN PASSWORD 'right'", f"GRANT SELECT ON {deals} TO reader")
    postgres.ask_passwords("reader")
    error = fail(nights(table=deals, url=url_of(postgres, username="reader", password="wrong")).pull)
    assert (type(error), error.code) == (SourceError, "login-refused")
    assert "wrong" not in str(error)
    assert "password authentication failed" in error.found
    assert error.do
    assert len(nights(table=deals, url=url_of(postgres, username="reader", password="right")).pull()) == 2
    postgres.run(f"DROP TABLE {deals}", "DROP ROLE reader")


@pytest.mark.parametrize(
    ("changes", "code"), [({"username": "nobody"}, "login-refused"), ({"database": "crn"}, "missing-database")]
)
def test_an_unknown_user_or_database_does_not_heal(
    postgres: Postgres, nights: Any, deals: str, changes: dict[str, str], code: str
) -> None:
    error = fail(nights(table=deals, url=url_of(postgres, **changes)).pull)
    assert (type(error), error.code) == (SourceError, code)


def test_a_missing_permission_is_told_and_does_not_heal(postgres: Postgres, nights: Any, deals: str) -> None:
    postgres.run("CREATE ROLE guest LOGIN", "GRANT USAGE ON SCHEMA public TO PUBLIC")
    error = fail(nights(table=deals, url=url_of(postgres, username="guest")).pull)
    assert (type(error), error.code) == (SourceError, "permission-denied")
    assert deals in str(error)
    assert "GRANT SELECT" in error.do
    postgres.run("DROP ROLE guest")


@pytest.mark.parametrize("table", ["deal", "public.deal"])
def test_a_missing_table_is_told_with_the_nearest(nights: Any, deals: str, table: str) -> None:
    error = fail(nights(table=table).pull)
    assert (type(error), error.code) == (SourceError, "missing-table")
    assert "nearest 'deals'" in error.allowed


def test_a_renamed_column_is_told_with_the_nearest(postgres: Postgres, nights: Any, deals: str) -> None:
    crm = nights(table=deals)
    crm.pull()
    postgres.run(f"ALTER TABLE {deals} RENAME stage TO stages")
    error = fail(crm.pull)
    assert (type(error), error.code) == (SourceError, "missing-column")
    assert "nearest 'stages'" in error.allowed


@pytest.mark.parametrize("query", ["SELECT nothing FROM deals", "SELECT FROM WHERE", "SELECT 1 / 0 AS stage"])
def test_a_wrong_query_does_not_heal(nights: Any, deals: str, query: str) -> None:
    error = fail(nights(query=query).pull)
    assert (type(error), error.code) == (SourceError, "database")


@pytest.mark.parametrize("query", ["DELETE FROM deals RETURNING *", "SELECT nextval('numbers') AS stage"])
def test_a_query_that_writes_is_refused(postgres: Postgres, nights: Any, deals: str, query: str) -> None:
    postgres.run("CREATE SEQUENCE numbers")
    error = fail(nights(query=query).pull)
    assert "read-only" in error.found or "syntax error" in error.found
    assert not isinstance(error, TransientSourceError)
    assert len(nights(table=deals).pull()) == 2


def test_a_server_that_is_not_there_may_heal(nights: Any, tmp_path: Path) -> None:
    for place in ("127.0.0.1:1/crm", f"/crm?host={tmp_path}"):
        error = fail(nights(table="deals", url=f"postgresql+psycopg://anna:secret@{place}").pull)
        assert (type(error), error.code) == (TransientSourceError, "database")
        assert "secret" not in str(error)


def test_a_lock_is_waited_for_no_longer_than_the_read_timeout(postgres: Postgres, nights: Any, deals: str) -> None:
    with postgres.engine.connect() as connection:
        connection.exec_driver_sql(f"LOCK TABLE {deals} IN ACCESS EXCLUSIVE MODE")
        started = time.monotonic()
        error = fail(lambda: nights(table=deals, read_timeout="0.3s").pull())
        assert time.monotonic() - started < 5
    assert (type(error), error.code) == (TransientSourceError, "database-timeout")
    assert "0.3s" in error.allowed
    assert len(nights(table=deals).pull()) == 2


def test_a_slow_statement_is_ended_by_the_read_timeout(nights: Any, deals: str) -> None:
    query = f"SELECT *, pg_sleep(20)::text AS nap FROM {deals}"
    error = fail(lambda: nights(query=query, read_timeout="0.3s").pull())
    assert (type(error), error.code) == (TransientSourceError, "database-timeout")
