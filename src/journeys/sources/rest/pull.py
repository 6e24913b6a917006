"""The pull of a REST source: what is new since the last one into one landed file, and its first page as a proof."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from journeys.sources.bookmark import Bookmark
from journeys.sources.cursors import CursorMark, CursorWatch, read_mark
from journeys.sources.drift import check_drift
from journeys.sources.faults import name_nearest
from journeys.sources.inner_records import read_inner_records
from journeys.sources.json_lines import list_pointers, read_json_cells
from journeys.sources.landing import Landing, land_sql
from journeys.sources.lines import LINE_SCHEMA
from journeys.sources.mapping import Cells
from journeys.sources.pull_database import copy_rows, land_changes, list_read_columns
from journeys.sources.pulled import DatabasePull
from journeys.sources.rest.columns import ColumnWatch
from journeys.sources.rest.cursor import find_start, write_cursor
from journeys.sources.rest.read import Reading
from journeys.sources.streams import Streams

if TYPE_CHECKING:
    from journeys.config import Source


def pull_rest(streams: Streams, landing: Landing, *, target: Path, last: tuple[Bookmark, Path | None]) -> DatabasePull:
    """Read what an API has that is new, and land it.

    Args:
        streams: of this pull.
        landing: the source, and what its rows have in common.
        target: the landed file; of a source that tracks changes, its known rows come beside it.
        last: bookmark and known rows of the pull before.

    Raises:
        SourceError: the API refuses, or answers with something else than the configuration says; refused drift.
        TransientSourceError: it cannot be reached now, is silent or busy.
    """
    source = landing.source
    bookmark, known_rows = last
    mark = None if source.tracks and known_rows is None else _read_mark(source, bookmark.cursor)
    watch = CursorWatch(source, mark, landing.loaded_at_us) if source.cursor else None
    params = {}
    if mark is not None and source.request is not None:
        params = {str(source.request.cursor_param): write_cursor(source, find_start(source, mark))}
    reading = Reading(source, params, ColumnWatch(bookmark.columns), watch)
    if source.tracks:
        streams.bound_memory(target.parent)
    cells = _read_cells(streams, source, reading.batches())
    if source.tracks:
        land_changes(streams, landing, cells, target=target, known=(known_rows, ""))
    else:
        copy_rows(streams, source, land_sql(landing, cells), target)
    drift = check_drift(source, *reading.columns.compare())
    cursor = bookmark.cursor if watch is None or mark is not None else ""
    if watch is not None and watch.mark is not None and not reading.pages.is_doubtful:
        cursor = watch.mark.to_text()
    notes = [*reading.pages.notes, *_note_cursor(source, watch), *_note_columns(source, reading.columns)]
    return DatabasePull(
        replace(bookmark, cursor=cursor, columns=reading.columns.columns),
        drift,
        tuple(f"source {source.name!r}: {note}" for note in notes),
    )


def _read_mark(source: Source, text: str) -> CursorMark | None:
    """The mark of the pull before; none where its number was no time and now is read as one."""
    mark = read_mark(source, text)
    is_time = source.request is not None and source.request.cursor_format in ("s", "ms")
    return None if mark is not None and mark.kind == "integer" and is_time else mark


def open_first_page(streams: Streams, source: Source) -> Cells:
    """Register the first page of an API, to look at; returns its cells.

    Raises:
        SourceError: the API refuses or cannot be reached, or no record of the page has a column that is mapped.
    """
    columns = ColumnWatch({})
    reading = Reading(source, {}, columns, retries=1)
    batches = list(reading.first_batch())
    if reading.pages.notes:
        raise reading.pages.session.faults.refuse(
            "no-paging",
            f"source {source.name!r}: {reading.pages.notes[0]}",
            found="one page",
            allowed='[source.paging] with a kind, or kind = "none" where one answer is all',
            do="see how the API pages, and write [source.paging]",
        )
    known = columns.columns
    cursor = (source.cursor,) if source.cursor else ()
    needed = [column for column in (*list_read_columns(source), *cursor) if column not in source.optional_columns]
    lacking = [column for column in dict.fromkeys(needed) if known and not _is_in(column, known)]
    if lacking:
        raise reading.pages.session.faults.refuse(
            "missing-column",
            f"source {source.name!r}: no record of the first page has the key {' or '.join(map(repr, lacking))}",
            found=f"{len(known)} other keys",
            allowed=name_nearest(lacking[0].split(".")[0], known),
            do="correct the column, or name it in optional_columns where records may lack it",
        )
    return _read_cells(streams, source, batches)


def _read_cells(streams: Streams, source: Source, batches: Iterable[pa.RecordBatch]) -> Cells:
    rows = read_inner_records(batches, source.records) if source.records else batches
    lines = streams.add(rows, LINE_SCHEMA)
    return read_json_cells(lines, list_read_columns(source), has_ids="event_id" in source.columns)


def _is_in(column: str, known: dict[str, str]) -> bool:
    """Whether records have a column, or the outer key of a nested one."""
    return any(pointer[1:].split("/")[0].replace("~1", "/").replace("~0", "~") in known
               for pointer in list_pointers(column))  # fmt: skip


def _note_cursor(source: Source, watch: CursorWatch | None) -> list[str]:
    notes = []
    if watch is not None and watch.null_count:
        notes.append(f"{watch.null_count:,} records have no {source.cursor!r}; a change of theirs may not be seen")
    if watch is not None and watch.future_count:
        notes.append(
            f"{watch.future_count:,} records have a {source.cursor!r} in the future; each pull reads them again"
        )
    return notes


def _note_columns(source: Source, columns: ColumnWatch) -> list[str]:
    known = columns.columns
    lacking = [column for column in list_read_columns(source) if known and not _is_in(column, known)]
    return [
        f"no record has the key {column!r}, which is mapped; {name_nearest(column.split('.')[0], known)}"
        for column in lacking
        if column not in source.optional_columns
    ]
