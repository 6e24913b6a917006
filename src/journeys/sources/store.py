"""The rows that were ever pulled, as they came: loads of landed rows that are only added, and each source's bookmark.

A load becomes part of the store by one atomic replacement of `store.json`, rows and bookmarks together; what lies beside
it unlisted is of a run that died, and is removed by the next one. A rebuild reads the store and never the sources.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from journeys.errors import CallError, PublishError
from journeys.sources.bookmark import Bookmark
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
    """

    folder: Path
    loads: tuple[Load, ...] = ()
    bookmarks: Mapping[str, Bookmark] = field(default_factory=dict)

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
    return Store(folder, loads, bookmarks)


def add_load(
    store: Store,
    landed: Mapping[str, Path],
    bookmarks: Mapping[str, Bookmark],
    *,
    loaded_at_us: int,
    span: Span | None = None,
    is_dry: bool = False,
) -> Store:
    """Keep what a night has landed, apart from rows the store has already, and commit it with the bookmarks.

    A file or table that is read again gives all its rows again. Of rows with the same content from one place (file or
    table) only those count as new that it has more of than the store, so that an overlap, a file that grew and a table
    read whole add what is new, and nothing that has gone from the place is lost.

    Args:
        store: as it was opened.
        landed: landed rows by source, as `pull_source` writes them.
        bookmarks: of the sources that were pulled.
        loaded_at_us: when.
        span: take only rows that happened in it; none takes all.
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
            kept, count = _keep_new_rows(connection, store, source, landed=path, folder=folder, span=span)
            if count:
                files[source] = kept
                row_count += count
    fresh = {**store.bookmarks, **bookmarks}
    if not row_count:
        shutil.rmtree(folder)
        if fresh == store.bookmarks:
            return store
        loads = store.loads
    else:
        loads = (*store.loads, Load(number, loaded_at_us, files, row_count))
    grown = replace(store, loads=loads, bookmarks=fresh)
    return grown if is_dry else commit(grown)


def commit(store: Store) -> Store:
    """Make a store the one that the next run finds, by one atomic replacement of its listing."""
    listed: dict[str, Any] = {
        "version": STORE_VERSION,
        "loads": [asdict(load) for load in store.loads],
        "bookmarks": {name: bookmark.to_json() for name, bookmark in sorted(store.bookmarks.items())},
    }
    store.folder.mkdir(parents=True, exist_ok=True)
    write_durably(store.folder / _LISTING, json.dumps(listed, indent=1) + "\n")
    return store


def remove_unlisted(store: Store) -> None:
    """Remove what a run that died has left in the store."""
    listed = {file for load in store.loads for files in load.files.values() for file in files}
    if not store.folder.is_dir():
        return
    for path in sorted(store.folder.rglob("*.parquet")):
        if path.relative_to(store.folder).as_posix() not in listed:
            path.unlink()
    for path in store.folder.iterdir():
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _keep_new_rows(
    connection: duckdb.DuckDBPyConnection, store: Store, source: str, *, landed: Path, folder: Path, span: Span | None
) -> tuple[list[str], int]:
    """Write the rows of one source that are new; returns the files, relative to the store, and the number of rows."""
    rows = f"read_parquet({quote_text(str(landed))})"
    if span:
        rows = f"(SELECT * FROM {rows} WHERE occurred_at_us >= {span.since_us} AND occurred_at_us < {span.until_us})"
    stored = [str(store.folder / file) for load in store.loads for file in load.files.get(source, ())]
    select = f"SELECT * FROM {rows}"
    if stored:
        known = f"read_parquet([{', '.join(map(quote_text, stored))}])"
        places = {row[0] for row in connection.execute(f"SELECT DISTINCT file FROM {rows}").fetchall()}
        again = connection.execute(
            f"SELECT file, MAX(reading) FROM {known} WHERE list_contains($places, file) GROUP BY file",
            {"places": sorted(places)},
        ).fetchall()
        if again:
            select = _select_new(rows, known, again)
    target = folder / source
    connection.execute(
        f"COPY ({select}) TO {quote_text(str(target))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUPS_PER_FILE {ROW_GROUPS_PER_FILE})"
    )
    files = sorted(target.rglob("*.parquet"))
    count = 0
    kept = []
    for file in files:
        found = connection.execute(f"SELECT count(*) FROM read_parquet({quote_text(str(file))})").fetchone()
        if found and found[0]:
            count += found[0]
            kept.append(file.relative_to(store.folder).as_posix())
            sync_file(file)
    return kept, count


def _select_new(rows: str, known: str, again: Iterable[tuple[str, int]]) -> str:
    """Write the rows that their place has more of than the store; what is read again has the next number of reading."""
    readings = ", ".join(f"({quote_text(place)}, {reading})" for place, reading in again)
    return f"""
        WITH again AS (SELECT * FROM (VALUES {readings}) AS read_before (file, last_reading)),
        stored AS (
          SELECT file, {_CONTENT} AS content, count(*) AS stored_count
          FROM {known} SEMI JOIN again USING (file) GROUP BY ALL
        ),
        counted AS (
          SELECT landed.*, {_CONTENT} AS content,
            row_number() OVER (PARTITION BY landed.file, {_CONTENT} ORDER BY line) AS copy_index
          FROM {rows} AS landed
        )
        SELECT counted.* EXCLUDE (content, copy_index)
          REPLACE (CAST(coalesce(again.last_reading, 0) + 1 AS INTEGER) AS reading)
        FROM counted
        LEFT JOIN again ON again.file = counted.file
        LEFT JOIN stored ON stored.file = counted.file AND stored.content = counted.content
        WHERE counted.copy_index > coalesce(stored.stored_count, 0)
    """
