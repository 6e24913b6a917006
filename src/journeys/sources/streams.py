"""The DuckDB connection of one pull and the Arrow streams it reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from journeys.errors import JourneysError, SourceError
from journeys.sources.nested import define_functions

if TYPE_CHECKING:
    from journeys.config import Source

_MOST_MEMORY = "384MB"


def connect() -> duckdb.DuckDBPyConnection:
    """Open a DuckDB of its own for one pull; its session zone is fixed so that no machine's setting leaks in."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    define_functions(connection.execute)
    return connection


class Streams:
    """Arrow streams that one DuckDB connection reads; keeps the first error of their Python side."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._count = 0
        self._errors: list[JourneysError] = []

    def bound_memory(self, folder: Path) -> None:
        """Keep what the statements hold within a few hundred megabytes; the rest waits in files below `folder`."""
        spill = str(folder / ".spill").replace("'", "''")
        self.connection.execute(f"SET temp_directory = '{spill}'; SET memory_limit = '{_MOST_MEMORY}'")

    def add(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> str:
        """Register a stream of batches; returns its table name. It can be read once."""
        self._count += 1
        name = f"_stream_{self._count}"
        self.connection.register(name, pa.RecordBatchReader.from_batches(schema, _watch(batches, self._errors)))
        return name

    def run(self, sql: str, source: Source) -> list[tuple[object, ...]]:
        """Run a statement over the streams; an error of a stream comes out as itself.

        Raises:
            SourceError: DuckDB refuses the statement, or a stream failed.
        """
        try:
            return self.connection.execute(sql).fetchall()
        except duckdb.Error as error:
            if self._errors:
                raise self._errors[0] from None
            raise SourceError(
                "pull-failed",
                f"source {source.name!r} could not be read",
                found=str(error).split("\n\n")[0],
                do="check the [[source]], its `sql` mappings first",
            ) from error


def _watch(batches: Iterable[pa.RecordBatch], errors: list[JourneysError]) -> Iterator[pa.RecordBatch]:
    """Hand batches on and keep an error. It knows no connection: one that holds what holds it is never let go."""
    try:
        yield from batches
    except JourneysError as error:
        errors.append(error)
        raise
