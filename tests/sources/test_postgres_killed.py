"""A real PostgreSQL server that dies or falls silent: the error has a name, and the next pull misses nothing."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mid_pull import fail, pull_and
from postgres import Nights, Postgres, start_postgres

from journeys.sources import TransientSourceError

ROWS = {"occurred_at": "updated_at", "event": "stage", "user_id": "contact", "event_id": "id"}
# More than is read ahead while the first rows are written.
MANY, BATCH = 8_000, 500


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journeys.sources.database.BATCH_ROWS", BATCH)


def make(first: int, last: int) -> str:
    """Rows of so many seconds after the start of 2026."""
    return (
        f"INSERT INTO deals SELECT n::text, timestamptz '2026-01-01' + n * interval '1 s', 'new', 'anna' "
        f"FROM generate_series({first}, {last}) AS n"
    )


TABLE = "CREATE TABLE deals (id text, updated_at timestamptz, stage text, contact text)"


@pytest.fixture
def own() -> Iterator[Postgres]:
    """A server of this test alone, with an empty table of deals."""
    for server in start_postgres():
        server.run(TABLE)
        yield server


def url_of(server: Postgres) -> str:
    return server.url.render_as_string(hide_password=False)


def ids_of(rows: list[dict[str, Any]]) -> set[str]:
    return {row["event_id"] for row in rows}


def test_a_server_that_falls_silent_is_left(postgres: Postgres, nights: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journeys.sources.database._PATIENCE_SECONDS", 0.1)
    postgres.run(TABLE, make(1, MANY))
    crm = nights(table="deals", read_timeout="0.5s", connect_timeout="1s")
    frozen: list[int] = []

    def freeze() -> None:
        frozen.extend(postgres.pulls())
        postgres.send(signal.SIGSTOP)

    error = fail(lambda: pull_and(crm.pull, freeze))
    postgres.go_on(frozen)
    assert (type(error), error.code) == (TransientSourceError, "database-timeout"), error
    assert error.found == "no answer"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_connection_that_is_ended_in_the_middle_may_heal_and_lands_nothing(
    own: Postgres, tmp_path: Path, how: signal.Signals
) -> None:
    own.run(make(1, MANY))
    crm = Nights(tmp_path, url_of(own), table="deals")
    error = fail(lambda: pull_and(crm.pull, lambda: own.send(how)))
    assert (type(error), error.code) == (TransientSourceError, "database")
    assert list((tmp_path / "landed").iterdir()) == []
    own.wait()
    assert len(crm.pull()) == MANY


def test_after_the_death_of_the_whole_server_the_next_pull_is_what_an_undisturbed_one_is(
    own: Postgres, tmp_path: Path
) -> None:
    disturbed = Nights(tmp_path / "disturbed", url_of(own), table="deals", cursor="updated_at", columns=ROWS)
    spared = Nights(tmp_path / "spared", url_of(own), table="deals", cursor="updated_at", columns=ROWS)
    own.run(make(1, 4_000))
    assert ids_of(disturbed.pull()) == ids_of(spared.pull())
    bookmark, before = disturbed.bookmark, (tmp_path / "disturbed" / "landed" / "crm.parquet").read_bytes()
    own.run(make(4_001, MANY), "CHECKPOINT")
    error = fail(lambda: pull_and(disturbed.pull, own.kill))
    assert (type(error), error.code) == (TransientSourceError, "database")
    assert "source 'crm'" in error.what
    assert "try again later" in error.do
    away = fail(disturbed.pull)
    assert (type(away), away.code) == (TransientSourceError, "database")
    assert disturbed.bookmark == bookmark
    assert [path.read_bytes() for path in (tmp_path / "disturbed" / "landed").iterdir()] == [before]
    own.start()
    rows = disturbed.pull()
    assert ids_of(rows) == {str(n) for n in range(400, MANY + 1)}  # the overlap is an hour
    assert rows == spared.pull()
    assert disturbed.bookmark == spared.bookmark
