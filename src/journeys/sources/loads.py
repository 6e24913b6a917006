"""What a night has pulled -> the store: rows that are new, kept as one load."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from journeys.errors import CallError, PublishError
from journeys.sources.pull import PullReport
from journeys.sources.store import Load, Store
from journeys.sources.streams import connect
from journeys.units import US_PER_DAY, time_us
from journeys.warehouse import copy_sql, quote_text, sync_file

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# A load of more rows is kept in several files, so that a night can judge it part by part.
ROW_GROUPS_PER_FILE = 96
CONTENT = "md5(concat_ws(chr(31), coalesce(properties, ''), coalesce(unreadable, ''), coalesce(raw, '')))"


@dataclass(frozen=True)
class Pulled:
    """What the pulls of a night have left.

    Attributes:
        landed: landed rows by source, as `pull_source` writes them.
        reports: of the sources that were pulled.
        loaded_at_us: when, microseconds since 1970 UTC.
    """

    landed: Mapping[str, Path]
    reports: Mapping[str, PullReport]
    loaded_at_us: int


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


def add_load(store: Store, pulled: Pulled, *, span: Span | None = None) -> Store:
    """Keep what a night has landed, apart from rows the store has already; `commit` makes it last.

    A file or table that is read again gives all its rows again, and rows move between files. Of the rows of all places
    that were read or have gone, only those count as new that there are more of, content by content, than are stored
    from those places. So an overlap, a file that grew, a log that was rotated and a table read whole add what is new,
    and nothing that has gone from a source is lost. A landed file of new places moves into the store as it is.

    Args:
        store: as it was opened.
        pulled: what the pulls of a night have left.
        span: take only rows that happened in it, and leave the bookmarks; none takes all.

    Returns:
        The store with the new load and bookmarks, not committed yet; without a load where no row is new.
    """
    number = store.last_load + 1
    folder = store.folder / f"{number:06d}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files: dict[str, list[str]] = {}
    row_count = 0
    with connect() as connection:
        for source, path in sorted(pulled.landed.items()):
            target = folder / source
            known = _list_known(store, pulled.reports[source])
            if known or span or _has_many_groups(connection, path):
                _copy(connection, _select_new(known, pulled.reports[source], landed=path, span=span), target)
            else:
                target.mkdir()
                shutil.move(path, target / "data_0.parquet")
            counts = {file: _count_rows(connection, file) for file in sorted(target.rglob("*.parquet"))}
            kept = [file.relative_to(store.folder).as_posix() for file, count in counts.items() if count]
            if kept:
                files[source] = kept
                row_count += sum(counts.values())
    bookmarks = {
        **store.bookmarks,
        **({} if span else {name: report.bookmark for name, report in pulled.reports.items()}),
    }
    loads = (*store.loads, Load(number, pulled.loaded_at_us, files, row_count)) if row_count else store.loads
    known_rows = store.known_rows if span else {**store.known_rows, **_keep_known_rows(store, pulled)}
    grown = replace(store, loads=loads, bookmarks=bookmarks, known_rows=known_rows)
    if not row_count:
        shutil.rmtree(folder)
    return grown


def _list_known(store: Store, report: PullReport) -> list[str]:
    """Write the selects of a source's stored rows that its pull may have read again; none where all places are new."""
    if not report.places:
        return []
    stored = [str(store.folder / file) for load in store.loads for file in load.files.get(report.source, ())]
    known = []
    if stored:
        listed = ", ".join(map(quote_text, stored))
        known.append(f"SELECT file, reading, {CONTENT} AS content FROM read_parquet([{listed}])")
    if store.gone:
        gone = f"read_parquet({quote_text(str(store.folder / store.gone))})"
        known.append(f"SELECT file, reading, content FROM {gone} WHERE source = {quote_text(report.source)}")
    return known


def _select_new(known: list[str], report: PullReport, *, landed: Path, span: Span | None) -> str:
    """Write the landed rows that are new; what comes from a place read before has the next number of reading."""
    rows = f"SELECT * FROM read_parquet({quote_text(str(landed))})"
    if span:
        rows += f" WHERE occurred_at_us >= {span.since_us} AND occurred_at_us < {span.until_us}"
    if not known:
        return rows
    places = f"file IN ({', '.join(map(quote_text, report.places))})"
    return f"""
        WITH stored AS (SELECT * FROM ({" UNION ALL ".join(known)}) WHERE {places}),
        stored_contents AS (SELECT content, count(*) AS stored_count FROM stored GROUP BY content),
        readings AS (SELECT file, max(reading) AS last_reading FROM stored GROUP BY file),
        counted AS (
          SELECT landed.*, {CONTENT} AS content,
            row_number() OVER (PARTITION BY {CONTENT} ORDER BY landed.file, landed.line) AS copy_index
          FROM ({rows}) AS landed
        )
        SELECT counted.* EXCLUDE (content, copy_index)
          REPLACE (CAST(coalesce(readings.last_reading, 0) + 1 AS INTEGER) AS reading)
        FROM counted
        LEFT JOIN readings ON readings.file = counted.file
        LEFT JOIN stored_contents ON stored_contents.content = counted.content
        WHERE counted.copy_index > coalesce(stored_contents.stored_count, 0)
    """


def _keep_known_rows(store: Store, pulled: Pulled) -> dict[str, str]:
    """Move what the pulls have left of each key into the store; returns the files by source."""
    kept = {}
    for name, report in pulled.reports.items():
        if report.known_rows:
            target = store.folder / "known" / f"{name}.{pulled.loaded_at_us}.parquet"
            target.parent.mkdir(exist_ok=True)
            shutil.move(report.known_rows, target)
            sync_file(target)
            kept[name] = target.relative_to(store.folder).as_posix()
    return kept


def _copy(connection: duckdb.DuckDBPyConnection, select: str, target: Path) -> None:
    try:
        connection.execute(copy_sql(select, target, more=f"ROW_GROUPS_PER_FILE {ROW_GROUPS_PER_FILE}"))
    except duckdb.Error as error:
        raise PublishError(
            "store",
            f"{target} could not be written",
            found=str(error).strip(),
            do="see the space left on the disk; what was stored and published before stays",
        ) from error


def _has_many_groups(connection: duckdb.DuckDBPyConnection, file: Path) -> bool:
    """Tell whether a file is too large to be kept as one."""
    found = connection.execute(f"SELECT num_row_groups FROM parquet_file_metadata({quote_text(str(file))})").fetchone()
    return bool(found and found[0] > ROW_GROUPS_PER_FILE)


def _count_rows(connection: duckdb.DuckDBPyConnection, file: Path) -> int:
    """Count the rows of a finished file, and flush it to the disk."""
    found = connection.execute(f"SELECT count(*) FROM read_parquet({quote_text(str(file))})").fetchone()
    sync_file(file)
    return int(found[0]) if found else 0
