"""Parquet files -> cells with their own types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from journeys.errors import SourceError
from journeys.sources.files import SourceFile
from journeys.sources.mapping import NO_CELL, Cells, find_cells, write_text
from journeys.warehouse import quote_text

if TYPE_CHECKING:
    from journeys.config import Source


def read_parquet_cells(
    connection: duckdb.DuckDBPyConnection, source: Source, files: list[SourceFile], columns: tuple[str, ...]
) -> list[Cells]:
    """Write the cells of Parquet files, one group per set of column names and types.

    Column names are matched exactly first, then whatever their case. `_line` is the row in its file, from 1.

    Raises:
        SourceError: a file is no Parquet, or lacks a mapped column.
    """
    groups: dict[tuple[tuple[str, str], ...], list[SourceFile]] = {}
    for file in files:
        groups.setdefault(_read_schema(connection, source, file), []).append(file)
    return [_read_group(source, schema, group, columns) for schema, group in groups.items()]


def _read_schema(
    connection: duckdb.DuckDBPyConnection, source: Source, file: SourceFile
) -> tuple[tuple[str, str], ...]:
    try:
        rows = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({quote_text(str(file.path))})").fetchall()
    except duckdb.Error as error:
        raise SourceError(
            "unreadable-file",
            f"source {source.name!r}: {file.label!r} cannot be read as Parquet",
            found=str(error).splitlines()[0],
            do="check the file, or write `format` in the [[source]]",
        ) from error
    return tuple((row[0], row[1]) for row in rows)


def _read_group(
    source: Source, schema: tuple[tuple[str, str], ...], files: list[SourceFile], columns: tuple[str, ...]
) -> Cells:
    names = [name for name, _ in schema]
    places = find_cells(source, place=f"file {files[0].label!r}", columns=columns, known=names)
    listing = ", ".join(quote_text(str(file.path)) for file in files)
    labels = ", ".join(f"{quote_text(str(file.path))}: {quote_text(file.label)}" for file in files)
    own = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}" AS _own_{place}' for place, name in enumerate(names))
    read = (
        f"SELECT MAP {{{labels}}}[filename] AS _file, file_row_number + 1 AS _line, {own} "
        f"FROM read_parquet([{listing}], filename = true, file_row_number = true)"
    )
    by_name = sorted((name, place, kind) for place, (name, kind) in enumerate(schema))
    texts = [f"{quote_text(name)}, {_write_property(f'_own_{place}', kind)}" for name, place, kind in by_name]
    cells = [f"{NO_CELL if place is None else f'_own_{place}'} AS _c{index}" for index, place in enumerate(places)]
    fixed = "_file, _line, CAST(NULL AS VARCHAR) AS _unreadable, CAST(NULL AS VARCHAR) AS _raw"
    properties = f"CAST(json_object({', '.join(texts)}) AS VARCHAR) AS _properties"
    sql = f"SELECT {', '.join([fixed, properties, *cells])} FROM ({read})"
    types = tuple("VARCHAR" if place is None else schema[place][1] for place in places)
    return Cells(sql, columns, types, tuple(names))


def _write_property(sql: str, kind: str) -> str:
    """Keep what JSON can hold as it is; a float that is none and bytes become text."""
    if kind in ("DOUBLE", "FLOAT"):
        return f"CASE WHEN isfinite({sql}) THEN {sql} END"
    return write_text(sql, kind) if kind == "BLOB" else sql
