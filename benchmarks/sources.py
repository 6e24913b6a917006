"""Landing a file of each kind, beside DuckDB's bare reader on the same file.

Usage: python benchmarks/sources.py [ROWS]   (default 500,000)

Bare: `COPY (SELECT * FROM read_...) TO ... (FORMAT parquet, COMPRESSION zstd)`, what DuckDB alone takes to read the
file and keep it. With JSON: the same, and each row's whole content as JSON beside it, as landing has to keep it.
Ours: the pull of a source with event_id, time, user, event, address and amount: it reads the file, numbers its lines,
keeps each row's whole content as JSON, reads times, finds campaigns, trims and notes what cannot be read, and writes
rows of schema.LANDED_COLUMNS in the same format. The numbers of rows are compared first.

The aim is at most 1.5 times the bare reader; README.md beside this file says what was reached and what bounds it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
from compare import compare
from synthetic_log import write_log

from journeys.config import Project, Source
from journeys.sources import pull_source

COLUMNS = {
    "event_id": "event_id",
    "occurred_at": "ts",
    "user_id": "user_id",
    "event": "event",
    "url": "url",
    "value_amount": "amount",
}
READERS = {
    "parquet": "read_parquet('{}')",
    "csv": "read_csv('{}', all_varchar = true)",
    "jsonl": "read_json('{}', format = 'newline_delimited')",
}
WRITERS = {"parquet": "FORMAT parquet", "csv": "FORMAT csv", "jsonl": "FORMAT json"}


def write_files(folder: Path, count: int) -> dict[str, Path]:
    """Write the same log in each format."""
    raw = folder / "raw.parquet"
    write_log(raw, count)
    rows = f"""
        SELECT event_id, ts, user_id, event, channel,
          'https://shop.example/p/' || event_id % 500 || CASE WHEN event_id % 20 = 0
            THEN '?utm_source=news&utm_medium=email' ELSE '' END AS url,
          CASE WHEN event = 'checkout' THEN (event_id % 10000) / 100.0 END AS amount
        FROM '{raw}'
    """
    paths = {kind: folder / f"log.{kind}" for kind in WRITERS}
    for kind, options in WRITERS.items():
        duckdb.execute(f"COPY ({rows}) TO '{paths[kind]}' ({options})")
    return paths


def read_bare(kind: str, path: Path, target: Path, *, more: str = "") -> Callable[[], int]:
    """DuckDB alone: read the file and keep it."""

    def run() -> int:
        with duckdb.connect() as connection:
            select = f"SELECT *{more} FROM {READERS[kind].format(path)} AS log"
            copied = connection.execute(f"COPY ({select}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)").fetchone()
            return int(copied[0]) if copied else 0

    return run


def land(path: Path, folder: Path) -> Callable[[], int]:
    """The pull of a source."""
    source = Source.model_validate({"name": "web", "kind": "file", "path": str(path), "columns": COLUMNS})

    def run() -> int:
        report = pull_source(source, Project(name="bench"), folder=folder, settings_folder=folder, loaded_at_us=2**51)
        return report.row_count

    return run


def main() -> None:
    """Measure each kind of file."""
    count = int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 500_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, path in write_files(folder, count).items():
            target = folder / "bare.parquet"
            candidates = {
                "bare": read_bare(kind, path, target),
                "with JSON": read_bare(kind, path, target, more=", CAST(to_json(log) AS VARCHAR) AS properties"),
                "ours": land(path, folder / "landed"),
            }
            print(compare(f"{kind}, {count:,} rows", candidates, same=lambda a, b: a == b))


if __name__ == "__main__":
    main()
