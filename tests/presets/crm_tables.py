"""Tables of a CRM as a loader writes them: CSV files of a folder, each a table of a database."""

from __future__ import annotations

import csv
import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

FIXTURES = Path(__file__).parent
_WORDS = {"": None, "true": 1, "false": 0}
_SHAPES = {
    "boolean": re.compile("true|false"),
    "bigint": re.compile(r"\d+"),
    "double precision": re.compile(r"\d+(\.\d+)?"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "jsonb": re.compile(r"[\[{].*[\]}]"),
    "timestamptz": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"),
}


def read_table(file: Path) -> tuple[list[str], list[list[str]]]:
    """Read the names of the columns and the rows."""
    with file.open(newline="", encoding="utf-8") as lines:
        header, *rows = csv.reader(lines)
    return header, rows


def fill_sqlite(database: Path, folder: str) -> None:
    """Make a database of the tables of one folder; numbers are numbers there, times are texts."""
    with closing(sqlite3.connect(database)) as connection:
        for file in sorted((FIXTURES / folder).glob("*.csv")):
            header, rows = read_table(file)
            columns = ", ".join(f'"{name}"' for name in header)
            connection.execute(f'CREATE TABLE "{file.stem}" ({columns})')
            places = ", ".join("?" * len(header))
            values = [[_read_value(text) for text in row] for row in rows]
            connection.executemany(f'INSERT INTO "{file.stem}" VALUES ({places})', values)
        connection.commit()


def change_sqlite(database: Path, *statements: str) -> None:
    """Change what the loader wrote, as its next run does."""
    with closing(sqlite3.connect(database)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def fill_postgres(run: Callable[..., None], folder: str, schema: str) -> None:
    """Make the tables of one folder in a schema, each column of the type that most of its values have.

    Values that are not of their column's type are null.

    Args:
        run: runs statements.
        folder: of the CSV files.
        schema: is made.
    """
    run(f"CREATE SCHEMA {schema}")
    for file in sorted((FIXTURES / folder).glob("*.csv")):
        header, rows = read_table(file)
        kinds = [_find_kind(cells) for cells in zip(*rows, strict=True)]
        columns = ", ".join(f'"{name}" {kind}' for name, kind in zip(header, kinds, strict=True))
        lines = [_write_row(row, kinds) for row in rows]
        run(
            f'CREATE TABLE {schema}."{file.stem}" ({columns})',
            f'INSERT INTO {schema}."{file.stem}" VALUES {", ".join(lines)}',
        )


def _read_value(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def _find_kind(cells: Sequence[str]) -> str:
    given = [text for text in cells if text]
    for kind, shape in _SHAPES.items():
        if sum(bool(shape.fullmatch(text)) for text in given) * 2 > len(given):
            return kind
    return "text"


def _write_row(row: Sequence[str], kinds: Sequence[str]) -> str:
    cells = [f"'{text}'" if _fits(text, kind) else "NULL" for text, kind in zip(row, kinds, strict=True)]
    return f"({', '.join(cells)})"


def _fits(text: str, kind: str) -> bool:
    return bool(text) and (kind == "text" or _SHAPES[kind].fullmatch(text) is not None)
