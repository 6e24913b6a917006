"""Tables kept as immutable runs: each night adds a file of new rows and says which units they replace.

A unit (a stream, a person, ...) has all its rows of a table in one run, the last one that wrote it. Rows of an older
run whose unit a later run names as replaced count no more. So a night writes what changed, whatever is stored; files
are never changed, and snapshots share them by hard link. Runs are merged when there are many.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from journeys.errors import ModelError
from journeys.warehouse.engine import Engine, Parameters
from journeys.warehouse.parquet import copy_sql
from journeys.warehouse.quoting import quote_name, quote_text

KEPT = "kept"
RUNS_FOLDER = "runs"
_MOST_RUNS = 12
_LARGE_SHARE = 0.25
_MODULUS = 2**64


@dataclass(frozen=True)
class RunTable:
    """What is promised of one kept table.

    Attributes:
        name: of the table.
        unit: columns that name what is replaced as a whole; none where rows are only added.
        order: columns in whose order the rows of each file stand.
        unhashed: columns that say where a row came from and are not part of what is known.
    """

    name: str
    unit: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    unhashed: tuple[str, ...] = ()


@dataclass
class Listing:
    """The files of one kept table, and what they add up to.

    Attributes:
        columns: name and DuckDB type of each column.
        parts: run and file of rows.
        replaced: run and file of replaced units.
        row_count: rows that count.
        row_hash: sum of the hashes of the rows that count, modulo 2**64.
        stored_count: rows in the files, those that count no more included.
    """

    columns: list[tuple[str, str]] = field(default_factory=list)
    parts: list[tuple[int, str]] = field(default_factory=list)
    replaced: list[tuple[int, str]] = field(default_factory=list)
    row_count: int = 0
    row_hash: int = 0
    stored_count: int = 0

    @property
    def fingerprint(self) -> str:
        """A text that changes when any row changes, whatever the order of rows and files."""
        return f"{self.row_count:x}-{self.row_hash:016x}"

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Listing:
        """Read it back from a manifest."""
        pairs = {name: [tuple(pair) for pair in given[name]] for name in ("columns", "parts", "replaced")}
        return cls(**{**given, **pairs})


class Runs:
    """The kept tables of a snapshot that is being made; each is shown as a view in the schema `kept`.

    Args:
        engine: shows the tables and runs the statements.
        folder: of the snapshot being made.
        tables: what is kept.
        listings: the files of the snapshot before, as they were linked into `folder`; empty for the first.
    """

    def __init__(
        self, engine: Engine, folder: Path, tables: Sequence[RunTable], listings: Mapping[str, Listing]
    ) -> None:
        self.folder = folder / RUNS_FOLDER
        self.tables = {table.name: table for table in tables}
        self.listings = {name: listings.get(name, Listing()) for name in self.tables}
        numbers = [run for listing in self.listings.values() for run, _ in (*listing.parts, *listing.replaced)]
        self.number = max(numbers, default=0) + 1
        self._files = 0
        engine.run(f"CREATE SCHEMA IF NOT EXISTS {KEPT}")
        for name in self.tables:
            self._show(engine, name)

    def begin_run(self) -> None:
        """Begin a further run, which can replace units that this night has written already."""
        self.number += 1

    def is_empty(self, name: str) -> bool:
        """Say whether a table has no row yet."""
        return not self.listings[name].row_count

    def start_over(self, engine: Engine, names: Sequence[str]) -> None:
        """Forget all rows of these tables: what comes is a rebuild of them."""
        for name in names:
            self.listings[name] = Listing()
            engine.run(f"DROP VIEW IF EXISTS {KEPT}.{quote_name(name)}")

    def replace(self, engine: Engine, name: str, units: str) -> None:
        """Say that the rows of these units, as they were kept by earlier nights, count no more.

        Args:
            engine: sees what the SELECT reads.
            name: the table.
            units: SELECT of the unit's columns; units without rows are welcome.
        """
        table, listing = self.tables[name], self.listings[name]
        if not listing.parts:
            return
        engine.save("replaced_units", f"SELECT DISTINCT * FROM ({units})")
        same = _equal(table.unit, "replaced_units", "old")
        old = _select_rows(listing, self.folder, table, columns=[*table.unit, "_hash", "_run"])
        count, total = engine.rows(
            f"SELECT COUNT(*), COALESCE(SUM(CAST(_hash AS HUGEINT)), 0) FROM ({old}) AS old "
            f"WHERE _run < {self.number} AND EXISTS (SELECT 1 FROM replaced_units WHERE {same})"
        )[0]
        if count:
            file = self._name_file(name, "replaced")
            replaced = f"SELECT *, CAST({self.number} AS INTEGER) AS _run FROM replaced_units"
            engine.run(copy_sql(replaced, self.folder / file))
            listing.replaced.append((self.number, file))
            listing.row_count -= count
            listing.row_hash = (listing.row_hash - int(total)) % _MODULUS
            self._show(engine, name)
        engine.run("DROP TABLE replaced_units")

    def write(self, engine: Engine, name: str, select: str, parameters: Parameters | None = None) -> int:
        """Add the rows of a SELECT to this night's run; return how many.

        Raises:
            ModelError: the file's rows do not stand in the promised order.
        """
        table, listing = self.tables[name], self.listings[name]
        columns = engine.describe(select, parameters)
        if listing.columns and listing.columns != columns:
            raise ModelError("kept-columns", f"table {name} has other columns than it is kept with",
                             found=str(columns), allowed=str(listing.columns))  # fmt: skip
        hashed = ", ".join(quote_name(column) for column, _ in columns if column not in table.unhashed)
        order = f"ORDER BY {', '.join(map(quote_name, table.order))}" if table.order else ""
        file = self._name_file(name, "rows")
        path = self.folder / file
        added = f"SELECT *, hash({hashed}) AS _hash, CAST({self.number} AS INTEGER) AS _run FROM ({select}) {order}"
        engine.run(copy_sql(added, path), parameters)
        count, total = engine.rows(
            f"SELECT COUNT(*), COALESCE(SUM(CAST(_hash AS HUGEINT)), 0) FROM read_parquet({quote_text(str(path))})"
        )[0]
        listing.columns = columns
        if count:
            self._assert_order(engine, table, path)
            listing.parts.append((self.number, file))
            listing.row_count += count
            listing.stored_count += count
            listing.row_hash = (listing.row_hash + int(total)) % _MODULUS
        else:
            path.unlink()
        self._show(engine, name)
        return int(count)

    def merge(self, engine: Engine, *, is_cleared: bool = False) -> Iterator[str]:
        """Merge the runs of tables that have many of them, or many rows that count no more; yields their names.

        The newer runs are merged among themselves while they are small beside the first, so that a night's share of
        merging grows with what changed. With `is_cleared` no row that counts no more is kept in any file.
        """
        for name, listing in self.listings.items():
            run_count = len({run for run, _ in (*listing.parts, *listing.replaced)})
            if run_count <= _MOST_RUNS and not (is_cleared and listing.replaced):
                continue
            first = min(run for run, _ in listing.parts)
            base = [(run, file) for run, file in listing.parts if run == first]
            base_count = self._count_rows(engine, base)
            is_large = is_cleared or listing.stored_count - base_count > _LARGE_SHARE * base_count
            self._merge(engine, name, [] if is_large else base)
            yield name

    def _merge(self, engine: Engine, name: str, base: list[tuple[int, str]]) -> None:
        table, listing = self.tables[name], self.listings[name]
        older = max((run for run, _ in base), default=0)
        rows = _select_rows(listing, self.folder, table, columns=[*(c for c, _ in listing.columns), "_hash", "_run"])
        order = f"ORDER BY {', '.join(map(quote_name, table.order))}" if table.order else ""
        file = self._name_file(name, "merged")
        path = self.folder / file
        numbered = f"SELECT * REPLACE (CAST({self.number} AS INTEGER) AS _run) FROM ({rows})"
        engine.run(copy_sql(f"{numbered} WHERE _run > {older} {order}", path))
        parts = [(self.number, file)]
        replaced = []
        if base and listing.replaced:
            units = self._name_file(name, "replaced")
            named = ", ".join(map(quote_name, table.unit))
            distinct = f"SELECT DISTINCT {named}, CAST({self.number} AS INTEGER) AS _run"
            engine.run(copy_sql(f"{distinct} FROM {_read(self.folder, listing.replaced)}", self.folder / units))
            replaced.append((self.number, units))
        listing.parts, listing.replaced = [*base, *parts], replaced
        listing.stored_count = self._count_rows(engine, listing.parts)
        self._show(engine, name)

    def remove_unlisted(self) -> None:
        """Delete the files that no table counts any more from the snapshot being made."""
        listed = {file for listing in self.listings.values() for _, file in (*listing.parts, *listing.replaced)}
        for path in self.folder.rglob("*.parquet"):
            if path.relative_to(self.folder).as_posix() not in listed:
                path.unlink()

    def select(self, name: str, listing: Listing | None = None, folder: Path | None = None) -> str:
        """Write a kept table as a SELECT over its files, or over those of another snapshot's listing."""
        listing = listing or self.listings[name]
        runs = folder / RUNS_FOLDER if folder else self.folder
        return _select_rows(listing, runs, self.tables[name], columns=[c for c, _ in listing.columns])

    def _show(self, engine: Engine, name: str) -> None:
        if self.listings[name].columns:
            engine.run(f"CREATE OR REPLACE VIEW {KEPT}.{quote_name(name)} AS {self.select(name)}")

    def _name_file(self, name: str, kind: str) -> str:
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._files += 1
        return f"{name}/{self.number:06d}-{self._files:04d}-{kind}.parquet"

    def _count_rows(self, engine: Engine, parts: list[tuple[int, str]]) -> int:
        return int(engine.value(f"SELECT COUNT(*) FROM {_read(self.folder, parts)}")) if parts else 0

    def _assert_order(self, engine: Engine, table: RunTable, path: Path) -> None:
        if not table.order:
            return
        row = f"ROW({', '.join(map(quote_name, table.order))})"
        out = engine.value(
            f"SELECT COUNT(*) FROM (SELECT {row} < LAG({row}) OVER () AS is_out "
            f"FROM read_parquet({quote_text(str(path))})) WHERE is_out"
        )
        if out:
            raise ModelError("kept-order", f"{path.name}: {out:,} rows stand out of order",
                             allowed=f"ascending {', '.join(table.order)}")  # fmt: skip


def link_runs(source: Path, target: Path, listings: Mapping[str, Listing]) -> None:
    """Share the listed files of one snapshot with another: by hard link, where there is none by copy."""
    for listing in listings.values():
        for _, file in (*listing.parts, *listing.replaced):
            new = target / RUNS_FOLDER / file
            new.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(source / RUNS_FOLDER / file, new)
            except OSError:
                shutil.copyfile(source / RUNS_FOLDER / file, new)


def _read(folder: Path, files: Sequence[tuple[int, str]]) -> str:
    return f"read_parquet([{', '.join(quote_text(str(folder / file)) for _, file in files)}])"


def _equal(columns: Sequence[str], one: str, other: str) -> str:
    return " AND ".join(f"{one}.{quote_name(column)} = {other}.{quote_name(column)}" for column in columns)


def _select_rows(listing: Listing, folder: Path, table: RunTable, *, columns: Sequence[str]) -> str:
    """Write the rows that count: those of each unit's last run."""
    if not listing.parts:
        nothing = [*listing.columns, ("_hash", "UBIGINT"), ("_run", "INTEGER")]
        empty = ", ".join(
            f"CAST(NULL AS {kind}) AS {quote_name(column)}" for column, kind in nothing if column in columns
        )
        return f"SELECT {empty} LIMIT 0"
    listed = ", ".join(f"rows_of_runs.{quote_name(column)}" for column in columns)
    rows = f"SELECT {listed} FROM {_read(folder, listing.parts)} AS rows_of_runs"
    if not listing.replaced:
        return rows
    units = ", ".join(map(quote_name, table.unit))
    later = f"SELECT {units}, MAX(_run) AS _run FROM {_read(folder, listing.replaced)} GROUP BY {units}"
    same = _equal(table.unit, "later", "rows_of_runs")
    return f"{rows} ANTI JOIN ({later}) AS later ON {same} AND later._run > rows_of_runs._run"
