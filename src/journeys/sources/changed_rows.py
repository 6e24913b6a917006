"""Rows that are updated in place -> events: a row counts when it is new or when what is tracked has changed.

What was kept last of each key lies in a small Parquet file, the known rows:

- `key`, `tracked`: JSON lists of the texts of the key and of the tracked columns.
- `cursor`: text of the cursor when the row was last read.
- `cells`, `properties`: what the mapping read and all columns as JSON, where deletions are events; else null.
- `deletion_count`: how often the key vanished so far; `is_deleted`: whether it is gone now. Of a row that is gone
  nothing is kept but its key and what is tracked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from journeys.config import ColumnMap
from journeys.sources.mapping import Cells
from journeys.units import time_text
from journeys.warehouse import copy_sql, quote_text

if TYPE_CHECKING:
    import duckdb

    from journeys.config import Source

EVENT_ID = "(event id)"
_DELETED_AT = "(deleted at)"
_NO_KNOWN_ROWS = (
    "SELECT NULL::VARCHAR AS key, NULL::VARCHAR AS tracked, NULL::VARCHAR AS cursor, "
    "NULL::MAP(VARCHAR, VARCHAR) AS cells, NULL::VARCHAR AS properties, 0 AS deletion_count, false AS is_deleted "
    "LIMIT 0"
)
_PERSONAL = ("device_id", "user_id", "account_id")


@dataclass(frozen=True)
class TrackedColumns:
    """The columns of a source that make its rows events, each once after those of the mapping."""

    key: tuple[str, ...]
    tracks: tuple[str, ...]
    cursor: str

    @classmethod
    def of(cls, source: Source) -> TrackedColumns:
        """Read them from the settings of a source that tracks changes."""
        return cls(source.key, source.tracks, source.cursor or "")

    def join(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """The columns of the mapping and these, each once."""
        return tuple(dict.fromkeys((*columns, *self.key, *self.tracks, self.cursor)))


class ChangedRows:
    """One pull of a source whose rows are updated in place, inside one DuckDB connection.

    Args:
        connection: of the pull.
        source: tracks changes.
        cells: over the rows that were read, all of TrackedColumns among its columns.
        known_rows: what the pull before wrote; none at the first.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, source: Source, cells: Cells, known_rows: Path | None
    ) -> None:
        self._connection = connection
        self._source = source
        self._cells = cells
        known = f"SELECT * FROM read_parquet({quote_text(str(known_rows))})" if known_rows else _NO_KNOWN_ROWS
        connection.execute(f"CREATE TEMP VIEW known_rows AS {known}")
        connection.execute(f"CREATE TEMP TABLE versions AS {self._write_versions()}")

    def _write_versions(self) -> str:
        """Each row that was read with its key, what is tracked, and whether it is an event."""
        named = TrackedColumns.of(self._source)
        places = self._cells.columns.index
        key, tracked = ([f"_c{places(name)}" for name in names] for names in (named.key, named.tracks))
        cursor = f"_c{places(named.cursor)}"
        has_key = " AND ".join(f"{part} IS NOT NULL" for part in key)
        listed = (
            f"SELECT _line, {has_key} AS has_key, {_write_list(key)} AS key, {_write_list(tracked)} AS tracked, "
            f"{cursor} AS cursor FROM ({self._cells.sql})"
        )
        # Whole numbers in the order of numbers, ISO times in that of texts; the line decides between equals.
        order = "PARTITION BY has_key, key ORDER BY TRY_CAST(cursor AS HUGEINT), cursor, _line"
        ordered = (
            f"SELECT *, row_number() OVER ({order}) AS version, lag(tracked) OVER ({order}) AS before, "
            f"lead(_line) OVER ({order}) IS NULL AS is_last FROM ({listed})"
        )
        is_new = "known_rows.key IS NULL OR known_rows.is_deleted OR known_rows.tracked <> seen.tracked"
        deletion_count = "coalesce(known_rows.deletion_count, 0)"
        event_id = self._write_id("seen.key", "seen.tracked", "seen.cursor", f"CAST({deletion_count} AS VARCHAR)")
        return (
            f"SELECT seen.*, {deletion_count} AS deletion_count, "
            f"has_key AND CASE WHEN version = 1 THEN {is_new} ELSE seen.tracked <> before END AS is_event, "
            f"{event_id} AS event_id "
            f"FROM ({ordered}) AS seen LEFT JOIN known_rows ON has_key AND known_rows.key = seen.key"
        )

    def _write_id(self, *parts: str) -> str:
        """An id that is the same for the same version of a row, and tells nothing of its key."""
        texts = ", ".join([quote_text(self._source.name), *parts])
        return f"left(sha256(CAST(to_json([{texts}]) AS VARCHAR)), 32)"

    def cells_of_events(self) -> Cells:
        """The rows that are events, with their id as the column EVENT_ID; rows without a key come as unreadable."""
        place = len(self._cells.columns)
        cells = ", ".join(f"_c{index}" for index in range(place))
        lacking = f"no value in the key {', '.join(self._source.key)}"
        sql = (
            f"SELECT _file, _line, CASE WHEN NOT has_key THEN {quote_text(lacking)} END AS _unreadable, "
            f"CASE WHEN NOT has_key THEN _properties END AS _raw, _properties, {cells}, event_id AS _c{place} "
            f"FROM ({self._cells.sql}) JOIN versions USING (_line) WHERE is_event OR NOT has_key"
        )
        return Cells(sql, (*self._cells.columns, EVENT_ID), (*self._cells.types, "VARCHAR"))

    def find_deleted(self, keys: str) -> None:
        """Compare all keys of the table (the cells `_c0`, ... of the table named) with those known."""
        parts = [f"_c{index}" for index in range(len(self._source.key))]
        self._connection.execute(
            f"CREATE TEMP TABLE present AS SELECT DISTINCT {_write_list(parts)} AS key FROM {keys}; "
            "CREATE TEMP TABLE deleted AS SELECT * FROM known_rows WHERE NOT is_deleted "
            "AND key NOT IN (SELECT key FROM present) AND key NOT IN (SELECT key FROM versions WHERE has_key)"
        )

    def count_unread(self) -> int:
        """Keys of the table that were never read: their cursor value is older than all that pulls ask for."""
        row = self._connection.execute(
            "SELECT count(*) FROM present WHERE key NOT IN (SELECT key FROM known_rows WHERE NOT is_deleted) "
            "AND key NOT IN (SELECT key FROM versions WHERE has_key) AND NOT contains(key, 'null')"
        ).fetchone()
        return int(row[0]) if row else 0

    def cells_of_deletions(self, loaded_at_us: int) -> Cells:
        """One row per key that vanished: what it last had, its id, and the time of the pull."""
        names = self._cells.columns
        cells = [f"cells[{quote_text(name)}] AS _c{place}" for place, name in enumerate(names)]
        event_id = self._write_id("key", "'deleted'", "CAST(deletion_count + 1 AS VARCHAR)")
        cells += [
            f"{event_id} AS _c{len(names)}",
            f"{quote_text(time_text(loaded_at_us))} AS _c{len(names) + 1}",
        ]
        label = quote_text(f"{self._source.table or 'query'} (deleted)")
        sql = (
            f"SELECT {label} AS _file, row_number() OVER (ORDER BY key) AS _line, "
            f"CAST(NULL AS VARCHAR) AS _unreadable, CAST(NULL AS VARCHAR) AS _raw, "
            f"properties AS _properties, {', '.join(cells)} FROM deleted"
        )
        return Cells(sql, (*names, EVENT_ID, _DELETED_AT), ("VARCHAR",) * (len(names) + 2))

    def write_known(self, target: Path) -> None:
        """Write what is known now: the last version read of each key, and all other keys as they were."""
        kept = self._source.deleted_event is not None
        names = ", ".join(quote_text(name) for name in self._cells.columns)
        values = ", ".join(f"_c{place}" for place in range(len(self._cells.columns)))
        cells = f"MAP([{names}], [{values}])" if kept else "CAST(NULL AS MAP(VARCHAR, VARCHAR))"
        properties = "_properties" if kept else "CAST(NULL AS VARCHAR)"
        read = (
            f"SELECT key, tracked, cursor, {cells} AS cells, {properties} AS properties, deletion_count, "
            f"false AS is_deleted FROM ({self._cells.sql}) JOIN versions USING (_line) WHERE has_key AND is_last"
        )
        gone = "key IN (SELECT key FROM deleted)" if kept else "false"
        other = (
            f"SELECT key, tracked, cursor, CASE WHEN NOT (is_deleted OR {gone}) THEN cells END AS cells, "
            f"CASE WHEN NOT (is_deleted OR {gone}) THEN properties END AS properties, "
            f"CASE WHEN {gone} THEN deletion_count + 1 ELSE deletion_count END AS deletion_count, "
            f"is_deleted OR {gone} AS is_deleted "
            "FROM known_rows WHERE key NOT IN (SELECT key FROM versions WHERE has_key)"
        )
        self._connection.execute(copy_sql(f"{read} UNION ALL {other}", target))


def map_events(source: Source) -> Source:
    """The source as its changed rows are landed: their id is the one that was made."""
    return source.model_copy(update={"columns": {**source.columns, "event_id": ColumnMap(column=EVENT_ID)}})


def map_deletions(source: Source) -> Source:
    """The source as vanished rows are landed: the event of that name at the time of the pull, with identifiers."""
    columns = {name: column for name, column in source.columns.items() if name in _PERSONAL}
    columns |= {
        "event": ColumnMap(value=source.deleted_event),
        "event_id": ColumnMap(column=EVENT_ID),
        "occurred_at": ColumnMap(column=_DELETED_AT),
    }
    return source.model_copy(update={"columns": columns, "time_format": None, "unit": ""})


def _write_list(parts: list[str]) -> str:
    return f"CAST(to_json([{', '.join(parts)}]) AS VARCHAR)"
