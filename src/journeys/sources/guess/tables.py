"""The first rows of each table of a database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from journeys.config import Source
from journeys.errors import CallError, SourceError
from journeys.sources.database_engine import connect, open_engine
from journeys.sources.guess.sample import SAMPLE_ROWS, Sample

MOST_TABLES = 200
_SYSTEM_SCHEMAS = ("information_schema", "pg_catalog", "sys", "mysql", "performance_schema")


def look_at_tables(url: str, folder: Path) -> Iterator[Sample]:
    """Read the first rows of the tables and views of a database.

    Args:
        url: of SQLAlchemy.
        folder: where a relative SQLite file is looked for.

    Raises:
        CallError: it has no table.
        SourceError: it cannot be reached or read.
    """
    source = Source(name="sample", kind="database", url=url, table="sample")
    try:
        engine = open_engine(source, folder)
    except SourceError as error:
        what = error.what.removeprefix("source 'sample': ")
        raise SourceError(error.code, what, found=error.found, allowed=error.allowed, do=error.do) from None
    try:
        with connect(engine, source) as connection:
            tables = _list_tables(connection)
            if not tables:
                raise CallError("init", "the database has no table", found=engine.url.render_as_string(),
                                allowed="a database with tables that this login may read")  # fmt: skip
            for schema, name in tables[:MOST_TABLES]:
                statement = sa.select(sa.text("*")).select_from(sa.table(name, schema=schema)).limit(SAMPLE_ROWS)
                result = connection.execute(statement)
                names, rows = list(result.keys()), result.fetchall()
                objects = [{key: _write(value) for key, value in zip(names, row, strict=True)} for row in rows]
                values = {key: tuple(each[key] for each in objects) for key in names}
                place = f"{schema}.{name}" if schema else name
                yield Sample(place, {"kind": "database", "table": place}, values, len(objects))
    except sa.exc.SQLAlchemyError as error:
        raise SourceError("init", "the database cannot be read", found=str(error.__cause__ or error).splitlines()[0],
                          do="see the URL, the network and what the login may read") from error  # fmt: skip


def _list_tables(connection: sa.Connection) -> list[tuple[str | None, str]]:
    """Tables and views of the default schema without a schema, of all others with it."""
    inspector = sa.inspect(connection)
    default = inspector.default_schema_name
    found: list[tuple[str | None, str]] = []
    for schema in inspector.get_schema_names():
        if schema.lower() not in _SYSTEM_SCHEMAS and not schema.lower().startswith("pg_"):
            names = sorted({*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema=schema)})
            found += [(None if schema == default else schema, name) for name in names]
    return found


def _write(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
