"""The pull of a database source: what is new since the last one, or what has changed, into one landed file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from journeys.sources.bookmark import Bookmark
from journeys.sources.changed_rows import ChangedRows, TrackedColumns, map_deletions, map_events
from journeys.sources.cursors import CursorWatch, read_mark
from journeys.sources.database import DatabaseRows, read_database, read_keys
from journeys.sources.drift import check_drift
from journeys.sources.landing import Landing, land_sql
from journeys.sources.mapping import Cells, list_columns
from journeys.sources.pulled import DatabasePull, rows_file
from journeys.sources.streams import Streams
from journeys.warehouse import copy_sql, quote_text

if TYPE_CHECKING:
    from journeys.config import Source


def pull_database(
    streams: Streams, landing: Landing, settings_folder: Path, *, target: Path, last: tuple[Bookmark, Path | None]
) -> DatabasePull:
    """Read what a table or query has that is new, and land it.

    Args:
        streams: of this pull.
        landing: the source, and what its rows have in common.
        settings_folder: a relative SQLite file starts here.
        target: the landed file; of a source that tracks changes, `rows_file(target)` gets its known rows.
        last: bookmark and known rows of the pull before.

    Raises:
        SourceError: missing table or column, a login or statement that the database refuses, refused drift.
        TransientSourceError: the database cannot be reached now, breaks off or is silent.
    """
    source = landing.source
    bookmark, known_rows = last
    mark = read_mark(source, bookmark.cursor)
    notes: list[str] = []
    if source.tracks and known_rows is None:
        mark = None  # without what was kept, only the whole table tells what is new
    if source.tracks:
        streams.bound_memory(target.parent)
    watch = CursorWatch(source, mark, landing.loaded_at_us) if source.cursor else None
    keys = _read_keys(streams, source, settings_folder) if source.deleted_event else ""
    opened = read_database(source, settings_folder, list_read_columns(source), since=mark, watch=watch)
    drift = check_drift(source, bookmark.columns, opened.columns)
    if mark is not None and watch is not None and opened.is_whole:
        notes.append(f"the cursor {source.cursor!r} holds another kind of value now: everything was read")
        watch.start_from(None)
    cells = stream_cells(streams, opened)
    if source.tracks:
        notes += land_changes(streams, landing, cells, target=target, known=(known_rows, keys))
    else:
        copy_rows(streams, source, land_sql(landing, cells), target)
    if watch is not None:
        notes += _note_cursor(source, watch)
    cursor = watch.mark.to_text() if watch is not None and watch.mark is not None else ""
    return DatabasePull(
        replace(bookmark, cursor=cursor, columns=dict(opened.columns)),
        drift,
        tuple(f"source {source.name!r}: {note}" for note in notes),
    )


def list_read_columns(source: Source) -> tuple[str, ...]:
    """The columns that a pull needs: those of the mapping, and those that tell changed rows."""
    columns = list_columns(source)
    return TrackedColumns.of(source).join(columns) if source.tracks else columns


def stream_cells(streams: Streams, opened: DatabaseRows) -> Cells:
    """Register the rows of a database; returns their cells."""
    rows = streams.add(opened.batches, opened.schema)
    return replace(opened.cells, sql=opened.cells.sql.replace("{rows}", rows))


def land_changes(
    streams: Streams, landing: Landing, cells: Cells, *, target: Path, known: tuple[Path | None, str]
) -> list[str]:
    """Land the rows that changed and the keys that vanished; the rows read wait on disk in between.

    Args:
        streams: of the pull.
        landing: the source, and what its rows have in common.
        cells: over the rows that were read.
        target: the landed file; `rows_file(target)` gets the known rows.
        known: known rows of the pull before, and the table of all keys; '' where deletions are ignored.

    Returns:
        One text per thing that somebody should know.
    """
    source, (known_rows, keys) = landing.source, known
    waiting = target.with_suffix(".read.parquet")
    try:
        copy_rows(streams, source, cells.sql, waiting)
        read = replace(cells, sql=f"SELECT * FROM read_parquet({quote_text(str(waiting))})")
        changed = ChangedRows(streams.connection, source, read, known_rows)
        selects = [land_sql(replace(landing, source=map_events(source)), changed.cells_of_events())]
        notes = []
        if source.deleted_event:
            changed.find_deleted(keys)
            if unread := changed.count_unread():
                notes.append(f"{unread:,} rows were never read, their {source.cursor!r} is older than the last pull")
            deletions = changed.cells_of_deletions(landing.loaded_at_us)
            selects.append(land_sql(replace(landing, source=map_deletions(source)), deletions))
        copy_rows(streams, source, " UNION ALL ".join(selects), target)
        changed.write_known(rows_file(target))
        return notes
    finally:
        waiting.unlink(missing_ok=True)


def _read_keys(streams: Streams, source: Source, settings_folder: Path) -> str:
    """Keep all keys of the table; read before the rows, so that a row which comes in between has not vanished."""
    schema, batches = read_keys(source, settings_folder, source.key)
    cells = ", ".join(f"_c{place}" for place in range(len(source.key)))
    streams.run(f"CREATE TEMP TABLE all_keys AS SELECT {cells} FROM {streams.add(batches, schema)}", source)
    return "all_keys"


def copy_rows(streams: Streams, source: Source, select: str, target: Path) -> None:
    """Write the rows of a statement over the streams into a Parquet file.

    Raises:
        SourceError: DuckDB refuses the statement, or a stream failed.
    """
    streams.run(copy_sql(select, target), source)


def _note_cursor(source: Source, watch: CursorWatch) -> list[str]:
    notes = []
    if watch.null_count:
        notes.append(f"{watch.null_count:,} rows have no {source.cursor!r}; each pull reads them again")
    if watch.future_count:
        notes.append(f"{watch.future_count:,} rows have a {source.cursor!r} in the future; each pull reads them again")
    return notes
