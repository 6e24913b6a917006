"""Sessions (a pause of more than 30 minutes splits) as others count them.

Three sums: how many, their squared lengths, their durations. The squares see how events are shared out, the durations
(milliseconds) where sessions begin and end.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import duckdb
from chdb import session as chdb_session
from funnel_peers import TIME_BITS

GAP_MS = 1_800_000
Count = Callable[[], list[int]]


def make_clickhouse(store: chdb_session.Session, rows: str) -> Count:
    """ClickHouse's arrays: a user's times in order, the pauses that split, and the lengths between them."""
    text = f"""
        SELECT sum(length(splits) + 1), sum(arraySum(n -> n * n, lengths)),
          sum(times[-1] - times[1] - arraySum(arrayFilter(pause -> pause > {GAP_MS}, pauses)))
        FROM (
          SELECT arraySort(groupArray(toInt64(ms))) AS times, arrayDifference(times) AS pauses,
            arrayFilter((place, pause) -> pause > {GAP_MS}, arrayEnumerate(times), pauses) AS splits,
            arrayDifference(arrayConcat([1], splits, [length(times) + 1])) AS lengths
          FROM {rows} GROUP BY user_id
        ) FORMAT TSV
    """
    return lambda: [int(number) for number in str(store.query(text)).split()]


def make_streaming_sql(store: duckdb.DuckDBPyConnection) -> Count:
    """DuckDB's windows without PARTITION BY over the store: the rows that begin a session, their distance."""
    text = f"""
        WITH paired AS (SELECT k, LAG(k) OVER () AS before, ROW_NUMBER() OVER () AS place FROM events),
        starts AS (
          SELECT k, place, LEAD(place) OVER () AS next_place, LEAD(before) OVER () AS last_k
          FROM paired WHERE before IS NULL OR k - before > {GAP_MS}
        ),
        ends AS (SELECT MAX(k) AS last_k, COUNT(*) + 1 AS next_place FROM events),
        lengths AS (
          SELECT COALESCE(starts.next_place, ends.next_place) - starts.place AS n,
            COALESCE(starts.last_k, ends.last_k) - starts.k AS duration
          FROM starts CROSS JOIN ends
        )
        SELECT COUNT(*), CAST(SUM(n * n) AS BIGINT), CAST(SUM(duration) AS BIGINT) FROM lengths
    """
    return lambda: list(store.execute(text).fetchall()[0])


def make_lists_sql(source: Path) -> Count:
    """DuckDB's lists over the file: a user's times in order, cut where a pause splits."""
    text = f"""
        WITH users AS (SELECT LIST_SORT(LIST(EPOCH_MS(ts))) AS times FROM '{source}' GROUP BY user_id),
        split AS (
          SELECT times, LIST_CONCAT(
            [1], LIST_FILTER(RANGE(2, LEN(times) + 1), lambda i: times[i] - times[i - 1] > {GAP_MS}), [LEN(times) + 1]
          ) AS firsts FROM users
        ),
        cut AS (SELECT times, firsts, UNNEST(RANGE(1, LEN(firsts))) AS i FROM split)
        SELECT COUNT(*), CAST(SUM((firsts[i + 1] - firsts[i]) * (firsts[i + 1] - firsts[i])) AS BIGINT),
          CAST(SUM(times[firsts[i + 1] - 1] - times[firsts[i]]) AS BIGINT) FROM cut
    """
    return lambda: list(duckdb.connect().execute(text).fetchall()[0])


def make_polars(source: Path, polars: ModuleType) -> Count:
    """Polars over the file: sort, number the sessions by running sum, group by the number."""
    pl = polars

    def count() -> list[int]:
        rows = pl.scan_parquet(source).select("user_id", pl.col("ts").dt.epoch("ms").alias("t")).sort("user_id", "t")
        is_split = (pl.col("user_id") != pl.col("user_id").shift()) | (pl.col("t").diff() > GAP_MS)
        lengths = (
            rows.with_columns(is_split.fill_null(value=True).cum_sum().alias("session"))
            .group_by("session")
            .agg(pl.len().cast(pl.Int64).alias("n"), (pl.col("t").last() - pl.col("t").first()).alias("duration"))
        )
        sums = lengths.select(pl.len(), (pl.col("n") * pl.col("n")).sum().alias("squares"), pl.col("duration").sum())
        return [int(number) for number in sums.collect().row(0)]

    return count


assert GAP_MS < 1 << TIME_BITS, "the keys of two users are further apart than any pause inside a session"
