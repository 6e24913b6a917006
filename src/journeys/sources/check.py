"""Proving a source without loading it: reachable, columns there, first rows readable."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from journeys.config import normalise
from journeys.errors import SourceError
from journeys.sources.faults import name_nearest
from journeys.sources.files import find_files, find_format
from journeys.sources.landing import Landing, land_sql
from journeys.sources.mapping import list_columns
from journeys.sources.pull import open_cells
from journeys.sources.streams import Streams, connect

if TYPE_CHECKING:
    from journeys.config import Identity, Project, Source

_SAMPLE_ROWS = 2_000
_LONGEST = 80


def check_source(source: Source, project: Project, settings_folder: Path, *, identity: Identity) -> list[str]:
    """Open everything a source names and land its first rows in memory.

    Args:
        source: what to read and how its columns map.
        project: for the time zone.
        settings_folder: relative paths of the source start here.
        identity: the kinds of identifiers, and which values never identify anybody.

    Returns:
        One text per problem, empty when there is none: what cannot be opened or found, and what none of the first
        rows (of each format, header or table) has: readable text, a time, an event, an identifier of a person; for
        an address book two identifiers.
    """
    problems: dict[str, None] = {}
    row_count = 0
    with connect() as connection:
        streams = Streams(connection)
        try:
            _, all_cells = open_cells(streams, source, settings_folder)
            for cells in all_cells:
                select = land_sql(Landing(source, project, 0), cells)
                streams.run(f"CREATE OR REPLACE TEMP TABLE sample AS {select} LIMIT {_SAMPLE_ROWS}", source)
                row_count += int(str(_fetch(connection, "SELECT count(*) FROM sample")[0]))
                problems.update(dict.fromkeys(_judge_sample(connection, source, identity)))
            if _is_json(source, settings_folder):
                problems.update(dict.fromkeys(_find_lost_keys(connection, source)))
        except SourceError as error:
            problems[_write_error(error)] = None
        else:
            if not row_count:
                where = f"source {source.name!r}, {source.place}"
                problems[f"{where}: no rows; do see that what it names is the log"] = None
    return list(problems)


def _write_error(error: SourceError) -> str:
    parts = [f"{label} {text}" for label in ("found", "allowed", "do") if (text := getattr(error, label))]
    return "; ".join([error.what, *parts])


def _judge_sample(connection: duckdb.DuckDBPyConnection, source: Source, identity: Identity) -> list[str]:
    counts = _fetch(connection, "SELECT count(*), count(unreadable), min(unreadable), any_value(file) FROM sample")
    row_count, unreadable_count, reason, file = counts
    where = f"source {source.name!r}, {file}"
    if not row_count:
        return []
    if row_count == unreadable_count:
        return [f"{where}: none of the first {row_count} rows can be read; found {reason}; do check the format"]
    found = _fetch(
        connection,
        "SELECT count(occurred_at_us), any_value(occurred_at_text), count(event) FROM sample WHERE unreadable IS NULL",
    )
    time_count, time, event_count = found
    rows, named = _list_identified(connection, source, identity)
    has_events = source.has_events
    problems = []
    if not time_count:
        problems.append(f"{where}: none of the first rows has a time; {_explain_time(source, time)}")
    if not event_count and has_events:
        problems.append(f"{where}: none of the first rows has an event; {_name_mapping(source, 'event')}")
    if not any(is_identified for _, is_identified in rows):
        lacking = "an identifier of a person" if has_events else "two identifiers, so that they link nothing"
        problems.append(f"{where}: none of the first rows has {lacking}; {named}")
    if not problems and not any(is_placed and is_identified for is_placed, is_identified in rows):
        problems.append(
            f"{where}: each of the first {row_count} rows lacks something: a time since {source.earliest}"
            f"{', an event or an identifier' if has_events else ' or two identifiers'}; do see which columns are mapped"
        )
    return problems


def _list_identified(
    connection: duckdb.DuckDBPyConnection, source: Source, identity: Identity
) -> tuple[list[tuple[bool, bool]], str]:
    """Tell of each readable row of the sample whether it has its time and event, and whether it has its identifiers.

    Returns:
        The rows, and in words which identifiers are mapped and what was found instead.
    """
    names = [name for name in ("device_id", "user_id", "account_id") if name in source.columns]
    rows = connection.execute(
        "SELECT occurred_at_us >= earliest_us AND (event IS NOT NULL OR NOT is_event), device_is_composite, "
        f"identifiers, {', '.join(names) or 'NULL'} FROM sample WHERE unreadable IS NULL"
    ).fetchall()
    listed = []
    found = "each is empty"
    for is_placed, is_composite, further, *values in rows:
        given = {**dict(zip(names, values, strict=False)), **json.loads(further or "{}")}
        if is_composite and not source.has_events:
            del given["device_id"]  # it never links persons
        usable = []
        for name, value in given.items():
            is_judged = value is not None and not (name == "device_id" and is_composite)
            reason = normalise(identity.kind(name), value, identity)[1] if is_judged else ""
            if reason:
                found = f"found {name} {value[:_LONGEST]!r}, which never identifies anybody: {reason}"
            elif value is not None:
                usable.append(name)
        is_identified = len(usable) > 1 if not source.has_events else usable not in ([], ["account_id"])
        if usable and not is_identified:
            found = f"found {usable[0]} only"
        listed.append((bool(is_placed), is_identified))
    mapped = ", ".join(_name_mapping(source, name) for name in (*names, *sorted(source.identifiers)))
    return listed, f"{mapped}; {found}"


def _fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    return connection.execute(sql).fetchall()[0]


def _name_mapping(source: Source, canonical: str) -> str:
    column = source.columns.get(canonical) or source.identifiers.get(canonical)
    if column is None:
        return f"{canonical} is not mapped"
    return f"{canonical} is mapped to {column.column or column.columns or column.sql or column.value!r}"


def _explain_time(source: Source, text: object) -> str:
    mapped = _name_mapping(source, "occurred_at")
    if text is None:
        return f"{mapped}, which is empty"
    if re.fullmatch(r"-?\d+(\.\d*)?", str(text)) and not source.unit:
        return f'{mapped}; found {text!r}; do write unit = "s", "ms" or "us" for times as numbers'
    if source.time_format:
        return f"{mapped}; found {text!r}; allowed time_format {source.time_format!r}"
    return f"{mapped}; found {text!r}; allowed ISO 8601; do write `time_format`"


def _is_json(source: Source, settings_folder: Path) -> bool:
    if source.kind != "file":
        return False
    return all(find_format(source, file) == "jsonl" for file in find_files(source, settings_folder))


def _find_lost_keys(connection: duckdb.DuckDBPyConnection, source: Source) -> list[str]:
    """Mapped keys that no object of the sample has, when another key looks like what was meant.

    Keys may be rare, so that one without a likely namesake is no problem.
    """
    rows = connection.execute(
        "SELECT DISTINCT unnest(json_keys(properties)) FROM sample WHERE unreadable IS NULL ORDER BY 1"
    ).fetchall()
    keys = [str(row[0]) for row in rows]
    problems = []
    mapped = list_columns(source)
    for column in mapped:
        first = re.split(r"[.\[]", column)[0]
        hint = name_nearest(first, [key for key in keys if key not in mapped])
        if keys and column not in keys and first not in keys and hint.startswith("nearest"):
            problems.append(f"source {source.name!r}: no object has the key {column!r}; {hint}")
    return problems
