"""Which columns of a source its mapping needs, and each canonical column as SQL over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from journeys.errors import SourceError
from journeys.sources.faults import missing_column
from journeys.sources.times import INTEGER_TYPES
from journeys.sources.trim import trim_text

if TYPE_CHECKING:
    from journeys.config import ColumnMap, Source


@dataclass(frozen=True)
class Cells:
    """Rows of a source before landing: a SELECT and what it yields.

    Args:
        sql: yields `_file`, `_line`, `_unreadable`, `_raw`, `_properties` and the needed columns as `_c0`, `_c1`, ...
        columns: the source's names of `_c0`, `_c1`, ...
        types: their DuckDB types.
        names: all columns of files that state them in a header or schema, else empty.
    """

    sql: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    names: tuple[str, ...] = ()


def list_maps(source: Source) -> dict[str, ColumnMap]:
    """Everything a source maps: canonical names, then its identifiers by kind as `identifier_1`, `identifier_2`, ..."""
    kinds = sorted(source.identifiers)
    return {
        **source.columns,
        **{f"identifier_{place}": source.identifiers[kind] for place, kind in enumerate(kinds, 1)},
    }


def list_columns(source: Source) -> tuple[str, ...]:
    """The source's columns that its mapping and its answers read, each once, in order of first use.

    Raises:
        SourceError: a `sql` mapping is no expression.
    """
    return list_map_columns(source, {**list_maps(source), **source.answer})


def list_map_columns(source: Source, maps: Mapping[str, ColumnMap]) -> tuple[str, ...]:
    """The source's columns that these maps read, each once, in order of first use.

    Raises:
        SourceError: a `sql` mapping is no expression.
    """
    names: dict[str, None] = {}
    for canonical, column in maps.items():
        if column.column is not None:
            names[column.column] = None
        names.update(dict.fromkeys(column.columns or ()))
        if column.sql is not None:
            names.update(dict.fromkeys(list_sql_columns(source, canonical, column.sql)))
    return tuple(names)


def list_sql_columns(source: Source, canonical: str, sql: str) -> list[str]:
    """The source's columns that an expression reads.

    Raises:
        SourceError: it is no expression.
    """
    try:
        tree = sqlglot.parse_one(f"SELECT ({sql}\n)", dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise SourceError(
            "bad-sql",
            f"source {source.name!r}: the expression of {canonical!r} is no SQL",
            found=repr(sql),
            allowed='one expression over the source\'s columns, such as "price" * "quantity"',
            do=str(error).splitlines()[0],
        ) from error
    bound = {name.name for function in tree.find_all(exp.Lambda) for name in function.expressions}
    return [column.name for column in tree.find_all(exp.Column) if column.name not in bound]


def find_cells(source: Source, *, place: str, columns: Sequence[str], known: list[str]) -> list[int | None]:
    """The places of columns as `find_column` finds them; None for one that may be missing and is.

    Raises:
        SourceError: there is none of a column that may not be missing.
    """
    folded = {name.lower() for name in known}
    return [
        None
        if column in source.optional_columns and column not in known and column.lower() not in folded
        else find_column(source, place=place, column=column, known=known)
        for column in columns
    ]


def find_column(source: Source, *, place: str, column: str, known: list[str]) -> int:
    """The place of a column by its exact name, else by its name whatever the case if only one has it.

    Raises:
        SourceError: there is none.
    """
    if column in known:
        return known.index(column)
    folded = [index for index, name in enumerate(known) if name.lower() == column.lower()]
    if len(folded) == 1:
        return folded[0]
    raise missing_column(source.name, place=place, column=column, known=known)


NO_CELL = "CAST(NULL AS VARCHAR)"
# Types whose values are never written with blanks around them.
_NEVER_BLANK = (*INTEGER_TYPES, "DOUBLE", "FLOAT", "DECIMAL", "BOOLEAN", "DATE", "TIME", "UUID")


def write_text(sql: str, kind: str) -> str:
    """A value of any type as text: whole numbers without '.0', nested values as JSON."""
    if kind == "VARCHAR":
        return sql
    if kind in ("DOUBLE", "FLOAT"):
        is_whole = f"isfinite({sql}) AND {sql} = trunc({sql}) AND abs({sql}) < 1e18"
        return f"CASE WHEN {is_whole} THEN CAST(TRY_CAST({sql} AS BIGINT) AS VARCHAR) ELSE CAST({sql} AS VARCHAR) END"
    if kind.startswith("DECIMAL"):
        text = f"CAST({sql} AS VARCHAR)"
        return f"CASE WHEN contains({text}, '.') THEN rtrim(rtrim({text}, '0'), '.') ELSE {text} END"
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP")):
        return f"CAST(to_json({sql}) AS VARCHAR)"
    if kind == "BLOB":
        return f"TRY(decode({sql}))"
    return f"CAST({sql} AS VARCHAR)"


def read_text(sql: str, kind: str) -> str:
    """A value of any type as text without blanks around it; null when nothing is left."""
    text = write_text(sql, kind)
    return text if kind.startswith(_NEVER_BLANK) else trim_text(text)


def join_key(parts: Sequence[str]) -> str:
    """One key from several trimmed texts, null parts empty; two different lists of parts never give the same key."""
    escaped = [f"replace(replace(coalesce({part}, ''), '\\', '\\\\'), '|', '\\|')" for part in parts]
    all_null = " AND ".join(f"{part} IS NULL" for part in parts)
    return f"CASE WHEN {all_null} THEN NULL ELSE {' || chr(124) || '.join(escaped)} END"
