"""Rows that are too old to be kept: removed from the kept tables and the store, as if they had never come.

What is left is a function of the rows that are young enough, so that a rebuild gives the same: of an event that comes
under one id twice, the repeat that is young enough stands for the one that is removed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime

import pandas as pd

from journeys.config import Settings, find_cutoffs
from journeys.nights.night import Night
from journeys.nights.rows import IDENTIFIERS, judge_again, summarise
from journeys.nights.tables import EVENT_ROW_TABLES
from journeys.sources.events import count_blocked
from journeys.sources.removal import NARROW, PLACE, find_heirs, find_leaving, is_too_old, write_without
from journeys.sources.store import Removed, Store
from journeys.units import US_PER_SECOND
from journeys.warehouse import Engine, Snapshot, list_snapshots
from journeys.warehouse.readers import is_being_read
from journeys.warehouse.runs import KEPT

_HISTORIES = {"person_aliases": "changed_at", "runs": "started_at"}
_ROW_LIMITS = {"events", "contact_rows", "rejected_events"}


def remove_expired(night: Night, store: Store, *, as_of_us: int, started_at: datetime) -> tuple[Store, list[Removed]]:
    """Remove what is older than [retention] allows, and touch what depended on it.

    Stored files are written again beside the old ones; they count once the store is committed. The snapshot of an
    earlier night leaves the store alone.

    Args:
        night: the snapshot being made, its rows judged and nothing else done.
        store: the stored rows.
        as_of_us: the end of observation, from whose calendar day days are counted back.
        started_at: start of the run.

    Returns:
        The store, not committed, and what was removed.
    """
    settings = night.settings
    cutoffs = find_cutoffs(settings.retention, as_of_us, timezone=settings.project.timezone)
    night.edges_since_us = cutoffs.get("identity_edges")
    until_us = night.until_us
    loads = (load for load in store.loads if until_us is None or load.loaded_at_us <= until_us)
    grown = replace(store, loads=tuple(loads))
    removed: list[Removed] = []
    if cutoffs:
        at_us = int(started_at.timestamp() * US_PER_SECOND)
        with night.engine.scratch() as engine:
            grown, counts = _remove_rows(night, engine, grown, cutoffs)
            counts += [*_touch_edges(night, engine), *_trim_histories(engine, cutoffs)]
            _touch_revived_edges(night, engine)
        removed = [Removed(at_us, what, source, cutoffs[limit], n) for what, limit, source, n in counts if n]
    # Histories are small tables of their own: a line less of them rewrites nothing else.
    if any(each.what not in _HISTORIES for each in removed):
        night.is_reduced = True
        summarise(night)
    kept = [each for each in grown.removed if each.removed_at_us >= cutoffs.get("runs", each.removed_at_us)]
    grown = replace(grown, removed=(*kept, *removed))
    _show(night.engine, grown)
    return (grown if until_us is None else store), removed


def remove_earlier(settings: Settings, *, as_of_us: int) -> list[str]:
    """Remove snapshots of reproduced nights that hold rows which are too old; return their names.

    Nothing else removes them; those that were published go as newer ones come. One of another schema version, which
    nobody can read any more, goes too.
    """
    cutoffs = find_cutoffs(settings.retention, as_of_us, timezone=settings.project.timezone)
    removed = []
    for snapshot in list_snapshots(settings.warehouse.path) if cutoffs.keys() & _ROW_LIMITS else ():
        if not snapshot.is_of_an_earlier_night or is_being_read(snapshot.folder):
            continue
        if not snapshot.is_of_this_version or _holds_older(snapshot, settings, cutoffs):
            shutil.rmtree(snapshot.folder, ignore_errors=True)
            removed.append(snapshot.manifest.snapshot_id)
    return removed


def _holds_older(snapshot: Snapshot, settings: Settings, cutoffs: Mapping[str, int]) -> bool:
    refused = f"loaded_at_us < {cutoffs['rejected_events']}" if "rejected_events" in cutoffs else "FALSE"
    with Engine(memory_limit=settings.warehouse.memory_limit) as engine:
        engine.attach(snapshot.results, name="earlier")
        return bool(
            engine.value(f"SELECT COUNT(*) FROM {KEPT}.accepted_rows WHERE {is_too_old(cutoffs)}")
            or engine.value(f"SELECT COUNT(*) FROM {KEPT}.rejected_events WHERE {refused}")
        )


def _remove_rows(
    night: Night, engine: Engine, store: Store, cutoffs: Mapping[str, int]
) -> tuple[Store, list[tuple[str, str, str, int]]]:
    sources = [source.name for source in night.settings.sources]
    engine.save(
        "expired_rows",
        f"SELECT event_id, source, is_event, stream_id, device_id, user_id FROM {KEPT}.accepted_rows "
        f"WHERE {is_too_old(cutoffs)}",
    )
    engine.save("known_rejects", f"SELECT {PLACE} FROM {KEPT}.rejected_events")
    find_leaving(engine, store, sources, cutoffs)
    repeating = [row[0] for row in engine.rows(f"SELECT source FROM {KEPT}.repeated_rows")]
    heir_count = find_heirs(engine, store, repeating, cutoffs, until_us=night.until_us)
    counts = [*_count(engine, sources, cutoffs)]
    if not counts:
        return store, []
    _take_from_counts(night, engine, sources, has_heirs=heir_count > 0)
    _take_from_tables(night, engine)
    grown = write_without(engine, store) if night.until_us is None else store
    if heir_count:
        judge_again(night, engine, "heirs")
    return grown, counts


def _count(engine: Engine, sources: list[str], cutoffs: Mapping[str, int]) -> Iterator[tuple[str, str, str, int]]:
    """Yield what leaves, the limit it has passed, its source, and how many rows."""
    limits = "CASE WHEN is_event THEN 'events' ELSE 'contact_rows' END"
    rows = engine.rows(f"SELECT source, {limits}, COUNT(*) FROM expired_rows GROUP BY ALL ORDER BY ALL")
    expired = {source: count for source, _, count in rows}
    for source, limit, count in rows:
        yield limit, limit, source, count
    leaving = engine.rows(
        f"SELECT source, is_reject, CASE WHEN is_by_load THEN 'rejected_events' ELSE {limits} END, COUNT(*) "
        "FROM leaving_rows GROUP BY ALL ORDER BY ALL"
    )
    for source, is_reject, limit, count in leaving:
        if source not in sources:
            yield "rows of no source", limit if limit in cutoffs else "contact_rows", source, count
        elif is_reject:
            yield "rejected_events", limit, source, count
        else:
            yield "repeats", limit, source, count - expired.get(source, 0)


def _take_from_counts(night: Night, engine: Engine, sources: list[str], *, has_heirs: bool) -> None:
    """Take the rows that leave out of what is added up over all nights; heirs are counted again when judged."""
    heirs = f"UNION ALL SELECT {NARROW}, FALSE AS is_reject FROM heirs" if has_heirs else ""
    engine.save(
        "landed_rows",
        f"SELECT {NARROW}, is_reject FROM leaving_rows WHERE list_contains($sources, source) {heirs}",
        {"sources": sources},
    )
    engine.save("less_source_counts", "SELECT source, COUNT(*) AS less FROM landed_rows GROUP BY source")
    engine.save(
        "less_repeated_rows",
        """
        SELECT source, COUNT(*) - COALESCE(MIN(expired_count), 0) AS less FROM landed_rows
        LEFT JOIN (SELECT source, COUNT(*) AS expired_count FROM expired_rows GROUP BY source) AS expired USING (source)
        WHERE NOT is_reject GROUP BY source
        """,
    )
    count_blocked(engine, night.settings.identity)
    engine.save("less_blocked_identifiers", "SELECT * RENAME (row_count AS less) FROM temp.blocked_identifiers")
    counted = {
        "source_counts": ("source", "read_count"),
        "repeated_rows": ("source", "duplicate_count"),
        "blocked_identifiers": ("identifier_kind, given_value, source, reason", "row_count"),
    }
    for name, (key, count) in counted.items():
        engine.run(
            f"""
            CREATE OR REPLACE TABLE {KEPT}.{name} AS
            SELECT * EXCLUDE (less) REPLACE (CAST({count} - COALESCE(less, 0) AS BIGINT) AS {count})
            FROM {KEPT}.{name} LEFT JOIN less_{name} USING ({key})
            WHERE {count} > COALESCE(less, 0)
            """
        )


def _take_from_tables(night: Night, engine: Engine) -> None:
    """Replace the rows that leave by nothing, and touch the identifiers and streams they stood for."""
    engine.save("expired_identifiers", f"SELECT * FROM {KEPT}.row_identifiers SEMI JOIN expired_rows USING (event_id)")
    if not night.rebuild.identity:
        gone = IDENTIFIERS.format(rows="expired_rows", further="expired_identifiers")
        night.touch(engine, "touched_identifiers", gone)
    if not night.rebuild.streams:
        night.touch(engine, "touched_streams", "SELECT stream_id FROM expired_rows")
    # What leaves may have been written tonight.
    night.runs.begin_run()
    for name in EVENT_ROW_TABLES:
        night.runs.replace(engine, name, "SELECT event_id FROM expired_rows")
    night.runs.replace(engine, "rejected_events", f"SELECT {PLACE} FROM leaving_rows WHERE is_reject")


def _touch_edges(night: Night, engine: Engine) -> Iterator[tuple[str, str, str, int]]:
    """Touch both ends of links that were last seen too long ago: they are no evidence any more."""
    if night.rebuild.identity or night.edges_since_us is None:
        return
    engine.save(
        "stale_edges",
        f"SELECT a_kind, a_value, b_kind, b_value, source FROM {KEPT}.identity_edges "
        f"WHERE last_seen_us < {night.edges_since_us}",
    )
    ends = "SELECT {0}_kind AS identifier_kind, {0}_value AS identifier_value FROM stale_edges"
    night.touch(engine, "touched_identifiers", f"{ends.format('a')} UNION {ends.format('b')}")
    for source, count in engine.rows("SELECT source, COUNT(*) FROM stale_edges GROUP BY source ORDER BY source"):
        yield "identity_edges", "identity_edges", source, count


def _touch_revived_edges(night: Night, engine: Engine) -> None:
    """Touch the identifiers of rows whose links count again: `as_of` has gone back, and the limit with it."""
    former_us = night.former_as_of_us
    if night.rebuild.identity or night.edges_since_us is None or former_us is None:
        return
    settings = night.settings
    before = find_cutoffs(settings.retention, former_us, timezone=settings.project.timezone)["identity_edges"]
    if before <= night.edges_since_us:
        return
    engine.save(
        "revived_rows",
        f"SELECT event_id, device_id, user_id FROM {KEPT}.accepted_rows "
        f"WHERE occurred_at_us >= {night.edges_since_us} AND occurred_at_us < {before}",
    )
    engine.save("revived_identifiers", f"SELECT * FROM {KEPT}.row_identifiers SEMI JOIN revived_rows USING (event_id)")
    night.touch(engine, "touched_identifiers", IDENTIFIERS.format(rows="revived_rows", further="revived_identifiers"))


def _trim_histories(engine: Engine, cutoffs: Mapping[str, int]) -> Iterator[tuple[str, str, str, int]]:
    for name, column in _HISTORIES.items():
        if name in cutoffs:
            old = f"{column} < make_timestamp({cutoffs[name]})"
            count = int(engine.value(f"SELECT COUNT(*) FROM {KEPT}.{name} WHERE {old}"))
            if count:
                engine.run(f"CREATE OR REPLACE TABLE {KEPT}.{name} AS SELECT * FROM {KEPT}.{name} WHERE NOT ({old})")
            yield name, name, "", count


def _show(engine: Engine, store: Store) -> None:
    """Write `removed_rows`, the record of what was removed, for readers of the snapshot."""
    columns = {"removed_at_us": "int64", "what": "str", "source": "str", "older_than_us": "int64", "row_count": "int64"}
    frame = pd.DataFrame([asdict(each) for each in store.removed], columns=list(columns)).astype(columns)
    times = "make_timestamp(removed_at_us) AS removed_at, what, source, make_timestamp(older_than_us) AS older_than"
    with engine.scratch() as scratch:
        scratch.load("removed", frame)
        scratch.run(f"CREATE OR REPLACE TABLE main.removed_rows AS SELECT {times}, row_count FROM removed")
