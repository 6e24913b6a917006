"""Database tables and queries -> cells, streamed through SQLAlchemy in batches of bounded size."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import sqlalchemy as sa

from journeys.errors import SourceError
from journeys.sources.faults import TransientSourceError, name_nearest
from journeys.sources.mapping import Cells, find_column

if TYPE_CHECKING:
    from pathlib import Path

    from journeys.config import Source

BATCH_ROWS = 10_000


def open_engine(source: Source, settings_folder: Path) -> sa.Engine:
    """Make the engine of a database source; nothing is connected yet.

    A relative SQLite file is looked up in the folder of the configuration and must exist: SQLite itself would make
    an empty one.

    Raises:
        SourceError: the URL is none, its driver is not installed, or the SQLite file is missing.
    """
    try:
        url = sa.make_url(source.url or "")
        if url.get_backend_name() == "sqlite":
            url = _find_sqlite(source, url, settings_folder)
        return sa.create_engine(url, **_limit_connecting(url))
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError, TypeError) as error:
        raise SourceError(
            "bad-url",
            f"source {source.name!r}: the database URL cannot be used",
            found=f"dialect {(source.url or '').split(':', 1)[0]!r}: {type(error).__name__}"
            + (f": {error}" if isinstance(error, ImportError) else ""),
            allowed="a SQLAlchemy URL such as 'sqlite:///crm.db' or 'postgresql+psycopg://user:password@host/name'",
            do="correct `url` in the [[source]], or install the driver it names",
        ) from None


def _limit_connecting(url: sa.URL) -> dict[str, Any]:
    return {"connect_args": {"connect_timeout": 15}} if url.get_backend_name() in ("postgresql", "mysql") else {}


def _find_sqlite(source: Source, url: sa.URL, settings_folder: Path) -> sa.URL:
    if not url.database or url.database.startswith(("file:", ":memory:")):
        return url
    path = settings_folder / url.database
    if not path.is_file():
        raise SourceError(
            "no-database",
            f"source {source.name!r}: the SQLite file {url.database!r} does not exist",
            found=f"no such file, seen from {settings_folder}",
            allowed="an existing SQLite file",
            do="correct `url` in the [[source]]",
        )
    return url.set(database=str(path))


def read_database(
    source: Source, settings_folder: Path, columns: tuple[str, ...]
) -> tuple[Cells, pa.Schema, Iterator[pa.RecordBatch]]:
    """Open a table or query: its cells over the table `{rows}`, the schema of the rows and the stream of them.

    All values are text (dates and times in ISO form, bytes decoded, nested values as JSON); numbers with a whole value
    lose their '.0'. `_line` counts the rows as the database returns them.

    Raises:
        SourceError: table or mapped column is missing, or the query is wrong.
        TransientSourceError: the database cannot be reached or breaks off.
    """
    engine = open_engine(source, settings_folder)
    place = f"table {source.table!r}" if source.table else "the query"
    batches = _stream_rows(engine, source)
    names = next(batches)
    places = [find_column(source, place=place, column=column, known=names) for column in columns]
    schema = pa.schema(
        [("_line", pa.int64()), ("_properties", pa.string()), *((f"_c{i}", pa.string()) for i in range(len(columns)))]
    )
    label = (source.table or "query").replace("'", "''")
    cells = ", ".join(["_properties", *(f"_c{index}" for index in range(len(columns)))])
    fixed = f"'{label}' AS _file, _line, CAST(NULL AS VARCHAR) AS _unreadable, CAST(NULL AS VARCHAR) AS _raw"
    sql = f"SELECT {fixed}, {cells} FROM {{rows}}"
    return Cells(sql, columns, ("VARCHAR",) * len(columns)), schema, _build_batches(batches, names, places, schema)


def _stream_rows(engine: sa.Engine, source: Source) -> Iterator[Any]:
    """Yield the column names, then lists of rows."""
    try:
        with engine.connect() as connection:
            statement = _build_statement(engine, source)
            result = connection.execution_options(stream_results=True, yield_per=BATCH_ROWS).execute(statement)
            yield list(result.keys())
            yield from result.partitions(BATCH_ROWS)
    except sa.exc.SQLAlchemyError as error:
        raise _name_error(engine, source, error) from None
    finally:
        engine.dispose()


def _build_statement(engine: sa.Engine, source: Source) -> sa.TextClause:
    if source.query:
        return sa.text(source.query.replace(":", r"\:"))
    parts = (source.table or "").split(".")
    return sa.text("SELECT * FROM " + ".".join(engine.dialect.identifier_preparer.quote(part) for part in parts))


def _name_error(engine: sa.Engine, source: Source, error: sa.exc.SQLAlchemyError) -> SourceError:
    """Tell a missing table and a wrong query from a server that cannot be reached."""
    known = _list_tables(engine)
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    if known is not None and source.table and source.table.rpartition(".")[2] not in known:
        return SourceError(
            "missing-table",
            f"source {source.name!r}: the database has no table {source.table!r}",
            found=f"table {source.table!r}",
            allowed=name_nearest(source.table, known),
            do="correct `table` in the [[source]]",
        )
    is_transient = _may_heal(engine, error, reason) if known is not None else _is_unreached(engine, reason)
    return (TransientSourceError if is_transient else SourceError)(
        "database",
        f"source {source.name!r}: the database "
        + ("could not be read" if known is not None else "could not be reached"),
        found=reason,
        do="try again later, or check `url` and the server" if is_transient else "correct the [[source]]",
    )


def _may_heal(engine: sa.Engine, error: sa.exc.SQLAlchemyError, reason: str) -> bool:
    """SQLite reports wrong statements as operational errors, too; only its locks heal."""
    if engine.dialect.name == "sqlite":
        return _is_unreached(engine, reason)
    return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError | sa.exc.TimeoutError)


def _is_unreached(engine: sa.Engine, reason: str) -> bool:
    return engine.dialect.name != "sqlite" or any(part in reason for part in ("locked", "busy", "I/O"))


def _list_tables(engine: sa.Engine) -> list[str] | None:
    """Tables and views of the database; None when it cannot be asked."""
    try:
        inspector = sa.inspect(engine)
        return [*inspector.get_table_names(), *inspector.get_view_names()]
    except sa.exc.SQLAlchemyError:
        return None


def _build_batches(
    batches: Iterator[Any], names: list[str], places: list[int], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    line = 1
    for rows in batches:
        properties = [
            json.dumps(
                dict(zip(names, map(_keep_json, row), strict=True)), ensure_ascii=False, default=str, sort_keys=True
            )
            for row in rows
        ]
        cells = [[_write_value(row[place]) for row in rows] for place in places]
        numbers = pa.array(range(line, line + len(rows)), pa.int64())
        line += len(rows)
        yield pa.record_batch(
            [numbers, pa.array(properties, pa.string()), *(pa.array(cell, pa.string()) for cell in cells)],
            schema=schema,
        )


def _keep_json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else _write_value(value)


def _write_value(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        is_whole = math.isfinite(value) and -(10**18) < value < 10**18 and value == int(value)
        return str(int(value)) if is_whole else str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
