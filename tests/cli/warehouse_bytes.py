"""Every byte that a warehouse keeps, searched for texts that must not be there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb


def read_bytes(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file as bytes, every Parquet file as rows, every table of every database."""
    for path in folder.rglob("*"):
        if not path.is_file() or path.is_symlink():
            continue
        yield str(path), path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            with duckdb.connect() as connection:
                yield str(path), str(connection.execute(f"SELECT * FROM '{path}'").fetchall())
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for schema, table in connection.execute(
                    "SELECT schema_name, table_name FROM duckdb_tables()"
                ).fetchall():
                    yield f"{path} {table}", str(connection.execute(f'SELECT * FROM {schema}."{table}"').fetchall())


def places_of(folder: Path, texts: list[str]) -> set[tuple[str, str]]:
    return {(Path(place).name, text) for place, content in read_bytes(folder) for text in texts if text in content}
