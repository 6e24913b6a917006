"""What the tests of sources share: a pull into a temporary folder, its rows as dictionaries."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from mariadb import MariaDB, start_mariadb
from postgres import Nights, Postgres, start_postgres

from journeys.config import Project, Source
from journeys.schema import LANDED_COLUMNS
from journeys.sources import PullReport, pull_source

LOADED_AT_US = 1_700_000_000_000_000
COLUMNS = {"occurred_at": "time", "event": "name", "user_id": "user"}


class Puller:
    """Pulls sources whose files lie in `folder`; `report` is that of the last pull."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.landed = folder / "landed"
        self.timezone = "UTC"
        self.report: PullReport | None = None

    def write(self, name: str, content: bytes | str) -> Path:
        """Write a file of the source."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def source(self, **settings: Any) -> Source:
        """A source called 'web' with the settings given."""
        return Source(**({"name": "web", "kind": "file", "columns": COLUMNS} | settings))

    def query(self, sql: str, **settings: Any) -> list[tuple[Any, ...]]:
        """Pull and ask the table `landed`."""
        source = self.source(**settings)
        project = Project(name="Acme", timezone=self.timezone)
        self.report = pull_source(
            source, project, folder=self.landed, settings_folder=self.folder, loaded_at_us=LOADED_AT_US
        )
        with duckdb.connect() as connection:
            connection.execute(f"CREATE VIEW landed AS SELECT * FROM '{self.landed / 'web.parquet'}'")
            return connection.execute(sql).fetchall()

    def pull(self, **settings: Any) -> list[dict[str, Any]]:
        """Pull and return all landed rows by file and line."""
        names = [column.name for column in LANDED_COLUMNS]
        found = self.query("SELECT * FROM landed ORDER BY file, line", **settings)
        rows = [dict(zip(names, row, strict=True)) for row in found]
        assert self.report is not None
        assert self.report.row_count == len(rows)
        assert self.report.unreadable_count == sum(row["unreadable"] is not None for row in rows)
        return rows


@pytest.fixture
def puller(tmp_path: Path) -> Puller:
    """Pull sources in a temporary folder."""
    return Puller(tmp_path)


@pytest.fixture(scope="session")
def new_puller(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Puller]:
    """Make a puller in a folder of its own, for tests that need one per example."""
    return lambda: Puller(tmp_path_factory.mktemp("pull"))


@pytest.fixture
def land(puller: Puller) -> Callable[..., dict[str, Any]]:
    """Land one JSON object with a mapping and return its row."""

    def land_one(line: str, columns: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
        puller.write("one.jsonl", line + "\n")
        (row,) = puller.pull(path="one.jsonl", columns=COLUMNS | (columns or {}), **settings)
        return row

    return land_one


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A real server, started once per module."""
    yield from start_postgres()


@pytest.fixture
def nights(postgres: Postgres, tmp_path: Path) -> Iterator[Callable[..., Nights]]:
    """Make pulls from the server, whose tables are gone afterwards."""
    url = postgres.url.render_as_string(hide_password=False)
    yield lambda **settings: Nights(tmp_path, **({"url": url} | settings))
    postgres.run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public", "GRANT USAGE ON SCHEMA public TO PUBLIC")


@pytest.fixture
def deals(postgres: Postgres) -> str:
    """A table of two deals; returns its name."""
    postgres.run(
        "CREATE TABLE deals (id text, updated_at timestamptz, stage text, contact text)",
        "INSERT INTO deals VALUES ('a', '2026-01-01 10:00+00', 'new', 'anna')",
        "INSERT INTO deals VALUES ('b', '2026-01-02 10:00+00', 'won', 'ben')",
    )
    return "deals"


@pytest.fixture(scope="module")
def mariadb(mariadb_programs: tuple[str, str]) -> Iterator[MariaDB]:
    """A real server, started once per module."""
    yield from start_mariadb(mariadb_programs)


@pytest.fixture
def maria_nights(mariadb: MariaDB, tmp_path: Path) -> Iterator[Callable[..., Nights]]:
    """Make pulls from the server's database `crm`, which is gone afterwards."""
    mariadb.run("CREATE DATABASE crm")
    url = mariadb.url.render_as_string(hide_password=False)
    yield lambda **settings: Nights(tmp_path, **({"url": url} | settings))
    mariadb.run("DROP DATABASE crm")


@pytest.fixture
def maria_deals(mariadb: MariaDB, maria_nights: Callable[..., Nights]) -> str:
    """A table of two deals; returns its name."""
    mariadb.run(
        "CREATE TABLE crm.deals (id text, updated_at datetime(6), stage text, contact text)",
        "INSERT INTO crm.deals VALUES ('a', '2026-01-01 10:00', 'new', 'anna')",
        "INSERT INTO crm.deals VALUES ('b', '2026-01-02 10:00', 'won', 'ben')",
    )
    return "deals"
