"""Database tables and queries -> cells, streamed through SQLAlchemy in batches of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import sqlalchemy as sa

from journeys.sources.cursors import CursorMark, CursorWatch, find_kind, write_condition
from journeys.sources.database_engine import connect, open_engine, start_session
from journeys.sources.database_faults import name_error, name_silence
from journeys.sources.database_mysql import apply_readers, find_readers, is_mysql, list_column_types
from journeys.sources.database_rows import build_batches
from journeys.sources.mapping import Cells, find_cells, find_column
from journeys.sources.waiting import Silence, read_ahead
from journeys.units import US_PER_SECOND, duration_us

if TYPE_CHECKING:
    from pathlib import Path

    from journeys.config import Source

BATCH_ROWS = 10_000
# The server's own time-outs come first: they name what happened.
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class DatabaseRows:
    """An opened table or query.

    Attributes:
        cells: over the table `{rows}`.
        schema: of the rows.
        batches: the rows themselves; can be read once.
        columns: column name -> the type that the database states, '' where it states none.
        is_whole: everything is read, not only what is new.
    """

    cells: Cells
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    columns: Mapping[str, str]
    is_whole: bool


def read_database(
    source: Source,
    settings_folder: Path,
    columns: tuple[str, ...],
    *,
    since: CursorMark | None = None,
    watch: CursorWatch | None = None,
) -> DatabaseRows:
    """Open a table or query.

    All values are text: dates and times in ISO form, bytes decoded (in hexadecimal where they are no text), nested
    values as JSON; numbers with a whole value lose their '.0'. `_line` counts the rows as the database returns them.

    Args:
        source: what to read.
        settings_folder: a relative SQLite file starts here.
        columns: those that become cells.
        since: only rows at this mark less the source's overlap, later ones, and those without a cursor value. A column
            whose kind of value is another one now is read whole.
        watch: is shown the cursor value of every row.

    Raises:
        SourceError: table or mapped column is missing, or the query is wrong.
        TransientSourceError: the database cannot be reached, breaks off, or is silent for longer than `read_timeout`.
    """
    engine = open_engine(source, settings_folder)
    batches = _wait(source, _stream_rows(engine, source, lambda opened: _build_statement(opened, source, since)))
    header = next(batches)
    names = list(header.columns)
    place = f"table {source.table!r}" if source.table else "the query"
    places = find_cells(source, place=place, columns=columns, known=names)
    if watch is not None and source.cursor:
        batches = _show(batches, find_column(source, place=place, column=source.cursor, known=names), watch)
    schema = pa.schema(
        [("_line", pa.int64()), ("_properties", pa.string()), *((f"_c{i}", pa.string()) for i in range(len(columns)))]
    )
    label = (source.table or "query").replace("'", "''")
    cells = ", ".join(["_properties", *(f"_c{index}" for index in range(len(columns)))])
    fixed = f"'{label}' AS _file, _line, CAST(NULL AS VARCHAR) AS _unreadable, CAST(NULL AS VARCHAR) AS _raw"
    return DatabaseRows(
        Cells(f"SELECT {fixed}, {cells} FROM {{rows}}", columns, ("VARCHAR",) * len(columns)),
        schema,
        build_batches(batches, names, places, schema),
        header.columns,
        header.is_whole,
    )


def read_keys(source: Source, settings_folder: Path, columns: tuple[str, ...]) -> tuple[pa.Schema, Any]:
    """Open the key columns alone, of all rows: schema and batches with the cells `_c0`, `_c1`, ...

    Raises:
        SourceError: as `read_database`.
    """
    engine = open_engine(source, settings_folder)

    def build(connection: sa.Connection) -> tuple[Any, bool]:
        names = _describe(connection, source)
        place = f"table {source.table!r}" if source.table else "the query"
        found = [names[find_column(source, place=place, column=column, known=names)] for column in columns]
        return sa.select(*(sa.column(name) for name in found)).select_from(_find_rows(source)), True

    batches = _wait(source, _stream_rows(engine, source, build))
    names = list(next(batches).columns)
    schema = pa.schema(
        [("_line", pa.int64()), ("_properties", pa.string()), *((f"_c{i}", pa.string()) for i in range(len(columns)))]
    )
    return schema, build_batches(batches, names, list(range(len(columns))), schema)


@dataclass(frozen=True)
class _Header:
    columns: dict[str, str]
    is_whole: bool


def _wait(source: Source, items: Iterator[Any]) -> Iterator[Any]:
    """Read ahead in a thread, and give up when the database is silent."""
    patience = duration_us(source.read_timeout) + duration_us(source.connect_timeout)
    with closing(read_ahead(items, seconds=patience / US_PER_SECOND + _PATIENCE_SECONDS)) as ahead:
        try:
            yield from ahead
        except Silence:
            raise name_silence(source) from None


def _stream_rows(
    engine: sa.Engine, source: Source, build: Callable[[sa.Connection], tuple[Any, bool]]
) -> Iterator[Any]:
    """Yield the header, then lists of rows."""
    try:
        with connect(engine, source) as connection:
            start_session(connection, source)
            statement, is_whole = build(connection)
            result = connection.execution_options(stream_results=True, yield_per=BATCH_ROWS).execute(statement)
            readers = _find_readers(result)
            try:
                yield _Header(_list_types(engine, source, result), is_whole)
                for rows in result.partitions(BATCH_ROWS):
                    yield apply_readers(rows, readers)
            except GeneratorExit:
                # Nobody wants the rest, which some drivers would read to the end before they close.
                connection.invalidate()
                raise
    except sa.exc.SQLAlchemyError as error:
        raise name_error(engine, source, error) from None
    finally:
        engine.dispose()


def _show(batches: Iterator[Any], place: int, watch: CursorWatch) -> Iterator[Any]:
    for rows in batches:
        watch.see(row[place] for row in rows)
        yield rows


def _build_statement(connection: sa.Connection, source: Source, since: CursorMark | None) -> tuple[Any, bool]:
    """The statement of a pull, and whether it reads everything."""
    whole = (
        sa.text(source.query.replace(":", r"\:"))
        if source.query
        else sa.select(sa.text("*")).select_from(_find_rows(source))
    )
    if since is None or not source.cursor:
        return whole, True
    names = _describe(connection, source)
    place = f"table {source.table!r}" if source.table else "the query"
    column = names[find_column(source, place=place, column=source.cursor, known=names)]
    if _find_kind(connection, source, column) not in (since.kind, ""):
        return whole, True
    condition = write_condition(source, column, since, has_zero_dates=is_mysql(connection.dialect.name))
    return sa.select(sa.text("*")).select_from(_find_rows(source)).where(condition), False


def _find_rows(source: Source) -> Any:
    """The table, or the query as a table, quoted by the dialect."""
    if source.query:
        # A line of its own: the query may end in a comment.
        query = source.query.strip().removesuffix(";")
        return sa.text("(" + query.replace(":", r"\:") + "\n) AS journeys_rows")
    schema, _, name = (source.table or "").rpartition(".")
    if "." in schema:
        schema = sa.sql.quoted_name(schema, quote=False)
    return sa.table(name, schema=schema or None)


def _describe(connection: sa.Connection, source: Source) -> list[str]:
    statement = sa.select(sa.text("*")).select_from(_find_rows(source)).where(sa.text("1 = 0"))
    return list(connection.execute(statement).keys())


def _find_kind(connection: sa.Connection, source: Source, column: str) -> str:
    """The kind of a cursor column now, by one of its values; '' when it has none."""
    place: sa.ColumnClause[Any] = sa.column(column)
    statement = sa.select(place).select_from(_find_rows(source)).where(place.is_not(None)).limit(1)
    result = connection.execute(statement)
    readers = _find_readers(result)
    row = result.first()
    return find_kind(apply_readers([row], readers)[0][0]) if row else ""


def _find_readers(result: sa.CursorResult[Any]) -> dict[int, Any]:
    return find_readers(result) if is_mysql(result.dialect.name) else {}


def _list_types(engine: sa.Engine, source: Source, result: sa.CursorResult[Any]) -> dict[str, str]:
    """Column names with the types that the database states; of a query only where the driver tells them."""
    names = list(result.keys())
    described = result.cursor.description if result.cursor is not None else None
    stated = [str(getattr(column, "type_display", "")) for column in described or ()]
    if any(stated) and len(stated) == len(names):
        return dict(zip(names, stated, strict=True))
    types: dict[str, str] = {}
    if source.table:
        schema, _, name = source.table.rpartition(".")
        types = (
            list_column_types(engine, schema, name)
            if is_mysql(engine.dialect.name)
            else {str(c["name"]): str(c["type"]) for c in sa.inspect(engine).get_columns(name, schema or None)}
        )
    return {name: types.get(name, "") for name in names}
