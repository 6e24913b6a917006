"""The one place that talks to DuckDB: run a SELECT, keep it as a table, hand it out as Arrow or pandas."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from journeys.errors import ModelError
from journeys.warehouse.quoting import quote_name, quote_text
from journeys.warehouse.readers import hold_snapshot, release_snapshot

Parameters = Mapping[str, Any]
# One row: the folder in which a database was written that has views of files beside it.
PLACE_TABLE = "kept.snapshot_place"


class Engine:
    """A DuckDB database, in memory or in a file.

    One engine belongs to one thread; another thread takes its own `cursor()`.

    Args:
        path: database file to create or open; none keeps everything in memory.
        memory_limit: such as '2GB'; empty leaves DuckDB's default.
    """

    def __init__(self, path: Path | None = None, *, memory_limit: str = "") -> None:
        connection = duckdb.connect(str(path) if path else ":memory:")
        if memory_limit:
            connection.execute(f"SET memory_limit = {quote_text(memory_limit)}")
        self._use(connection)

    def _use(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._is_temporary = False
        self._held: int | None = None
        self._made: dict[str, str] = {}  # of a scratch: TABLE or VIEW by name
        self._search_path = ""
        connection.execute("SET TimeZone = 'UTC'")

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def cursor(self) -> Engine:
        """Return an engine on the same database for use in another thread."""
        twin = Engine.__new__(Engine)
        try:
            twin._use(self._connection.cursor())
            if self._search_path:  # a connection does not take it over from another
                twin._search_path = self._search_path
                twin.run(f"SET search_path = {quote_text(self._search_path)}")
        except duckdb.ConnectionException as error:
            raise ModelError(
                "closed", "the log is closed", do="open it again, and ask inside the `with` block"
            ) from error
        return twin

    @contextmanager
    def scratch(self) -> Iterator[Engine]:
        """Lend an engine on the same database whose new tables are seen by nobody else and vanish at the end.

        Inside a scratch it is the same one: another would not see the tables made there.
        """
        if self._is_temporary:
            yield self
            return
        twin = self.cursor()
        twin._is_temporary = True
        try:
            yield twin
        finally:
            twin.close()

    @contextmanager
    def lend_function(self, name: str, types: Sequence[str], call: Callable[..., list[str | None]]) -> Iterator[None]:
        """Lend SQL a function that returns text, for the few things that SQL cannot do; it is gone at the end.

        It is called once for each row that reaches it.

        Args:
            name: its name in SQL.
            types: DuckDB types of its arguments.
            call: takes a list of values per argument, all of one length, and returns the list of results.
        """

        def run(*columns: pa.ChunkedArray) -> pa.Array:
            return pa.array(call(*(column.to_pylist() for column in columns)), pa.string())

        # DuckDB counts the parameters before it takes a function.
        listed = [
            inspect.Parameter(f"column_{place}", inspect.Parameter.POSITIONAL_ONLY) for place in range(len(types))
        ]
        run.__signature__ = inspect.Signature(listed)  # type: ignore[attr-defined]
        self._connection.create_function(
            name,
            run,
            list(types),
            "VARCHAR",
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
            side_effects=True,
        )
        try:
            yield
        finally:
            self._connection.remove_function(name)

    def batches(self, select: str, size: int) -> Iterator[list[Any]]:
        """Yield the first column of a SELECT in lists of at most `size`; nothing else may be asked meanwhile."""
        found = self._execute(select, None)
        while rows := found.fetchmany(size):
            yield [row[0] for row in rows]

    def attach(self, path: Path, *, name: str) -> None:
        """Attach another database file read-only and show each of its tables and views here.

        A snapshot is held against removal until this engine is closed. Its views of files beside it are shown over
        those files where they lie now, wherever they were written.
        """
        self._held = hold_snapshot(path.parent)
        alias = quote_name(name)
        self.run(f"ATTACH {quote_text(str(path))} AS {alias} (READ_ONLY)")
        found = {"name": name}
        tables = self.rows(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = $name ORDER BY ALL", found
        )
        is_placed = tuple(PLACE_TABLE.split(".")) in tables
        written_at = self.value(f"SELECT folder FROM {alias}.{PLACE_TABLE}") if is_placed else None
        if written_at in (None, str(path.parent)):
            schemas = self.rows("SELECT schema_name FROM duckdb_schemas() WHERE database_name = $name AND NOT internal "
                                "ORDER BY ALL", found)  # fmt: skip
            self._look_in([f"{alias}.{quote_name(schema)}" for schema in ("main", *(row[0] for row in schemas))])
            self._prove_files(name)
            return
        for schema, table in tables:
            self._show_in(schema, table, f"SELECT * FROM {alias}.{quote_name(schema)}.{quote_name(table)}")
        views = self.rows(
            "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE database_name = $name AND NOT internal", found
        )
        texts = {
            (schema, view): sql[sql.index(" AS ") + 4 :].rstrip(";").replace(f"'{written_at}/", f"'{path.parent}/")
            for schema, view, sql in views
        }
        self._show_all(texts)

    def _look_in(self, schemas: Sequence[str]) -> None:
        """Find names in these schemas too, after those of this database; what is made is made here all the same."""
        own = quote_name(self.value("SELECT current_database()"))
        self._search_path = ",".join([f"{own}.main", *schemas])
        self.run(f"SET search_path = {quote_text(self._search_path)}")

    def _prove_files(self, name: str) -> None:
        """Open the files that views of an attached database show, so that a lost one is told at once."""
        views = self.rows(
            "SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = $name AND NOT internal "
            "AND contains(sql, 'read_parquet')",
            {"name": name},
        )
        if views:
            self.describe(
                " UNION ALL ".join(
                    f"SELECT NULL FROM {quote_name(name)}.{quote_name(schema)}.{quote_name(view)}"
                    for schema, view in views
                )
            )

    def _show_all(self, texts: dict[tuple[str, str], str]) -> None:
        """Show views that read each other: nothing tells in which order they were made."""
        while texts:
            later = {}
            for place, select in texts.items():
                try:
                    self._show_in(*place, select)
                except ModelError as error:
                    later[place], failure = select, error
            if len(later) == len(texts):
                raise failure
            texts = later

    def _show_in(self, schema: str, name: str, select: str) -> None:
        if schema != "main":
            self.run(f"CREATE SCHEMA IF NOT EXISTS {quote_name(schema)}")
        self.run(f"CREATE VIEW {quote_name(schema)}.{quote_name(name)} AS {select}")

    def run(self, statement: str, parameters: Parameters | None = None) -> None:
        """Execute a statement and drop its result.

        Raises:
            ModelError: DuckDB refused or failed; carries its message.
        """
        self._execute(statement, parameters).fetchall()

    def rows(self, select: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a small SELECT as Python tuples."""
        return self._execute(select, parameters).fetchall()

    def value(self, select: str, parameters: Parameters | None = None) -> Any:
        """Return the first column of the first row, or None when there is no row."""
        rows = self.rows(select, parameters)
        return rows[0][0] if rows else None

    def frame(self, select: str, parameters: Parameters | None = None) -> pd.DataFrame:
        """Return a SELECT as a pandas frame."""
        return self._execute(select, parameters).df()

    def arrow(self, select: str, parameters: Parameters | None = None) -> pa.Table:
        """Return a SELECT as an Arrow table, its rows in the order of its ORDER BY."""
        try:
            return self._connection.sql(select, params=dict(parameters) if parameters else None).to_arrow_table()
        except duckdb.Error as error:
            raise _refused(error) from error

    def save(self, name: str, select: str, parameters: Parameters | None = None) -> int:
        """Keep a SELECT as a table, replacing an older one; return its row count."""
        kind = "TEMP TABLE" if self._is_temporary else "TABLE"
        self._make_room(name, "TABLE")
        statement = f"CREATE OR REPLACE {kind} {quote_name(name)} AS {select}"
        return int(self._execute(statement, parameters).fetchall()[0][0])

    def show(self, name: str, select: str) -> None:
        """Show a SELECT as a view, replacing an older one."""
        kind = "TEMP VIEW" if self._is_temporary else "VIEW"
        self._make_room(name, "VIEW")
        self.run(f"CREATE OR REPLACE {kind} {quote_name(name)} AS {select}")

    def _make_room(self, name: str, kind: str) -> None:
        """Make room in a scratch: a view does not replace a table there, nor a table a view."""
        if self._is_temporary:
            before = self._made.get(name.lower(), kind)
            if before != kind:
                self.run(f"DROP {before} IF EXISTS temp.{quote_name(name)}")
            self._made[name.lower()] = kind

    def load(self, name: str, data: pa.Table | pd.DataFrame) -> int:
        """Keep an Arrow table or a pandas frame as a table; return its row count."""
        view = "loaded_" + name
        self._connection.register(view, data)
        try:
            return self.save(name, f"SELECT * FROM {quote_name(view)}")
        finally:
            self._connection.unregister(view)

    def append(self, name: str, data: pd.DataFrame) -> None:
        """Add the rows of a frame, by the names of its columns, to a table (`schema.table`, or a plain name)."""
        self._connection.register("appended", data)
        try:
            self.run(f"INSERT INTO {name} BY NAME SELECT * FROM appended")
        finally:
            self._connection.unregister("appended")

    def row_count(self, name: str) -> int:
        """Return the number of rows of a table."""
        return int(self.value(f"SELECT COUNT(*) FROM {quote_name(name)}"))

    def columns(self, name: str) -> list[str]:
        """Return the column names of a table or view, in order."""
        return [row[0] for row in self.rows(f"DESCRIBE {quote_name(name)}")]

    def describe(self, select: str, parameters: Parameters | None = None) -> list[tuple[str, str]]:
        """Return the name and type of each column of a SELECT, without running it."""
        return [(row[0], row[1]) for row in self.rows(f"DESCRIBE {select}", parameters)]

    def fingerprint(self, name: str, columns: Sequence[str]) -> str:
        """Return a text that changes when any value of these columns changes, whatever the order of the rows."""
        listed = ", ".join(quote_name(column) for column in columns)
        total = self.value(f"SELECT CAST(COALESCE(SUM(CAST(hash({listed}) AS HUGEINT)), 0) AS VARCHAR) FROM "
                           f"{quote_name(name)}")  # fmt: skip
        return f"{self.row_count(name):x}-{int(total) & (2**64 - 1):016x}"

    def close(self) -> None:
        """Close the connection; a file database is complete on disk afterwards."""
        self._connection.close()
        release_snapshot(self._held)
        self._held = None

    def _execute(self, statement: str, parameters: Parameters | None) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(statement, dict(parameters) if parameters else None)
        except duckdb.Error as error:
            raise _refused(error) from error


def _refused(error: duckdb.Error) -> ModelError:
    is_full = isinstance(error, duckdb.IOException | duckdb.FatalException | duckdb.OutOfMemoryException)
    do = "see the space left on the disk and the memory_limit of [warehouse]; what was published before stays"
    return ModelError("engine", "DuckDB could not run a statement", found=str(error).strip(), do=do if is_full else "")
