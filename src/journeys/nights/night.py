"""One night in the making: the kept tables, what is made anew, and what has been touched so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from journeys.config import Settings
from journeys.nights.tables import (
    ACCOUNT_TABLES,
    IDENTITY_TABLES,
    KEPT_TABLES,
    NO_COUNTS,
    NO_HISTORY,
    PERSON_TABLES,
    RULE_TABLES,
    STREAM_TABLES,
)
from journeys.warehouse import PLACE_TABLE, Engine, Snapshot, quote_text
from journeys.warehouse.runs import KEPT, Runs, RunTable
from journeys.warehouse.snapshots import RESULTS_FILE

if TYPE_CHECKING:
    from journeys.nights.plan import Plan

# So many rows are worked on at once; more are taken in parts that do not touch each other.
PART_ROWS = 6_000_000
TOUCHED = {
    "touched_identifiers": ("identifier_kind", "identifier_value"),
    "touched_streams": ("stream_id",),
    "touched_persons": ("person_id",),
    "touched_account_persons": ("person_id",),
    "touched_accounts": ("account_id",),
}


@dataclass(frozen=True)
class Rebuild:
    """Which stages are made anew from what is stored, rather than where something was touched.

    Attributes:
        rows: all rows are judged again.
        identity: who is who is worked out for everybody.
        rules: touchpoint rules and goals are matched again.
        streams: sessions and journeys of everybody are made anew.
    """

    rows: bool = False
    identity: bool = False
    rules: bool = False
    streams: bool = False


@dataclass
class Night:
    """A snapshot being made.

    Attributes:
        settings: the configuration.
        engine: its results; shows the kept tables in the schema `kept`.
        runs: the files of the kept tables.
        rebuild: what is made anew.
        until_us: later events are not taken at all; none takes all.
        edges_since_us: links between identifiers that were last seen before are no evidence; none takes all.
        former_persons: SELECT of `person_identifiers` of the snapshot before; '' for the first.
        former_as_of_us: end of observation of the snapshot whose tables are gone on from; none where there is none.
        late_count: events of tonight that happened before that end.
        late_since_us: when the earliest of them happened.
        changed_journey_count: journeys that are new or others than they were.
        is_reduced: rows were removed by their age, and no file may keep them.
    """

    settings: Settings
    engine: Engine
    runs: Runs
    rebuild: Rebuild
    until_us: int | None = None
    edges_since_us: int | None = None
    former_persons: str = field(default="", init=False)
    former_as_of_us: int | None = field(default=None, init=False)
    late_count: int = field(default=0, init=False)
    late_since_us: int | None = field(default=None, init=False)
    changed_journey_count: int = field(default=0, init=False)
    is_reduced: bool = field(default=False, init=False)

    def count(self, name: str) -> int:
        """Return how many rows of a kept table count."""
        return self.runs.listings[name].row_count

    def split(self, unit: str, touched: str, *, is_all: bool, table: str) -> Iterator[str]:
        """Yield predicates over rows of `table` that together choose those to work on, a part at a time.

        Args:
            unit: column of which no value stands in two parts.
            touched: table of the values that were touched.
            is_all: all rows are worked on, whatever was touched.
            table: kept table with the rows.
        """
        if not is_all:
            yield f"{unit} IN (SELECT {unit} FROM {touched})"
            return
        count = -(-self.runs.listings[table].row_count // PART_ROWS)
        if count <= 1:
            yield "TRUE"
            return
        yield from (f"hash({unit}) % {count} = {part}" for part in range(count))

    def touch(self, engine: Engine, name: str, select: str) -> None:
        """Add values to one of the tables that `TOUCHED` names; each is there once."""
        columns = ", ".join(TOUCHED[name])
        engine.run(
            f"INSERT INTO main.{name} SELECT * FROM (SELECT DISTINCT {columns} FROM ({select})) "
            f"ANTI JOIN main.{name} USING ({columns})"
        )


@contextmanager
def open_night(
    settings: Settings, folder: Path, plan: Plan, *, before: Snapshot | None, until_us: int | None = None
) -> Iterator[Night]:
    """Lend a night that goes on where the snapshot before has ended.

    Args:
        settings: the configuration.
        folder: of the snapshot being made; the kept files of the plan's base are linked into it.
        plan: what is made anew.
        before: the snapshot before, whose counts and history are added to; none for the first.
        until_us: later events are not taken at all.
    """
    rebuild, results = plan.rebuild, before.results if before else None
    with Engine(folder / RESULTS_FILE, memory_limit=settings.warehouse.memory_limit) as engine:
        runs = Runs(engine, folder, KEPT_TABLES, plan.base.manifest.listings if plan.base else {})
        night = Night(settings, engine, runs, rebuild, until_us)
        engine.run(f"CREATE OR REPLACE TABLE {PLACE_TABLE} AS SELECT $folder AS folder", {"folder": str(folder)})
        night.former_as_of_us = plan.base.manifest.as_of_us if plan.base else None
        night.former_persons = _select_former_persons(runs, before)
        runs.start_over(engine, [table.name for table in _list_rebuilt(rebuild)])
        _carry(engine, None if rebuild.rows else results, NO_COUNTS)
        _carry(engine, results, NO_HISTORY)
        for name, columns in TOUCHED.items():
            engine.load(name, pa.table({column: pa.array([], pa.string()) for column in columns}))
        yield night
        for name in TOUCHED:
            engine.run(f"DROP TABLE {name}")


def _select_former_persons(runs: Runs, before: Snapshot | None) -> str:
    """Write whose the identifiers were the night before, from the files of that snapshot."""
    listing = before.manifest.listings.get("person_identifiers") if before else None
    return runs.select("person_identifiers", listing, before.folder) if before and listing else ""


def _list_rebuilt(rebuild: Rebuild) -> list[RunTable]:
    if rebuild.rows:
        return [*KEPT_TABLES]
    return [
        *(IDENTITY_TABLES if rebuild.identity else ()),
        *(RULE_TABLES if rebuild.rules else ()),
        *((*STREAM_TABLES, *PERSON_TABLES, *ACCOUNT_TABLES) if rebuild.streams else ()),
    ]


def _carry(engine: Engine, before: Path | None, tables: Mapping[str, str]) -> None:
    """Copy small tables of the snapshot before into `kept`; where there are none, make them as their SELECT says."""
    schemas: dict[str, str] = {}
    if before:
        engine.run(f"ATTACH {quote_text(str(before))} AS night_before (READ_ONLY)")
        schemas = dict(
            engine.rows("SELECT table_name, schema_name FROM duckdb_tables() WHERE database_name = 'night_before'")
        )
    for name, empty in tables.items():
        select = f"SELECT * FROM night_before.{schemas[name]}.{name}" if name in schemas else empty
        engine.run(f"CREATE OR REPLACE TABLE {KEPT}.{name} AS {select}")
    if before:
        engine.run("DETACH night_before")


def kept(name: str, where: str, columns: str = "*") -> str:
    """Write a SELECT of some rows of a kept table."""
    return f"SELECT {columns} FROM {KEPT}.{name} WHERE {where}"
