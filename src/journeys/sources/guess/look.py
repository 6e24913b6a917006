"""The first rows of whatever is named: a file, a folder, a pattern, or a database with its tables."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from journeys.config import Source
from journeys.config.problems import mask_secrets
from journeys.errors import CallError, SourceError
from journeys.sources.database_engine import connect as connect_database
from journeys.sources.database_engine import open_engine
from journeys.sources.files import find_files
from journeys.sources.guess.formats import sniff_format
from journeys.sources.pull import open_cells
from journeys.sources.streams import Streams, connect

SAMPLE_ROWS = 500
MOST_TABLES = 200
_MOST_FILES = 3
_DEEPEST = 3
_SYSTEM_SCHEMAS = ("information_schema", "pg_catalog", "sys", "mysql", "performance_schema")


@dataclass(frozen=True)
class Sample:
    """The first rows of one kind of file, or of one table.

    Attributes:
        place: the file, pattern or table, as it is to be written.
        settings: keys of `[[source]]` that read it, without columns.
        values: by column its values as text, null where a row has none; `a.b` is a key inside an object.
        row_count: rows looked at.
    """

    place: str
    settings: Mapping[str, str]
    values: Mapping[str, tuple[str | None, ...]]
    row_count: int


def look_at(place: str, folder: Path) -> list[Sample]:
    """Read the first rows of a place.

    Args:
        place: a file, a folder, a pattern, or the URL of a database.
        folder: where the configuration will lie; paths are written relative to it where they are inside.

    Returns:
        One sample for files; one per table of a database.

    Raises:
        CallError: nothing is there, or its format cannot be told.
        SourceError: the database cannot be reached.
    """
    if place.startswith(("http://", "https://")):
        raise CallError("init", "an HTTP address is not looked at", found=mask_secrets(place),
                        allowed="a file, a folder, a pattern in quotes, or the URL of a database",
                        do='fetch the file, or read an API with kind = "rest" (docs/sources/rest.md)')  # fmt: skip
    if "://" in place:
        return list(_look_at_database(place, folder))
    pattern = _write_pattern(place)
    path = Path(pattern)
    written = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
    try:
        files = find_files(Source(name="sample", kind="file", path=pattern), folder)
    except SourceError:
        allowed = "a file, a folder, a pattern in quotes, or the URL of a database"
        raise CallError("init", "there is no such file", found=repr(place), allowed=allowed) from None
    keys = sniff_format(files[0])
    source = Source.model_validate({"name": "sample", "kind": "file", "path": pattern, **keys})
    with connect() as connection:
        streams = Streams(connection)
        _, cells = open_cells(streams, source, folder, files[:_MOST_FILES])
        select = " UNION ALL ".join(
            f"(SELECT _properties FROM ({each.sql}) WHERE _unreadable IS NULL)" for each in cells
        )
        rows = streams.run(f"SELECT * FROM ({select}) LIMIT {SAMPLE_ROWS}", source)
    objects = [json.loads(str(row[0])) for row in rows]
    return [Sample(written, {"kind": "file", "path": written, **keys}, _list_values(objects), len(objects))]


def _write_pattern(place: str) -> str:
    """A folder as the pattern of its commonest kind of file, anything else as an absolute path."""
    path = Path(place).expanduser().absolute()
    if not path.is_dir():
        return str(path)
    files = [each for each in sorted(path.rglob("*")) if each.is_file() and not each.name.startswith(".")]
    endings = Counter("".join(each.suffixes[-2:]) if each.suffix == ".gz" else each.suffix for each in files)
    if not endings:
        raise CallError("init", "the folder is empty", found=repr(place), allowed="a folder of files of one kind")
    return str(path / "**" / f"*{endings.most_common(1)[0][0]}")


def _list_values(objects: list[dict[str, Any]]) -> dict[str, tuple[str | None, ...]]:
    flat = [dict(_flatten(each)) for each in objects]
    names = dict.fromkeys(name for each in flat for name in each)
    return {name: tuple(each.get(name) for each in flat) for name in names}


def _flatten(value: Mapping[str, Any], inside: str = "", depth: int = 1) -> Iterator[tuple[str, str | None]]:
    for key, each in value.items():
        name = f"{inside}{key}"
        if isinstance(each, dict):
            yield name, json.dumps(each, ensure_ascii=False)
            if depth < _DEEPEST:
                yield from _flatten(each, f"{name}.", depth + 1)
        elif isinstance(each, list):
            yield name, json.dumps(each, ensure_ascii=False)
        else:
            yield name, None if each is None else str(each)


def _look_at_database(url: str, folder: Path) -> Iterator[Sample]:
    source = Source(name="sample", kind="database", url=url, table="sample")
    engine = open_engine(source, folder)
    try:
        with connect_database(engine, source) as connection:
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
