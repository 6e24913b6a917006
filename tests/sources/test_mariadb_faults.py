"""What goes wrong with a real MariaDB server is named, and told apart by whether it heals."""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from mariadb import MariaDB
from mid_pull import fail

from journeys.errors import SourceError
from journeys.sources import TransientSourceError


@pytest.fixture
def reader(mariadb: MariaDB) -> str:
    """A user who may do nothing yet; gone afterwards."""
    mariadb.run("CREATE USER reader@localhost IDENTIFIED BY 'right'")
    yield "reader"
    mariadb.run("DROP USER reader@localhost")


def url_of(mariadb: MariaDB, **changes: Any) -> str:
    return mariadb.url.set(**changes).render_as_string(hide_password=False)


def test_a_wrong_password_is_told_and_does_not_heal(
    mariadb: MariaDB, maria_nights: Any, maria_deals: str, reader: str
) -> None:
    mariadb.run("GRANT SELECT ON crm.* TO reader@localhost")
    error = fail(maria_nights(table="deals", url=url_of(mariadb, username=reader, password="guessed")).pull)
    assert (type(error), error.code) == (SourceError, "login-refused")
    assert error.found == "Access denied for user 'reader'@'localhost' (using password: YES) (1045)"
    assert "guessed" not in str(error)
    assert "password in `url`" in error.do
    assert len(maria_nights(table="deals", url=url_of(mariadb, username=reader, password="right")).pull()) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [("ACCOUNT LOCK", "login-refused"), ("PASSWORD EXPIRE", "login-refused"), ("ACCOUNT UNLOCK", "login-refused")],
)
def test_an_account_that_may_not_enter_does_not_heal(
    mariadb: MariaDB, maria_nights: Any, maria_deals: str, reader: str, change: str, code: str
) -> None:
    mariadb.run(f"ALTER USER reader@localhost {change}")
    error = fail(maria_nights(table="deals", url=url_of(mariadb, username=reader, password="right")).pull)
    assert (type(error), error.code) == (SourceError, code)


@pytest.mark.parametrize(
    ("changes", "code"), [({"username": "nobody"}, "login-refused"), ({"database": "crn"}, "missing-database")]
)
def test_an_unknown_user_or_database_does_not_heal(
    mariadb: MariaDB, maria_nights: Any, maria_deals: str, changes: dict[str, str], code: str
) -> None:
    error = fail(maria_nights(table="deals", url=url_of(mariadb, **changes)).pull)
    assert (type(error), error.code) == (SourceError, code)


@pytest.mark.parametrize("grant", ["SELECT ON crm.other", "SELECT (id, stage) ON crm.deals"])
def test_a_missing_permission_is_told_and_does_not_heal(
    mariadb: MariaDB, maria_nights: Any, maria_deals: str, reader: str, grant: str
) -> None:
    mariadb.run("CREATE TABLE crm.other (id int)", f"GRANT {grant} TO reader@localhost")
    error = fail(maria_nights(table="deals", url=url_of(mariadb, username=reader, password="right")).pull)
    assert (type(error), error.code) == (SourceError, "permission-denied")
    assert "deals" in error.found
    assert "GRANT SELECT" in error.do


@pytest.mark.parametrize("table", ["deal", "crm.deal"])
def test_a_missing_table_is_told_with_the_nearest(maria_nights: Any, maria_deals: str, table: str) -> None:
    error = fail(maria_nights(table=table).pull)
    assert (type(error), error.code) == (SourceError, "missing-table")
    assert "nearest 'deals'" in error.allowed


def test_a_renamed_column_is_told_with_the_nearest(mariadb: MariaDB, maria_nights: Any, maria_deals: str) -> None:
    crm = maria_nights(table="deals")
    crm.pull()
    mariadb.run("ALTER TABLE crm.deals RENAME COLUMN stage TO stages")
    error = fail(crm.pull)
    assert (type(error), error.code) == (SourceError, "missing-column")
    assert "nearest 'stages'" in error.allowed


def test_a_changed_type_is_reported_or_refused(mariadb: MariaDB, maria_nights: Any, maria_deals: str) -> None:
    crm = maria_nights(table="deals")
    crm.pull()
    mariadb.run("ALTER TABLE crm.deals MODIFY contact varchar(30)")
    error = fail(lambda: crm.pull(on_drift="refuse"))
    assert (type(error), error.code) == (SourceError, "schema-drift")
    assert "'contact' was text and is varchar(30)" in str(error)
    assert len(crm.pull()) == 2
    assert crm.report.drift == ("source 'crm': column 'contact' was text and is varchar(30)",)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT nothing FROM deals",
        "SELECT FROM WHERE",
        "SELECT * FROM deal",
        "SELECT regexp_substr(stage, '(') FROM deals",
    ],
)
def test_a_wrong_query_does_not_heal(maria_nights: Any, maria_deals: str, query: str) -> None:
    error = fail(maria_nights(query=query).pull)
    assert (type(error), error.code) == (SourceError, "database")


@pytest.mark.parametrize("query", ["DELETE FROM deals RETURNING *", "SELECT nextval(numbers) AS stage"])
def test_a_query_that_writes_is_refused(mariadb: MariaDB, maria_nights: Any, maria_deals: str, query: str) -> None:
    mariadb.run("CREATE SEQUENCE crm.numbers")
    error = fail(maria_nights(query=query).pull)
    assert (type(error), error.code) == (SourceError, "database")
    assert "READ ONLY" in error.found
    assert len(maria_nights(table="deals").pull()) == 2


def test_a_server_that_is_not_there_may_heal(maria_nights: Any, tmp_path: Path) -> None:
    for place in ("127.0.0.1:1/crm", f"localhost/crm?unix_socket={tmp_path / 'none.sock'}"):
        error = fail(maria_nights(table="deals", url=f"mysql+pymysql://anna:secret@{place}").pull)
        assert (type(error), error.code) == (TransientSourceError, "database")
        assert "Can't connect to MySQL server" in error.found
        assert "secret" not in str(error)


def test_a_server_that_does_not_greet_is_left_after_the_connect_timeout(maria_nights: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"mysql+pymysql://anna:secret@127.0.0.1:{silent.getsockname()[1]}/crm"
        started = time.monotonic()
        error = fail(maria_nights(table="deals", url=url, connect_timeout="1s").pull)
        assert time.monotonic() - started < 10
    assert (type(error), error.code) == (TransientSourceError, "database")
    assert "No greeting of the server" in error.found


def test_a_password_may_hold_any_letter(mariadb: MariaDB, maria_nights: Any, maria_deals: str) -> None:
    mariadb.run("CREATE USER anna@localhost IDENTIFIED BY 'pā:ß@ž%'", "GRANT SELECT ON crm.* TO anna@localhost")
    assert len(maria_nights(table="deals", url=url_of(mariadb, username="anna", password="pā:ß@ž%")).pull()) == 2
    mariadb.run("DROP USER anna@localhost")


def test_too_many_connections_may_heal(mariadb: MariaDB, maria_nights: Any, maria_deals: str, reader: str) -> None:
    mariadb.run("GRANT SELECT ON crm.* TO reader@localhost WITH MAX_USER_CONNECTIONS 1")
    url = url_of(mariadb, username=reader, password="right")
    with sa.create_engine(url).connect():
        error = fail(maria_nights(table="deals", url=url).pull)
    assert (type(error), error.code) == (TransientSourceError, "database")
    assert "max_user_connections" in error.found


def test_a_lock_is_waited_for_no_longer_than_the_read_timeout(
    mariadb: MariaDB, maria_nights: Any, maria_deals: str
) -> None:
    with mariadb.engine.connect() as connection:
        connection.exec_driver_sql("LOCK TABLES crm.deals WRITE")
        started = time.monotonic()
        error = fail(lambda: maria_nights(table="deals", read_timeout="0.3s").pull())
        assert time.monotonic() - started < 10
        connection.exec_driver_sql("UNLOCK TABLES")
    assert (type(error), error.code) == (TransientSourceError, "database-timeout")
    assert error.found == "Lock wait timeout exceeded; try restarting transaction (1205)"
    assert "0.3s" in error.allowed
    assert len(maria_nights(table="deals").pull()) == 2


@pytest.mark.parametrize(
    "before", ["", "SET STATEMENT max_statement_time = 0.1 FOR "], ids=["read_timeout", "the server's own limit"]
)
def test_a_slow_statement_is_left_after_the_read_timeout(
    mariadb: MariaDB, maria_nights: Any, maria_deals: str, before: str
) -> None:
    query = f"{before}SELECT *, sleep(8) AS nap FROM deals"
    started = time.monotonic()
    error = fail(lambda: maria_nights(query=query, read_timeout="0.3s").pull())
    assert time.monotonic() - started < 8
    assert (type(error), error.code) == (TransientSourceError, "database-timeout")
    mariadb.kill()


def test_an_option_that_the_driver_does_not_know_is_told(maria_nights: Any, mariadb: MariaDB) -> None:
    for option in ("passwd2=secret", "charset=klingon"):
        url = f"mysql+pymysql://root:secret@localhost/crm?unix_socket={mariadb.socket}&{option}"
        error = fail(maria_nights(table="deals", url=url).pull)
        assert (type(error), error.code) == (SourceError, "bad-url")
        assert "secret" not in str(error)


def test_a_login_that_needs_a_further_package_says_which(
    mariadb: MariaDB, maria_nights: Any, maria_deals: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nacl", None)  # PyNaCl, as on a machine without it
    mariadb.run("INSTALL SONAME 'auth_ed25519'", "CREATE USER ed@localhost IDENTIFIED VIA ed25519 USING password('x')")
    error = fail(maria_nights(table="deals", url=url_of(mariadb, username="ed", password="x")).pull)
    assert (type(error), error.code) == (SourceError, "bad-url")
    assert "'pynacl' package is required" in error.found
    assert "what that asks for" in error.do
    mariadb.run("DROP USER ed@localhost")
