"""The log that the tracks are measured on, as a raw Parquet file in the order of arrival.

22.8 events a person (median 13, one in a hundred above 150), 60 event names, 20 channels; 12 % of the gaps are ties,
15 % last days; 2 % of the events arrive up to two days late. The same seed gives the same rows.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

STEPS = ("home", "search", "product", "add_to_cart", "checkout")
PER_PERSON, MEDIAN = 22.8, 13.0
TIE_SHARE, LONG_SHARE, LATE_SHARE = 0.12, 0.15, 0.02
FIRST_MS, SPREAD_MS, DAY_MS = 1_767_225_600_000, 60 * 86_400_000, 86_400_000
NAMES = (*STEPS, *(f"event_{place:02d}" for place in range(len(STEPS), 60)))
CHANNELS = tuple(f"channel_{place:02d}" for place in range(20))
_STEP_SHARES = (0.10, 0.08, 0.14, 0.04, 0.02)


def write_log(path: Path, count: int, *, seed: int = 7) -> None:
    """Write a log of so many events: `event_id`, `user_id`, `ts` (UTC), `event`, `channel`."""
    random = np.random.default_rng(seed)
    spread = np.sqrt(2 * np.log(PER_PERSON / MEDIAN))
    lengths = np.maximum(random.lognormal(np.log(MEDIAN), spread, int(count / PER_PERSON * 1.2) + 100), 1).astype(int)
    user = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)[:count]
    gaps = random.exponential(40_000, count)
    gaps = np.where(random.random(count) < LONG_SHARE, random.exponential(DAY_MS, count), gaps).astype(np.int64)
    gaps[random.random(count) < TIE_SHARE] = 0
    is_first = np.ones(count, bool)
    is_first[1:] = user[1:] != user[:-1]
    gaps[is_first] = random.integers(0, SPREAD_MS, int(is_first.sum()))
    total = np.cumsum(gaps)
    ms = total - np.repeat(total[is_first] - gaps[is_first], np.diff([*np.flatnonzero(is_first), count]))
    others = (1 - sum(_STEP_SHARES)) / (len(NAMES) - len(STEPS))
    events = random.choice(len(NAMES), count, p=[*_STEP_SHARES, *[others] * (len(NAMES) - len(STEPS))])
    late = np.where(random.random(count) < LATE_SHARE, random.integers(0, 2 * DAY_MS, count), 0)
    order = np.argsort(ms + late, kind="stable")
    rows = pa.table(
        {
            "event_id": np.arange(count, dtype=np.int64),
            "user_id": user[order],
            "ms": ms[order] + FIRST_MS,
            "event_code": events[order].astype(np.int8),
            "channel_code": random.integers(0, len(CHANNELS), count, dtype=np.int8),
        }
    )
    connection = duckdb.connect()
    connection.register("coded", rows)
    connection.execute(
        "COPY (SELECT event_id, user_id, MAKE_TIMESTAMP(ms * 1000) AS ts, "
        f"{list(NAMES)}[event_code + 1] AS event, {list(CHANNELS)}[channel_code + 1] AS channel FROM coded) "
        f"TO '{path}' (FORMAT parquet)"
    )
    connection.close()
