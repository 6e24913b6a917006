"""Pulling one source: its files or table, read once and completely into one landed file."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from journeys.sources.bookmark import Bookmark
from journeys.sources.csv_files import read_csv_cells
from journeys.sources.drift import check_drift
from journeys.sources.faults import no_inner_records
from journeys.sources.files import SourceFile, find_files, find_format
from journeys.sources.inner_records import read_inner_records
from journeys.sources.json_lines import read_json_cells
from journeys.sources.json_lists import read_json_rows
from journeys.sources.known_files import choose_files
from journeys.sources.landing import Landing, land_sql
from journeys.sources.lines import LINE_SCHEMA, read_lines
from journeys.sources.mapping import Cells, list_columns
from journeys.sources.parquet_files import read_parquet_cells
from journeys.sources.pulled import DatabasePull, rows_file
from journeys.sources.rest.faults import label_rows
from journeys.sources.streams import Streams, connect
from journeys.sources.text_lines import read_text_cells
from journeys.sources.w3c_lines import read_w3c_cells
from journeys.warehouse import copy_sql, quote_text

if TYPE_CHECKING:
    from journeys.config import Project, Source


@dataclass(frozen=True)
class PullReport:
    """What one pull did.

    Attributes:
        source: its name.
        file_count: files (or tables) read.
        row_count: landed rows.
        unreadable_count: how many of them could not be read.
        seconds: time it took.
        bookmark: where the next pull goes on.
        places: files or tables that were read before and whose stored rows these rows may repeat.
        protection: in words how many rows were protected; '' where none was.
        drift: one text per change of the source's columns since the last pull.
        notes: one text per thing that somebody should know, such as rows without a cursor value.
        known_rows: what was kept last of each key, for the next pull; only of a source that tracks changes.
    """

    source: str
    file_count: int
    row_count: int
    unreadable_count: int
    seconds: float
    bookmark: Bookmark
    places: tuple[str, ...]
    protection: str = ""
    drift: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    known_rows: Path | None = None


def pull_source(
    source: Source,
    project: Project,
    *,
    folder: Path,
    settings_folder: Path,
    loaded_at_us: int,
    bookmark: Bookmark | None = None,
    known_rows: Path | None = None,
) -> PullReport:
    """Read what is new in one source into `folder/<name>.parquet` with the columns of schema.LANDED_COLUMNS.

    Files that were read before and are as they were are passed over; a file that changed and a table without a cursor
    are read whole. Where there is nothing to read no file is written.

    Every row is one landed row, unreadable ones too; wholly blank lines are none. Nothing is rejected here. A pull
    that fails leaves no file behind, and an older file of the same name untouched.

    Args:
        source: what to read and how its columns map.
        project: for the time zone.
        folder: where to write; is made when missing.
        settings_folder: relative paths of the source start here.
        loaded_at_us: time of this run, microseconds since 1970 UTC.
        bookmark: where the pull before has ended.
        known_rows: the file that the pull before left; only of a source that tracks changes.

    Raises:
        SourceError: no file, unknown format, missing column, or a database or API that refuses.
        TransientSourceError: a database or API that cannot be reached now.
    """
    started = time.perf_counter()
    before = bookmark or Bookmark()
    files: list[SourceFile] | None = None
    after = before
    places: tuple[str, ...] = (label_rows(source) if source.kind == "rest" else source.table or "query",)
    if source.kind == "file":
        choice = choose_files(find_files(source, settings_folder), before.files)
        files, after, places = choice.files, replace(before, files=choice.marks), choice.places
        if not files:
            return PullReport(source.name, 0, 0, 0, time.perf_counter() - started, after, ())
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{source.name}.parquet"
    unfinished = folder / f".{source.name}.{os.getpid()}.parquet"
    landing = Landing(source, project, loaded_at_us)
    with connect() as connection:
        streams = Streams(connection)
        try:
            pulled = DatabasePull(before, (), ())
            file_count = 1
            if source.kind == "database":
                from journeys.sources.pull_database import pull_database  # SQLAlchemy is slow to import

                pulled = pull_database(streams, landing, settings_folder, target=unfinished, last=(before, known_rows))
                after = pulled.bookmark
            elif source.kind == "rest":
                from journeys.sources.rest.pull import pull_rest  # its HTTP client is slow to import

                pulled = pull_rest(streams, landing, target=unfinished, last=(before, known_rows))
                after = pulled.bookmark
            else:
                file_count, all_cells = open_cells(streams, source, settings_folder, files)
                columns = _join_names(all_cells)
                pulled = replace(pulled, drift=check_drift(source, before.columns, columns))
                after = replace(after, columns=columns or before.columns)
                select = " UNION ALL ".join(land_sql(landing, cells) for cells in all_cells)
                streams.run(copy_sql(select, unfinished), source)
            row_count, unreadable_count = _count_rows(connection, unfinished)
            if source.tracks:
                rows_file(unfinished).replace(rows_file(target))
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
            rows_file(unfinished).unlink(missing_ok=True)
    return PullReport(
        source.name,
        file_count,
        row_count,
        unreadable_count,
        time.perf_counter() - started,
        after,
        places,
        drift=pulled.drift,
        notes=pulled.notes,
        known_rows=rows_file(target) if source.tracks else None,
    )


def open_cells(
    streams: Streams, source: Source, settings_folder: Path, files: list[SourceFile] | None = None
) -> tuple[int, list[Cells]]:
    """Open everything a source names, or only these of its files; of an API the first page.

    Returns:
        The number of files (a database or an API counts as one), and their cells.

    Raises:
        SourceError: no file, unknown format, missing column, or a database that refuses.
    """
    if source.kind == "database":
        from journeys.sources.database import read_database
        from journeys.sources.pull_database import list_read_columns, stream_cells

        opened = read_database(source, settings_folder, list_read_columns(source))
        return 1, [stream_cells(streams, opened)]
    if source.kind == "rest":
        from journeys.sources.rest.pull import open_first_page

        return 1, [open_first_page(streams, source)]
    columns = list_columns(source)
    files = files if files is not None else find_files(source, settings_folder)
    groups: dict[str, list[SourceFile]] = {}
    for file in files:
        groups.setdefault(find_format(source, file), []).append(file)
    cells_of_groups = [
        _open_group(streams, source, kind, files=group, columns=columns) for kind, group in groups.items()
    ]
    return len(files), [cells for group in cells_of_groups for cells in group]


def _open_group(
    streams: Streams, source: Source, kind: str, *, files: list[SourceFile], columns: tuple[str, ...]
) -> list[Cells]:
    if source.records and kind != "jsonl":
        raise no_inner_records(source.name, kind, files[0].label)
    if kind == "parquet":
        return read_parquet_cells(streams.connection, source, files, columns)
    if kind == "csv":
        return read_csv_cells(streams, source, files, columns)
    if kind == "w3c":
        return [read_w3c_cells(streams, source, files, columns)]
    if kind == "jsonl":
        rows = read_json_rows(files)
        lines = streams.add(read_inner_records(rows, source.records) if source.records else rows, LINE_SCHEMA)
        return [read_json_cells(lines, columns, has_ids="event_id" in source.columns)]
    lines = streams.add(read_lines(files), LINE_SCHEMA)
    return [read_text_cells(source, kind, lines=lines, columns=columns)]


def _join_names(all_cells: list[Cells]) -> dict[str, str]:
    """The columns of files, without their types; none where some of them state none, for objects may lack a key."""
    if not all(cells.names for cells in all_cells):
        return {}
    return dict.fromkeys(sorted({name for cells in all_cells for name in cells.names}), "")


def _count_rows(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, int]:
    row = connection.execute(
        f"SELECT count(*), count(unreadable) FROM read_parquet({quote_text(str(path))})"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
