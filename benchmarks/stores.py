"""The stores of the prepared tracks: events sorted by person and time in DuckDB and in ClickHouse's MergeTree."""

from __future__ import annotations

from pathlib import Path

import duckdb
from chdb import session as chdb_session
from funnel_peers import TIME_BITS
from synthetic_log import CHANNELS, FIRST_MS, NAMES


def open_duckdb(source: Path) -> duckdb.DuckDBPyConnection:
    """Store the events sorted by person and time, names and channels as codes."""
    store = duckdb.connect()
    fill_duckdb(store, source)
    # What streams through the store without a sort relies on this order.
    late = store.execute("SELECT COUNT(*) FROM (SELECT k, LAG(k) OVER () AS before FROM events) WHERE k < before")
    assert late.fetchall() == [(0,)], "the store is not in order"
    return store


def fill_duckdb(store: duckdb.DuckDBPyConnection, source: Path) -> None:
    """Write the table `events`: k (the person's number, then milliseconds), event, channel, event_id."""
    for kind, names in (("event_name", NAMES), ("channel_name", CHANNELS)):
        store.execute(f"CREATE TYPE {kind} AS ENUM ({', '.join(map(repr, names))})")
    store.execute(f"""
        CREATE TABLE events AS
        WITH persons AS (
          SELECT user_id, CAST(ROW_NUMBER() OVER (ORDER BY user_id) AS BIGINT) AS person
          FROM (SELECT DISTINCT user_id FROM '{source}')
        )
        SELECT (person << {TIME_BITS}) + (EPOCH_MS(ts) - {FIRST_MS}) AS k,
          CAST(event AS event_name) AS event, CAST(channel AS channel_name) AS channel, event_id
        FROM '{source}' INNER JOIN persons USING (user_id) ORDER BY k, event_id
    """)


def fill_plainly(store: duckdb.DuckDBPyConnection, source: Path) -> None:
    """Write the table `events` as it is in the file, sorted by person, time and id."""
    store.execute(f"CREATE TABLE events AS SELECT * FROM '{source}' ORDER BY user_id, ts, event_id")


def open_clickhouse(source: Path) -> chdb_session.Session:
    """Store the events in a MergeTree sorted by person and time, and merge its parts."""
    store = chdb_session.Session()
    store.query("CREATE DATABASE IF NOT EXISTS tracks ENGINE = Atomic")
    fill_clickhouse(store, source)
    return store


def fill_clickhouse(store: chdb_session.Session, source: Path) -> None:
    """Write the table `tracks.events` anew."""
    store.query("DROP TABLE IF EXISTS tracks.events SYNC")
    store.query(
        "CREATE TABLE tracks.events (user_id UInt32, ms UInt64, event LowCardinality(String), "
        "channel LowCardinality(String), event_id UInt64) ENGINE = MergeTree ORDER BY (user_id, ms, event_id)"
    )
    store.query(
        "INSERT INTO tracks.events SELECT user_id, toUnixTimestamp64Milli(toDateTime64(ts, 3)), event, channel, "
        f"event_id FROM file('{source}', Parquet)"
    )
    store.query("OPTIMIZE TABLE tracks.events FINAL")


def show_file(source: Path) -> str:
    """Write the file as ClickHouse reads it, in the columns of its store; none is null, which spares it a mask."""
    columns = "user_id UInt32, ts DateTime64(6), event LowCardinality(String), event_id UInt64"
    time_ms = "toUInt64(toUnixTimestamp64Milli(toDateTime64(ts, 3)))"
    return f"(SELECT user_id, {time_ms} AS ms, event, event_id FROM file('{source}', Parquet, '{columns}'))"
