"""Pulling one source: its files or table, read once and completely into one landed file."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from journeys.errors import JourneysError, SourceError
from journeys.sources.files import SourceFile, find_files, find_format
from journeys.sources.json_lines import read_json_cells
from journeys.sources.landing import Landing, land_sql
from journeys.sources.lines import LINE_SCHEMA, read_lines
from journeys.sources.mapping import Cells, list_columns

if TYPE_CHECKING:
    from journeys.config import Project, Source


@dataclass(frozen=True)
class PullReport:
    """What one pull did: files (or tables) read, landed rows, how many of them unreadable, and seconds."""

    source: str
    file_count: int
    row_count: int
    unreadable_count: int
    seconds: float


def pull_source(
    source: Source, project: Project, *, folder: Path, settings_folder: Path, loaded_at_us: int
) -> PullReport:
    """Read one source completely into `folder/<name>.parquet` with the columns of schema.LANDED_COLUMNS.

    Every row is one landed row, unreadable ones too; wholly blank lines are none. Nothing is rejected here. A pull
    that fails leaves no file behind, and an older file of the same name untouched.

    Args:
        source: what to read and how its columns map.
        project: for the time zone.
        folder: where to write; is made when missing.
        settings_folder: relative paths of the source start here.
        loaded_at_us: time of this run, microseconds since 1970 UTC.

    Raises:
        SourceError: no file, unknown format, missing column, or a database that refuses.
        TransientSourceError: a database that cannot be reached now.
    """
    started = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{source.name}.parquet"
    unfinished = folder / f".{source.name}.{os.getpid()}.parquet"
    landing = Landing(source, project, loaded_at_us)
    with connect() as connection:
        streams = Streams(connection)
        try:
            files, all_cells = open_cells(streams, source, settings_folder)
            select = " UNION ALL ".join(land_sql(landing, cells) for cells in all_cells)
            streams.run(f"COPY ({select}) TO '{_escape(unfinished)}' (FORMAT parquet, COMPRESSION zstd)", source)
            row_count, unreadable_count = _count_rows(connection, unfinished)
            os.replace(unfinished, target)
        finally:
            unfinished.unlink(missing_ok=True)
    return PullReport(source.name, files, row_count, unreadable_count, time.perf_counter() - started)


def connect() -> duckdb.DuckDBPyConnection:
    """Open a DuckDB of its own for one pull; its session zone is fixed so that no machine's setting leaks in."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


class Streams:
    """Arrow streams that one DuckDB connection reads; keeps the first error of their Python side."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._count = 0
        self._error: JourneysError | None = None

    def add(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> str:
        """Register a stream of batches; returns its table name. It can be read once."""
        self._count += 1
        name = f"_stream_{self._count}"
        self.connection.register(name, pa.RecordBatchReader.from_batches(schema, self._watch(batches)))
        return name

    def _watch(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except JourneysError as error:
            self._error = error
            raise

    def run(self, sql: str, source: Source) -> list[tuple[object, ...]]:
        """Run a statement over the streams; an error of a stream comes out as itself.

        Raises:
            SourceError: DuckDB refuses the statement, or a stream failed.
        """
        try:
            return self.connection.execute(sql).fetchall()
        except duckdb.Error as error:
            if self._error is not None:
                raise self._error from None
            raise SourceError(
                "pull-failed",
                f"source {source.name!r} could not be read",
                found=str(error).split("\n\n")[0],
                do="check the [[source]], its `sql` mappings first",
            ) from error


def open_cells(streams: Streams, source: Source, settings_folder: Path) -> tuple[int, list[Cells]]:
    """Open everything a source names; returns the number of files and their cells."""
    files = find_files(source, settings_folder)
    columns = list_columns(source)
    by_format: dict[str, list[SourceFile]] = {}
    for file in files:
        by_format.setdefault(find_format(source, file), []).append(file)
    cells: list[Cells] = []
    for _kind, group in by_format.items():
        cells.append(read_json_cells(streams.add(read_lines(group), LINE_SCHEMA), columns))
    return len(files), cells


def _count_rows(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, int]:
    row = connection.execute(f"SELECT count(*), count(unreadable) FROM '{_escape(path)}'").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _escape(path: Path) -> str:
    return str(path).replace("'", "''")
