"""The rows that were ever pulled, as they came: loads of landed rows that are only added, and each source's bookmark.

A load becomes part of the store by one atomic replacement of `store.json`, rows and bookmarks together; what lies beside
it unlisted is of a run that died, and is removed by the next one. A rebuild reads the store and never the sources.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from journeys.errors import CallError, PublishError
from journeys.sources.bookmark import Bookmark
from journeys.sources.pull import PullReport
from journeys.sources.streams import connect
from journeys.units import US_PER_DAY, time_us
from journeys.warehouse import quote_text, sync_file, write_durably

STORE_VERSION = 1
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LISTING = "store.json"
# A load of more rows is kept in several files, so that a night can judge it part by part.
ROW_GROUPS_PER_FILE = 32
_CONTENT = "md5(concat_ws(chr(31), coalesce(properties, ''), coalesce(unreadable, ''), coalesce(raw, '')))"


@dataclass(frozen=True)
class Load:
    """What one night added.

    Attributes:
        number: place among the loads, from 1.
        loaded_at_us: when it was pulled, microseconds since 1970 UTC.
        files: Parquet files with the columns of schema.LANDED_COLUMNS, relative to the store, by source.
        row_count: rows in them.
    """

    number: int
    loaded_at_us: int
    files: Mapping[str, Sequence[str]]
    row_count: int


@dataclass(frozen=True)
class Span:
    """A stretch of time to take rows of: from `since_us`, up to but without `until_us`."""

    since_us: int
    until_us: int


def read_span(since: str | None, until: str | None, *, timezone: str) -> Span | None:
    """Read the ends of a stretch of time; none where neither is given.

    Args:
        since: a date or time; none is the beginning of time.
        until: a date, which is taken whole, or a time, which is not taken itself; none is the end of time.
        timezone: of times without one.

    Raises:
        CallError: one is no time, or the stretch is empty.
    """
    if since is None and until is None:
        return None
    since_us, until_us = -(2**62), 2**62
    if since is not None:
        since_us = time_us(since, name="from", timezone=timezone)
    if until is not None:
        until_us = time_us(until, name="to", timezone=timezone)
        until_us += US_PER_DAY if _DATE.fullmatch(until.strip()) else 0
    if since_us >= until_us:
        raise CallError("span", "the stretch of time is empty", found=f"from {since} to {until}",
                        allowed="a start before its end")  # fmt: skip
    return Span(since_us, until_us)


@dataclass(frozen=True)
class Store:
    """The stored loads and bookmarks of one warehouse, as they are committed.

    Attributes:
        folder: where they lie.
        loads: oldest first.
        bookmarks: where the next pull of each source goes on.
        known_rows: file with what was kept last of each key, of sources that track changes.
        mappings: fingerprint of the mapping by which each source's rows are landed.
    """

    folder: Path
    loads: tuple[Load, ...] = ()
    bookmarks: Mapping[str, Bookmark] = field(default_factory=dict)
    mappings: Mapping[str, str] = field(default_factory=dict)
    known_rows: Mapping[str, str] = field(default_factory=dict)

    def list_files(self, *, after: int = 0, until_us: int | None = None) -> list[Path]:
        """Return the files of the loads later than number `after` that were pulled up to a time."""
        return [
            self.folder / file
            for load in self.loads
            if load.number > after and (until_us is None or load.loaded_at_us <= until_us)
            for files in load.files.values()
            for file in files
        ]

    @property
    def last_load(self) -> int:
        """Number of the newest load; 0 when there is none."""
        return self.loads[-1].number if self.loads else 0

    def known_rows_of(self, source: str) -> Path | None:
        """Return the file with what was kept last of each key of a source; none where it tracks no changes."""
        file = self.known_rows.get(source)
        return self.folder / file if file else None

    def bookmark(self, source: str) -> Bookmark:
        """Return where the next pull of a source goes on."""
        return self.bookmarks.get(source, Bookmark())


def open_store(warehouse: Path) -> Store:
    """Read the store of a warehouse; an empty one where nothing was pulled yet.

    Raises:
        PublishError: it is damaged, or of a newer version of the product.
    """
    folder = warehouse / "store"
    try:
        text = (folder / _LISTING).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Store(folder)
    try:
        listed = json.loads(text)
        version = listed["version"]
        loads = tuple(Load(**load) for load in listed["loads"])
        bookmarks = {name: Bookmark.from_json(given) for name, given in listed["bookmarks"].items()}
        mappings, known_rows = dict(listed["mappings"]), dict(listed["known_rows"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PublishError(
            "store-damaged",
            f"{folder / _LISTING} cannot be read",
            found=f"{type(error).__name__}: {error}",
            do="restore the file from a backup; or move the folder away, and the next refresh pulls everything anew",
        ) from error
    if version > STORE_VERSION:
        raise PublishError("store-newer", f"{folder} was made by a newer version of the product",
                           found=f"version {version}", allowed=f"up to {STORE_VERSION}", do="upgrade the product")  # fmt: skip
    return Store(folder, loads, bookmarks, mappings, known_rows)


def add_load(
    store: Store,
    landed: Mapping[str, Path],
    reports: Mapping[str, PullReport],
    *,
    loaded_at_us: int,
    span: Span | None = None,
    is_dry: bool = False,
) -> Store:
    """Keep what a night has landed, apart from rows the store has already, and commit it with the bookmarks.

    A file or table that is read again gives all its rows again, and rows move between files. Of the rows of all places
    that were read or have gone, only those count as new that there are more of, content by content, than are stored from
    those places. So an overlap, a file that grew, a log that was rotated and a table read whole add what is new, and
    nothing that has gone from a source is lost.

    Args:
        store: as it was opened.
        landed: landed rows by source, as `pull_source` writes them.
        reports: of the sources that were pulled.
        loaded_at_us: when.
        span: take only rows that happened in it, and leave the bookmarks; none takes all.
        is_dry: commit nothing; the next run removes what was written.

    Returns:
        The store with the new load, or without one where no row is new.
    """
    number = store.last_load + 1
    folder = store.folder / f"{number:06d}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files: dict[str, list[str]] = {}
    row_count = 0
    with connect() as connection:
        for source, path in sorted(landed.items()):
            select = _select_new(connection, store, reports[source], landed=path, span=span)
            target = folder / source
            _copy(connection, select, target)
            counts = {file: _count_rows(connection, file) for file in sorted(target.rglob("*.parquet"))}
            kept = [file.relative_to(store.folder).as_posix() for file, count in counts.items() if count]
            if kept:
                files[source] = kept
                row_count += sum(counts.values())
    bookmarks = {**store.bookmarks, **({} if span else {name: report.bookmark for name, report in reports.items()})}
    loads = (*store.loads, Load(number, loaded_at_us, files, row_count)) if row_count else store.loads
    known_rows = store.known_rows if span else {**store.known_rows, **_keep_known_rows(store, reports, loaded_at_us)}
    grown = replace(store, loads=loads, bookmarks=bookmarks, known_rows=known_rows)
    if not row_count:
        shutil.rmtree(folder)
    return grown if is_dry or grown == store else commit(grown)


def commit(store: Store) -> Store:
    """Make a store the one that the next run finds, by one atomic replacement of its listing."""
    listed: dict[str, Any] = {
        "version": STORE_VERSION,
        "loads": [asdict(load) for load in store.loads],
        "bookmarks": {name: bookmark.to_json() for name, bookmark in sorted(store.bookmarks.items())},
        "mappings": dict(store.mappings),
        "known_rows": dict(store.known_rows),
    }
    store.folder.mkdir(parents=True, exist_ok=True)
    write_durably(store.folder / _LISTING, json.dumps(listed, indent=1) + "\n")
    return store


def remove_unlisted(store: Store) -> None:
    """Remove what a run that died has left in the store."""
    listed = {file for load in store.loads for files in load.files.values() for file in files}
    listed |= set(store.known_rows.values())
    if not store.folder.is_dir():
        return
    for path in sorted(store.folder.rglob("*.parquet")):
        if path.relative_to(store.folder).as_posix() not in listed:
            path.unlink()
    for path in store.folder.iterdir():
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _select_new(
    connection: duckdb.DuckDBPyConnection, store: Store, report: PullReport, *, landed: Path, span: Span | None
) -> str:
    """Write the landed rows that are new; what comes from a place read before has the next number of reading."""
    rows = f"SELECT * FROM read_parquet({quote_text(str(landed))})"
    if span:
        rows += f" WHERE occurred_at_us >= {span.since_us} AND occurred_at_us < {span.until_us}"
    stored = [str(store.folder / file) for load in store.loads for file in load.files.get(report.source, ())]
    if not stored or not report.places:
        return rows
    known = f"read_parquet([{', '.join(map(quote_text, stored))}])"
    places = f"file IN ({', '.join(map(quote_text, report.places))})"
    return f"""
        WITH stored AS (
          SELECT file, reading, {_CONTENT} AS content FROM {known} WHERE {places}
        ),
        stored_contents AS (SELECT content, count(*) AS stored_count FROM stored GROUP BY content),
        readings AS (SELECT file, max(reading) AS last_reading FROM stored GROUP BY file),
        counted AS (
          SELECT landed.*, {_CONTENT} AS content,
            row_number() OVER (PARTITION BY {_CONTENT} ORDER BY landed.file, landed.line) AS copy_index
          FROM ({rows}) AS landed
        )
        SELECT counted.* EXCLUDE (content, copy_index)
          REPLACE (CAST(coalesce(readings.last_reading, 0) + 1 AS INTEGER) AS reading)
        FROM counted
        LEFT JOIN readings ON readings.file = counted.file
        LEFT JOIN stored_contents ON stored_contents.content = counted.content
        WHERE counted.copy_index > coalesce(stored_contents.stored_count, 0)
    """


def _keep_known_rows(store: Store, reports: Mapping[str, PullReport], loaded_at_us: int) -> dict[str, str]:
    """Move what the pulls have left of each key into the store; returns the files by source."""
    kept = {}
    for name, report in reports.items():
        if report.known_rows:
            target = store.folder / "known" / f"{name}.{loaded_at_us}.parquet"
            target.parent.mkdir(exist_ok=True)
            shutil.move(report.known_rows, target)
            sync_file(target)
            kept[name] = target.relative_to(store.folder).as_posix()
    return kept


def _copy(connection: duckdb.DuckDBPyConnection, select: str, target: Path) -> None:
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUPS_PER_FILE {ROW_GROUPS_PER_FILE}"
    try:
        connection.execute(f"COPY ({select}) TO {quote_text(str(target))} ({options})")
    except duckdb.Error as error:
        raise PublishError(
            "store",
            f"{target} could not be written",
            found=str(error).strip(),
            do="see the space left on the disk; what was stored and published before stays",
        ) from error


def _count_rows(connection: duckdb.DuckDBPyConnection, file: Path) -> int:
    """Count the rows of a finished file, and flush it to the disk."""
    found = connection.execute(f"SELECT count(*) FROM read_parquet({quote_text(str(file))})").fetchone()
    sync_file(file)
    return int(found[0]) if found else 0
