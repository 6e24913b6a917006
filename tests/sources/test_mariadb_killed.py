"""A real MariaDB server that dies or falls silent: the error has a name, and the next pull misses nothing."""

from __future__ import annotations

import gc
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mariadb import MariaDB
from mid_pull import fail, pull_and
from postgres import Nights

from journeys.config import Identity, Project, Source
from journeys.sources import TransientSourceError, check_source

ROWS = {"occurred_at": "updated_at", "event": "stage", "user_id": "contact", "event_id": "id"}
# More than is read ahead while the first rows are written.
MANY = 80_000
# What the driver prints and does not raise would go past the operator's log. A socket that did not connect it leaves
# to Python to close.
pytestmark = [pytest.mark.filterwarnings("error"), pytest.mark.filterwarnings("ignore::ResourceWarning")]


def make(first: int, last: int) -> str:
    """Rows of so many seconds after the start of 2026."""
    return (
        "INSERT INTO deals SELECT seq, '2026-01-01' + INTERVAL seq SECOND, 'new', 'anna', repeat('x', 200) "
        f"FROM seq_{first}_to_{last}"
    )


@pytest.fixture
def many(mariadb: MariaDB, maria_nights: Any) -> Callable[..., Nights]:
    """Pulls of a table of many deals."""
    table = "CREATE TABLE deals (id int, updated_at datetime(6), stage text, contact text, note text)"
    mariadb.run(table, make(1, MANY), schema="crm")
    return maria_nights


def check_lost(pull: Callable[[], Any], act: Callable[[], Any], code: str = "database") -> str:
    error = fail(lambda: pull_and(pull, act))
    gc.collect()
    assert (type(error), error.code) == (TransientSourceError, code)
    assert "source 'crm'" in error.what
    assert error.do
    return error.found


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("CONNECTION", "Lost connection to MySQL server during query (2013)"),
        ("QUERY", "Query execution was interrupted (1317)"),
    ],
)
@pytest.mark.prove
def test_a_connection_or_query_that_is_killed_may_heal_and_lands_nothing(
    mariadb: MariaDB, many: Callable[..., Nights], tmp_path: Path, what: str, found: str
) -> None:
    crm = many(table="deals")
    assert check_lost(crm.pull, lambda: mariadb.kill(what)) == found
    assert list((tmp_path / "landed").iterdir()) == []
    assert len(crm.pull()) == MANY


def test_a_server_that_falls_silent_is_left(mariadb: MariaDB, many: Callable[..., Nights]) -> None:
    crm = many(table="deals", read_timeout="0.5s")
    found = check_lost(crm.pull, lambda: mariadb.send(signal.SIGSTOP), "database-timeout")
    mariadb.send(signal.SIGCONT)
    assert "timed out" in found


@pytest.mark.prove
def test_after_the_death_of_the_server_the_next_pull_is_what_an_undisturbed_one_is(
    mariadb: MariaDB, many: Callable[..., Nights], tmp_path: Path
) -> None:
    mariadb.run("DELETE FROM crm.deals WHERE id > 4000")
    url = mariadb.url.render_as_string()
    disturbed, spared = (
        Nights(tmp_path / name, url, table="deals", cursor="updated_at", columns=ROWS) for name in ("one", "other")
    )
    assert disturbed.pull() == spared.pull()
    bookmark, before = disturbed.bookmark, (tmp_path / "one" / "landed" / "crm.parquet").read_bytes()
    mariadb.run(make(4001, MANY), schema="crm")
    check_lost(disturbed.pull, lambda: mariadb.send(signal.SIGKILL))
    away = fail(disturbed.pull)
    assert (type(away), away.code) == (TransientSourceError, "database")
    assert disturbed.bookmark == bookmark
    assert [path.read_bytes() for path in (tmp_path / "one" / "landed").iterdir()] == [before]
    mariadb.start()
    rows = disturbed.pull()
    assert {row["event_id"] for row in rows} == {str(n) for n in range(400, MANY + 1)}  # the overlap is an hour
    assert rows == spared.pull()
    assert disturbed.bookmark == spared.bookmark


@pytest.mark.prove
def test_a_server_that_is_stopped_in_order_may_heal(mariadb: MariaDB, many: Callable[..., Nights]) -> None:
    crm = many(table="deals")
    check_lost(crm.pull, lambda: mariadb.send(signal.SIGTERM))
    mariadb.start()
    assert len(crm.pull()) == MANY


def test_what_nobody_wants_is_not_read_to_its_end(
    mariadb: MariaDB, many: Callable[..., Nights], tmp_path: Path
) -> None:
    url = mariadb.url.render_as_string()
    query = "SELECT deals.* FROM deals JOIN seq_1_to_1000000"
    source = many(query=query).settings | {"url": url, "query": query}
    started = time.monotonic()
    problems = check_source(Source(**source), Project(name="Acme"), tmp_path, identity=Identity())
    assert problems == []
    for _ in range(100):
        if not mariadb.pulls():
            break
        time.sleep(0.1)
    assert mariadb.pulls() == []
    assert time.monotonic() - started < 20
