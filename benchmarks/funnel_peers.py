"""The five-step ordered funnel as others count it: ClickHouse, DuckDB SQL, Polars where it is installed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import duckdb
from chdb import session as chdb_session
from synthetic_log import STEPS

from journeys.insights.funnels.matching import Ints

DAYS = 7
WINDOW_MS = DAYS * 86_400_000
WINDOW_US = WINDOW_MS * 1_000
# 41 bits of milliseconds are 69 years; two million persons of them fit beside a sign.
TIME_BITS = 41
LISTED = ", ".join(f"'{name}'" for name in STEPS)
STEP = " ".join(["CASE event", *(f"WHEN '{name}' THEN {k}" for k, name in enumerate(STEPS, 1)), "END"])


def add_up(levels: Ints | Mapping[int, int]) -> list[int]:
    """Turn persons per deepest step into persons who reached each step."""
    of = levels.get if isinstance(levels, Mapping) else lambda level, _: int(levels[level])
    exactly = [of(level, 0) for level in range(1, len(STEPS) + 1)]
    return [sum(exactly[place:]) for place in range(len(STEPS))]


def make_clickhouse(store: chdb_session.Session, rows: str) -> Callable[[], list[int]]:
    """ClickHouse's own windowFunnel, over its store or over the file."""
    conditions = ", ".join(f"event = '{step}'" for step in STEPS)
    text = f"""
        SELECT level, count() FROM (
          SELECT windowFunnel({WINDOW_MS})(ms, {conditions}) AS level
          FROM {rows} WHERE event IN ({LISTED}) GROUP BY user_id
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
    inner = f"(SELECT k, CAST({STEP} AS TINYINT) AS st FROM events WHERE event IN ({LISTED}) ORDER BY k, st)"
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
          SELECT DISTINCT user_id AS u, EPOCH_MS(ts) AS t, CAST({STEP} AS TINYINT) AS st
          FROM '{source}' WHERE event IN ({LISTED})
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
