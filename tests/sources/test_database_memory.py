"""A large table is pulled in bounded memory."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

ROWS = 1_000_000
# What one more row may cost at the peak; all rows held at once would be some 2,000 bytes each.
MOST_BYTES_PER_ROW = 500
TRACKED = '"cursor": "updated_at", "key": ("id",), "tracks": ("stage",), "deleted_event": "gone"'
PULL = """
import resource, sys
from pathlib import Path
from journeys.config import Project, Source
from journeys.sources import pull_source
url, folder, table, more = sys.argv[1:]
columns = {"occurred_at": "updated_at", "event": "stage", "user_id": "contact"}
source = Source(name="crm", kind="database", url=url, table=table, columns=columns, **eval(more))
folder = Path(folder)
project = Project(name="A")
report = pull_source(source, project, folder=folder, settings_folder=folder, loaded_at_us=1_780_000_000_000_000)
print(report.row_count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def measure(folder: Path, url: str, table: str, more: str) -> tuple[int, int]:
    """Pull in a process of its own; returns rows and the peak of its memory in bytes."""
    command = [sys.executable, "-c", PULL, url, str(folder), table, "{" + more + "}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ))
    rows, peak = done.stdout.split()[-2:]
    return int(rows), int(peak)


def check(folder: Path, url: str, more: str) -> None:
    few, low = measure(folder, url, "few", more)
    many, high = measure(folder, url, "many", more)
    assert (few, many) == (ROWS // 100, ROWS)
    assert (high - low) / (many - few) < MOST_BYTES_PER_ROW


@pytest.mark.prove
@pytest.mark.parametrize("more", ["", TRACKED])
def test_a_million_rows_of_postgres_are_streamed(postgres, nights, tmp_path: Path, more: str) -> None:
    for table, count in (("few", ROWS // 100), ("many", ROWS)):
        postgres.run(
            f"CREATE TABLE {table} AS SELECT n AS id, timestamptz '2025-01-01' + n * interval '1 s' AS updated_at, "
            f"'new' AS stage, 'contact-' || mod(n, 1000) AS contact, repeat(md5(n::text), 4) AS note "
            f"FROM generate_series(1, {count}) AS n"
        )
    check(tmp_path, postgres.url.render_as_string(hide_password=False), more)


@pytest.mark.prove
@pytest.mark.parametrize("more", ["", TRACKED])
def test_a_million_rows_of_mariadb_are_streamed(mariadb, maria_nights, tmp_path: Path, more: str) -> None:
    for table, count in (("few", ROWS // 100), ("many", ROWS)):
        mariadb.run(
            f"CREATE TABLE {table} (id int, updated_at datetime, stage text, contact text, note text)",
            f"INSERT INTO {table} SELECT seq, '2025-01-01' + INTERVAL seq SECOND, 'new', "
            f"concat('contact-', mod(seq, 1000)), repeat(md5(seq), 4) FROM seq_1_to_{count}",
            schema="crm",
        )
    check(tmp_path, mariadb.url.render_as_string(), more)


@pytest.mark.prove
@pytest.mark.parametrize("more", ["", TRACKED])
def test_a_million_rows_of_sqlite_are_streamed(tmp_path: Path, more: str) -> None:
    with closing(sqlite3.connect(tmp_path / "crm.db")) as connection, connection:
        for table, count in (("few", ROWS // 100), ("many", ROWS)):
            connection.execute(
                f"CREATE TABLE {table} AS WITH RECURSIVE n(i) AS "
                f"(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
                "SELECT i AS id, datetime(1750000000 + i, 'unixepoch') AS updated_at, 'new' AS stage, "
                "'contact-' || (i % 1000) AS contact, hex(zeroblob(64)) AS note FROM n"
            )
    check(tmp_path, "sqlite:///crm.db", more)
