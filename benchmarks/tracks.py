"""The five-step ordered funnel within 7 days, every way side by side, at growing sizes.

Usage: python benchmarks/tracks.py [EVENTS ...]   (default 1,000,000 3,000,000)

"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from math import log
from pathlib import Path
from types import ModuleType

import chdb
import duckdb
import numpy as np
from chdb import session as chdb_session
from compare import Comparison, compare
from synthetic_log import CHANNELS, FIRST_MS, NAMES, STEPS, write_log

from journeys.insights.funnels.compiled import compiled_walk
from journeys.insights.funnels.matching import Ints

DAYS = 7
WINDOW_MS = DAYS * 86_400_000
WINDOW_US = WINDOW_MS * 1_000
# 41 bits of milliseconds are 69 years; two million persons of them fit beside a sign.
TIME_BITS = 41
ORDERED, BEST, TOGETHER = 0, 0, 0
Track = dict[str, Callable[[], list[int]]]
_LISTED = ", ".join(f"'{name}'" for name in STEPS)
_STEP = " ".join(["CASE event", *(f"WHEN '{name}' THEN {k}" for k, name in enumerate(STEPS, 1)), "END"])
_MASK = " ".join(["CASE event", *(f"WHEN '{name}' THEN {1 << k}" for k, name in enumerate(STEPS)), "END"])


def prepare_duckdb(source: Path) -> duckdb.DuckDBPyConnection:
    """Store the events sorted by person and time, names and channels as codes."""
    store = duckdb.connect()
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
    # What streams through the store without a sort relies on this order.
    late = store.execute("SELECT COUNT(*) FROM (SELECT k, LAG(k) OVER () AS before FROM events) WHERE k < before")
    assert late.fetchall() == [(0,)], "the store is not in order"
    return store


def prepare_clickhouse(source: Path) -> chdb_session.Session:
    """Store the events in a MergeTree sorted by person and time, and merge its parts."""
    store = chdb_session.Session()
    store.query("CREATE DATABASE IF NOT EXISTS tracks ENGINE = Atomic")
    store.query("DROP TABLE IF EXISTS tracks.events")
    store.query(
        "CREATE TABLE tracks.events (user_id UInt32, ms UInt64, event LowCardinality(String), "
        "channel LowCardinality(String), event_id UInt64) ENGINE = MergeTree ORDER BY (user_id, ms, event_id)"
    )
    store.query(
        "INSERT INTO tracks.events SELECT user_id, toUnixTimestamp64Milli(toDateTime64(ts, 3)), event, channel, "
        f"event_id FROM file('{source}', Parquet)"
    )
    store.query("OPTIMIZE TABLE tracks.events FINAL")
    return store


def walk_rows(person: Ints, times: Ints, mask: Ints, window: int) -> list[int]:
    """Walk rows in the order of person and time; count the persons who reach each step."""
    entered = person[mask & 1 == 1]
    room = int(np.count_nonzero(np.diff(entered))) + 1
    heads, _, found = compiled_walk()(person, times, mask, len(STEPS), ORDERED, BEST, TOGETHER, window, None, room)
    return add_up(np.bincount(heads[:found, 2], minlength=len(STEPS) + 1))


def add_up(levels: Ints | Mapping[int, int]) -> list[int]:
    """Turn persons per deepest step into persons who reached each step."""
    of = levels.get if isinstance(levels, Mapping) else lambda level, _: int(levels[level])
    exactly = [of(level, 0) for level in range(1, len(STEPS) + 1)]
    return [sum(exactly[place:]) for place in range(len(STEPS))]


def make_ours(store: duckdb.DuckDBPyConnection) -> Callable[[], list[int]]:
    """Our compiled pass over the sorted store; rows of one time may stand in any order."""
    codes = [NAMES.index(step) for step in STEPS]
    bits = np.zeros(len(NAMES), np.int64)
    bits[codes] = 1 << np.arange(len(STEPS))
    # Compared as codes and one by one, for names are compared as texts and a long IN becomes a join; the last name of
    # the steps, in the order of the type, lets the scan itself pass over most of the rest.
    tests = " OR ".join(f"ENUM_CODE(event) = {code}" for code in codes)
    select = (
        f"SELECT k, ENUM_CODE(event) AS code FROM events WHERE event <= '{NAMES[max(codes)]}'::event_name AND ({tests})"
    )

    def count() -> list[int]:
        columns = store.sql(select).to_arrow_table()
        k, mask = columns["k"].to_numpy(), bits[columns["code"].to_numpy()]
        # A filtered scan of a sorted table comes in a few pieces that may change places: a sort by merging runs.
        if np.any(k[1:] < k[:-1]):
            order = np.argsort(k, kind="stable")
            k, mask = k[order], mask[order]
        # Of one person k grows as the time does, so that it serves as the time.
        return walk_rows(k >> TIME_BITS, k, mask, WINDOW_MS)

    return count


def make_ours_raw(source: Path) -> Callable[[], list[int]]:
    """Our compiled pass over the matching rows of the file, sorted on the way."""
    select = f"""
        SELECT CAST(user_id AS BIGINT) AS person, EPOCH_US(ts) AS us, CAST({_MASK} AS BIGINT) AS mask
        FROM '{source}' WHERE event IN ({_LISTED}) ORDER BY person, us
    """

    def count() -> list[int]:
        columns = duckdb.connect().execute(select).fetchnumpy()
        return walk_rows(columns["person"], columns["us"], columns["mask"], WINDOW_US)

    return count


def make_clickhouse(store: chdb_session.Session, rows: str, time_ms: str) -> Callable[[], list[int]]:
    """ClickHouse's own windowFunnel, over its store or over the file."""
    conditions = ", ".join(f"event = '{step}'" for step in STEPS)
    text = f"""
        SELECT level, count() FROM (
          SELECT windowFunnel({WINDOW_MS})({time_ms}, {conditions}) AS level
          FROM {rows} WHERE event IN ({_LISTED}) GROUP BY user_id
        ) GROUP BY level FORMAT TSV
    """

    def count() -> list[int]:
        lines = str(store.query(text)).strip().splitlines()
        return add_up({int(level): int(persons) for level, persons in (line.split("\t") for line in lines)})

    return count


def make_streaming_sql(store: duckdb.DuckDBPyConnection) -> Callable[[], list[int]]:
    """DuckDB's windows without PARTITION BY, which stream through the sorted rows; per step its latest start.

    Rows of one time are put in the order of the steps, so that they may follow each other as `ties="together"` says.
    """
    inner = f"(SELECT k, CAST({_STEP} AS TINYINT) AS st FROM events WHERE event IN ({_LISTED}) ORDER BY k, st)"
    starts = "k, st"
    for place in range(1, len(STEPS)):
        met = "st = 1" if place == 1 else f"st = {place} AND k - m{place - 1} <= {WINDOW_MS}"
        start = "k" if place == 1 else f"m{place - 1}"
        inner = (
            f"(SELECT {starts}, MAX(CASE WHEN {met} THEN {start} END) OVER (ROWS UNBOUNDED PRECEDING) AS m{place} "
            f"FROM {inner})"
        )
        starts += f", m{place}"
    levels = " ".join(f"WHEN st = {k} AND k - m{k - 1} <= {WINDOW_MS} THEN {k}" for k in range(len(STEPS), 1, -1))
    text = f"""
        SELECT level, COUNT(*) FROM (
          SELECT MAX(CASE {levels} WHEN st = 1 THEN 1 ELSE 0 END) AS level FROM {inner} GROUP BY k >> {TIME_BITS}
        ) GROUP BY level
    """
    return lambda: add_up(dict(store.execute(text).fetchall()))


def make_asof_sql(source: Path) -> Callable[[], list[int]]:
    """DuckDB's ASOF joins over the file: to each row of a step the latest start that reaches the step before."""
    chains = ["c1 AS (SELECT u, t, t AS m FROM b WHERE st = 1)"]
    chains += [
        f"c{k} AS (SELECT b.u, b.t, MAX(c.m) AS m FROM b ASOF JOIN c{k - 1} c ON b.u = c.u AND b.t >= c.t "
        f"WHERE b.st = {k} AND b.t - c.m <= {WINDOW_MS} GROUP BY 1, 2)"
        for k in range(2, len(STEPS) + 1)
    ]
    every = " UNION ALL ".join(f"SELECT u, {k} AS level FROM c{k}" for k in range(1, len(STEPS) + 1))
    text = f"""
        WITH b AS MATERIALIZED (
          SELECT DISTINCT user_id AS u, EPOCH_MS(ts) AS t, CAST({_STEP} AS TINYINT) AS st
          FROM '{source}' WHERE event IN ({_LISTED})
        ), {", ".join(chains)}
        SELECT level, COUNT(*) FROM (SELECT u, MAX(level) AS level FROM ({every}) GROUP BY u) GROUP BY level
    """
    return lambda: add_up(dict(duckdb.connect().execute(text).fetchall()))


def make_polars(source: Path, polars: ModuleType) -> Callable[[], list[int]]:
    """Polars over the file: per step the latest start, carried forward over the person's rows in order."""
    pl = polars
    codes = {name: place for place, name in enumerate(STEPS, 1)}

    def count() -> list[int]:
        rows = (
            pl.scan_parquet(source)
            .filter(pl.col("event").is_in(list(STEPS)))
            .select(
                pl.col("user_id").alias("u"),
                pl.col("ts").dt.epoch("ms").alias("t"),
                pl.col("event").replace_strict(codes, return_dtype=pl.Int8).alias("st"),
            )
            .sort("u", "t", "st")
        )
        start = pl.when(pl.col("st") == 1).then(pl.col("t"))
        for place in range(2, len(STEPS) + 1):
            rows = rows.with_columns(start.forward_fill().over("u").alias(f"m{place - 1}"))
            before = pl.col(f"m{place - 1}")
            start = pl.when((pl.col("st") == place) & (pl.col("t") - before <= WINDOW_MS)).then(before)
        rows = rows.with_columns(start.alias(f"m{len(STEPS)}"))
        level = pl.when(pl.col("st") == 1).then(1).otherwise(0)
        for place in range(2, len(STEPS) + 1):
            before = pl.col(f"m{place - 1}")
            level = pl.when((pl.col("st") == place) & (pl.col("t") - before <= WINDOW_MS)).then(place).otherwise(level)
        found = rows.group_by("u").agg(level.max().alias("level")).group_by("level").len().collect()
        return add_up(dict(found.iter_rows()))

    return count


def find_optional(name: str) -> ModuleType | None:
    """Import a peer that is no dependency of the product, or say that it is not there."""
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"{name}: not installed")
        return None


def measure(count: int, folder: Path, rounds: int) -> dict[str, float]:
    """Compare both tracks at one size; return the seconds of each candidate by track and name."""
    source = folder / f"events_{count}.parquet"
    write_log(source, count)
    started = time.perf_counter()
    store = prepare_duckdb(source)
    built = time.perf_counter()
    clickhouse = prepare_clickhouse(source)
    print(f"\n{count:,} events; store built in {built - started:.1f} s, "
          f"MergeTree in {time.perf_counter() - built:.1f} s")  # fmt: skip
    prepared: Track = {
        "compiled pass": make_ours(store),
        "ClickHouse MergeTree": make_clickhouse(clickhouse, "tracks.events", "ms"),
        "DuckDB streaming windows": make_streaming_sql(store),
    }
    raw: Track = {
        "compiled pass": make_ours_raw(source),
        "ClickHouse on the file": make_clickhouse(
            clickhouse, f"file('{source}', Parquet)", "toUInt64(toUnixTimestamp64Milli(toDateTime64(ts, 3)))"
        ),
        "DuckDB ASOF chain": make_asof_sql(source),
    }
    if polars := find_optional("polars"):
        raw["Polars"] = make_polars(source, polars)
    seconds: dict[str, float] = {}
    for title, track in (("prepared store", prepared), ("raw Parquet", raw)):
        found = compare(f"funnel, {title}, {count:,} events", track, same=lambda a, b: a == b, rounds=rounds)
        print(found)
        seconds |= keep_seconds(title, found)
    clickhouse.close()
    store.close()
    source.unlink()
    return seconds


def keep_seconds(title: str, found: Comparison) -> dict[str, float]:
    """Return the fastest round of each candidate, which other work on the machine disturbs least."""
    return {f"{title}, {timing.name}": min(timing.seconds) for timing in found.timings}


def main() -> None:
    """Print the comparisons, and how each candidate grows from the smallest size to the largest."""
    sizes = sorted(int(text.replace(",", "").replace("_", "")) for text in sys.argv[1:]) or [1_000_000, 3_000_000]
    print(f"chdb {chdb.__version__}, duckdb {duckdb.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        found = {count: measure(count, Path(folder), rounds=5) for count in sizes}
    small, large = sizes[0], sizes[-1]
    if small == large:
        return
    print(f"\ngrowth from {small:,} to {large:,} events: cost is events to the power of")
    for name, seconds in found[large].items():
        print(f"  {name:<40} {log(seconds / found[small][name]) / log(large / small):.2f}")


if __name__ == "__main__":
    main()
