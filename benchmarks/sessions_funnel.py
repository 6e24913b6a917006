"""A log in memory to sessions, funnel and transitions, beside pandas and ClickHouse on the same rows.

Usage: python benchmarks/sessions_funnel.py [EVENTS]   (default 300,000; seeded)
"""

from __future__ import annotations

import sys

import chdb
import numpy as np
import pandas as pd
import pyarrow as pa
from chdb import session as chdb_session
from compare import compare

import journeys as jn

STEPS = ("home", "search", "product", "cart", "purchase")
WINDOW_SECONDS = 7 * 86_400
TIMEOUT_SECONDS = 1_800


def make_events(count: int) -> pd.DataFrame:
    """Persons with a skewed number of events, bursts and long pauses, and one gap in eight a tie."""
    random = np.random.default_rng(7)
    persons = np.sort(random.integers(0, count // 20, count) ** 2 % (count // 22))
    gaps = np.where(random.random(count) < 0.12, 0, random.exponential(40, count))
    gaps = np.where(random.random(count) < 0.15, random.exponential(86_400, count), gaps).astype("int64")
    seconds = pd.Series(gaps).groupby(persons).cumsum().to_numpy() + 1_767_225_600
    names = random.choice([*STEPS, "help", "account", "video"], count, p=[0.2, 0.15, 0.25, 0.06, 0.02, 0.12, 0.1, 0.1])
    frame = pd.DataFrame({"person": np.char.add("p", persons.astype(str)), "second": seconds, "event": names})
    return frame.sample(frac=1, random_state=7, ignore_index=True)


def count_sessions_with_pandas(events: pd.DataFrame) -> int:
    """Sort, take differences, count the gaps."""
    ordered = events.sort_values(["person", "second"], kind="stable")
    is_new = ordered["person"].ne(ordered["person"].shift()) | (ordered["second"].diff() > TIMEOUT_SECONDS)
    return int(is_new.sum())


def main() -> None:
    """Print the comparisons."""
    count = int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 300_000
    events = make_events(count)
    log = jn.from_events(events, person="person", occurred_at="second", event="event", unit="s")
    clickhouse = chdb_session.Session()
    clickhouse.query("CREATE DATABASE bench ENGINE = Atomic")
    clickhouse.query("CREATE TABLE bench.events (person String, second UInt64, event String) ENGINE = MergeTree "
                     "ORDER BY (person, second)")  # fmt: skip
    rows = pa.Table.from_pandas(events, preserve_index=False)  # noqa: F841 (chdb reads it by its name)
    clickhouse.query("INSERT INTO bench.events SELECT * FROM Python(rows)")
    conditions = ", ".join(f"event = '{step}'" for step in STEPS)
    windowed = f"""
        SELECT level, count() FROM (
          SELECT windowFunnel({WINDOW_SECONDS}, 'strict_once')(second, {conditions}) AS level
          FROM bench.events GROUP BY person
        ) GROUP BY level ORDER BY level FORMAT TSV
    """

    def funnel_with_clickhouse() -> list[int]:
        lines = str(clickhouse.query(windowed)).strip().splitlines()
        levels = {int(level): int(persons) for level, persons in (line.split("\t") for line in lines)}
        return [sum(n for level, n in levels.items() if level >= place) for place in range(1, len(STEPS) + 1)]

    def funnel_with_journeys() -> list[int]:
        return [int(count) for count in log.funnel(STEPS, window="7d").frame["reached_count"]]

    def read_log() -> int:
        frame = jn.from_events(events, person="person", occurred_at="second", event="event", unit="s")
        return len(frame.sessions().frame)

    def same(ours: object, theirs: object) -> bool:
        return ours == theirs

    print(f"{count:,} events, {events['person'].nunique():,} persons; chdb {chdb.__version__}\n")
    print(compare("rows to sessions", {"journeys": read_log, "pandas": lambda: count_sessions_with_pandas(events)},
                  same=same, rounds=3))  # fmt: skip
    print(compare("sessions of a loaded log", {"journeys": lambda: len(log.sessions().frame),
                  "pandas": lambda: count_sessions_with_pandas(events)}, same=same, rounds=5))  # fmt: skip
    candidates = {"journeys": funnel_with_journeys, "ClickHouse MergeTree": funnel_with_clickhouse}
    print(compare("five-step funnel of a loaded log", candidates, same=same, rounds=5))


if __name__ == "__main__":
    main()
