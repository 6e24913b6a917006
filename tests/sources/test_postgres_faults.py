"""What goes wrong with a real PostgreSQL server is named, and told apart by whether it heals."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from postgres import Postgres, start_postgres

from journeys.errors import SourceError
from journeys.sources import TransientSourceError

EVENTS = {"occurred_at": "updated_at", "event": "stage", "user_id": "contact"}


def fail(pull: Callable[[], Any]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        pull()
    return caught.value


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


def test_a_server_that_falls_silent_is_left(
    postgres: Postgres, nights: Any, deals: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.sources.database._PATIENCE_SECONDS", 0.1)
    postgres.run(f"INSERT INTO {deals} SELECT 'n' || n, now(), 'new', 'anna' FROM generate_series(1, 60000) AS n")
    frozen: list[int] = []
    error = fail(
        lambda: pull_and(nights(table=deals, read_timeout="0.5s", connect_timeout="1s"), postgres, freeze(frozen))
    )
    for pid in frozen:
        os.kill(pid, signal.SIGCONT)
    assert (type(error), error.code) == (TransientSourceError, "database-timeout")
    assert error.found == "no answer"


def test_a_server_that_dies_in_the_middle_may_heal_and_lands_nothing(tmp_path: Path, nights: Any) -> None:
    for own in start_postgres():
        own.run(
            "CREATE TABLE deals AS SELECT n::text AS id, now() AS updated_at, 'new' AS stage, 'anna' AS contact "
            "FROM generate_series(1, 60000) AS n"
        )
        crm = nights(table="deals", url=url_of(own))
        for how in (signal.SIGTERM, signal.SIGKILL):
            error = fail(lambda crm=crm, own=own, how=how: pull_and(crm, own, lambda pid: os.kill(pid, how)))
            assert (type(error), error.code) == (TransientSourceError, "database")
            assert list((tmp_path / "landed").iterdir()) == []
            revive(own)
        assert len(crm.pull()) == 60_000


def revive(postgres: Postgres) -> None:
    """Wait until the server has recovered; the death of one backend by SIGKILL restarts all."""
    for _ in range(100):
        with suppress(sa.exc.OperationalError):
            postgres.run("SELECT 1")
            return
        time.sleep(0.1)


def freeze(frozen: list[int]) -> Callable[[int], None]:
    def stop(pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        frozen.append(pid)

    return stop


def pull_and(crm: Any, postgres: Postgres, act: Callable[[int], None]) -> None:
    """Pull, and do something to the server's process of this pull after its first rows."""
    from journeys.sources import database_rows

    write = database_rows._write_value
    asked = threading.Event()

    def act_once(value: Any) -> Any:
        if not asked.is_set():
            asked.set()
            with postgres.engine.connect() as connection:
                sql = (
                    "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
                pids = [row[0] for row in connection.exec_driver_sql(sql)]
            for pid in pids:
                act(pid)
        return write(value)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_rows, "_write_value", act_once)
        crm.pull()
