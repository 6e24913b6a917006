"""Path edges as others count them: the first 8 steps of a session, repeats collapsed, by position and pair of steps.

Checksums: how many different edges, sum of their counts, of the squares, and of count times position.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import duckdb
from chdb import session as chdb_session
from session_peers import GAP_MS

POSITIONS = 7
Count = Callable[[], list[int]]
_SUMS = """COUNT(*), CAST(SUM(n) AS BIGINT), CAST(SUM(n * n) AS BIGINT), CAST(SUM(n * position) AS BIGINT)"""


def make_clickhouse(store: chdb_session.Session, rows: str) -> Count:
    """ClickHouse's windows, which read its store in order; faster than its arrays there and on a file."""
    ordered = "PARTITION BY user_id ORDER BY ms, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    text = f"""
        SELECT count(), sum(n), sum(n * n), sum(n * position) FROM (
          SELECT position, from_event, event, count() AS n FROM (
            SELECT event, lagInFrame(event) OVER own AS from_event,
              place - max(if(is_start, place, 0)) OVER own AS position
            FROM (
              SELECT user_id, ms, event_id, event, is_start, row_number() OVER own AS place
              FROM (
                SELECT user_id, ms, event_id, event, lagInFrame(event) OVER own AS event_before,
                  row_number() OVER own = 1 OR ms - lagInFrame(ms) OVER own > {GAP_MS} AS is_start
                FROM {rows} WINDOW own AS ({ordered})
              ) WHERE is_start OR event <> event_before
              WINDOW own AS ({ordered})
            ) WINDOW own AS ({ordered})
          ) WHERE position BETWEEN 1 AND {POSITIONS} GROUP BY position, from_event, event
        ) FORMAT TSV
    """
    return lambda: [int(number) for number in str(store.query(text)).split()]


def make_streaming_sql(store: duckdb.DuckDBPyConnection) -> Count:
    """DuckDB's windows without PARTITION BY, which stream through the sorted store."""
    text = f"""
        WITH paired AS (SELECT k, event, LAG(k) OVER () AS before, LAG(event) OVER () AS event_before FROM events),
        steps AS (
          SELECT event, before IS NULL OR k - before > {GAP_MS} AS is_start, ROW_NUMBER() OVER () AS place
          FROM paired WHERE before IS NULL OR k - before > {GAP_MS} OR event <> event_before
        ),
        placed AS (
          SELECT event, LAG(event) OVER () AS from_event,
            place - MAX(CASE WHEN is_start THEN place END) OVER (ROWS UNBOUNDED PRECEDING) AS position
          FROM steps
        ),
        edges AS (
          SELECT position, COUNT(*) AS n FROM placed
          WHERE position BETWEEN 1 AND {POSITIONS} GROUP BY position, from_event, event
        )
        SELECT {_SUMS} FROM edges
    """
    return lambda: list(store.execute(text).fetchall()[0])


def make_windows_sql(source: Path) -> Count:
    """DuckDB's windows over the file: they sort once, for all have the same order."""
    ordered = "PARTITION BY user_id ORDER BY ts, event_id"
    text = f"""
        WITH paired AS (
          SELECT user_id, ts, event_id, event, LAG(event) OVER own AS event_before,
            EPOCH_MS(ts) - LAG(EPOCH_MS(ts)) OVER own AS pause
          FROM '{source}' WINDOW own AS ({ordered})
        ),
        steps AS (
          SELECT user_id, ts, event_id, event, pause IS NULL OR pause > {GAP_MS} AS is_start
          FROM paired WHERE pause IS NULL OR pause > {GAP_MS} OR event <> event_before
        ),
        numbered AS (
          SELECT user_id, ts, event_id, event, is_start, LAG(event) OVER own AS from_event,
            ROW_NUMBER() OVER own AS place
          FROM steps WINDOW own AS ({ordered})
        ),
        placed AS (
          SELECT event, from_event,
            place - MAX(CASE WHEN is_start THEN place END) OVER (own ROWS UNBOUNDED PRECEDING) AS position
          FROM numbered WINDOW own AS ({ordered})
        ),
        edges AS (
          SELECT position, COUNT(*) AS n FROM placed
          WHERE position BETWEEN 1 AND {POSITIONS} GROUP BY position, from_event, event
        )
        SELECT {_SUMS} FROM edges
    """
    return lambda: list(duckdb.connect().execute(text).fetchall()[0])


def make_polars(source: Path, polars: ModuleType) -> Count:
    """Polars over the file: sort, leave out repeats, number the steps of a session from its start."""
    pl = polars

    def count() -> list[int]:
        rows = (
            pl.scan_parquet(source)
            .select("user_id", pl.col("ts").dt.epoch("ms").alias("t"), "event_id", pl.col("event").cast(pl.Categorical))
            .sort("user_id", "t", "event_id")
        )
        is_start = (pl.col("user_id") != pl.col("user_id").shift()) | (pl.col("t").diff() > GAP_MS)
        steps = (
            rows.with_columns(is_start.fill_null(value=True).alias("start"))
            .filter(pl.col("start") | (pl.col("event") != pl.col("event").shift()))
            .select("event", pl.col("event").shift().alias("before"), "start")
            .with_row_index("place")
        )
        first = pl.when(pl.col("start")).then(pl.col("place")).forward_fill()
        edges = (
            steps.with_columns((pl.col("place") - first).cast(pl.Int64).alias("position"))
            .filter(pl.col("position").is_between(1, POSITIONS))
            .group_by("position", "before", "event")
            .agg(pl.len().cast(pl.Int64).alias("n"))
        )
        n, position = pl.col("n"), pl.col("position")
        sums = edges.select(pl.len(), n.sum(), (n * n).sum().alias("squares"), (n * position).sum().alias("weighted"))
        return [int(number) for number in sums.collect().row(0)]

    return count
