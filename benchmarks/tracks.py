"""Sessions, a five-step funnel within 7 days and path edges, each alone and all three, every way side by side.

Usage: python benchmarks/tracks.py [EVENTS ...] [--rounds N] [--builds N] [--only prepared|raw|build]
(default 1,000,000 3,000,000; 5 and 2)
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping
from math import log
from pathlib import Path

import chdb
import duckdb
import funnel_peers
import ours
import path_peers
import session_peers
from bare_pass import EDGES, EVERYTHING, FUNNEL, SESSIONS
from chdb import session as chdb_session
from compare import Comparison, compare
from stores import fill_clickhouse, fill_duckdb, fill_plainly, open_clickhouse, open_duckdb, show_file
from synthetic_log import write_log

Answer = dict[str, list[int]]
Candidates = dict[str, Callable[[], Answer]]
TASKS = {"sessions": SESSIONS, "funnel": FUNNEL, "edges": EDGES}
PEERS = {"sessions": session_peers, "funnel": funnel_peers, "edges": path_peers}


def name_answer(task: str, count: Callable[[], list[int]]) -> Callable[[], Answer]:
    """Give a peer's answer the name of its task, as ours have it."""
    return lambda: {task: count()}


def join_answers(parts: Mapping[str, Callable[[], Answer]]) -> Callable[[], Answer]:
    """Ask one task after the other: what a peer without a common pass does."""
    return lambda: {task: answer for part in parts.values() for task, answer in part().items()}


def add_sums(track: dict[str, Candidates], names: tuple[str, ...], own: Callable[[], Answer]) -> None:
    """Add the track of all three tasks: ours in one pass, each of these peers task by task."""
    track["all three"] = {"ours": own}
    for name in names:
        parts = {task: next(c for other, c in track[task].items() if other.startswith(name)) for task in TASKS}
        track["all three"][name] = join_answers(parts)


def prepared_track(store: duckdb.DuckDBPyConnection, clickhouse: chdb_session.Session) -> dict[str, Candidates]:
    """Return the candidates of each task over the sorted stores."""
    track: dict[str, Candidates] = {}
    for task, bit in TASKS.items():
        track[task] = {
            "ours": ours.make_ours(store, bit),
            "MergeTree": name_answer(task, PEERS[task].make_clickhouse(clickhouse, "tracks.events")),
            "DuckDB streaming windows": name_answer(task, PEERS[task].make_streaming_sql(store)),
        }
    add_sums(track, ("MergeTree", "DuckDB"), ours.make_ours(store, EVERYTHING))
    return track


def raw_track(source: Path, clickhouse: chdb_session.Session) -> dict[str, Candidates]:
    """Return the candidates of each task over the file."""
    sql = {"sessions": session_peers.make_lists_sql, "funnel": funnel_peers.make_asof_sql,
           "edges": path_peers.make_windows_sql}  # fmt: skip
    names = {"sessions": "DuckDB lists", "funnel": "DuckDB ASOF chain", "edges": "DuckDB windows"}
    polars = funnel_peers.find_optional("polars")
    track: dict[str, Candidates] = {}
    for task, bit in TASKS.items():
        track[task] = {
            "ours": ours.make_ours_raw(source, bit),
            "chdb": name_answer(task, PEERS[task].make_clickhouse(clickhouse, show_file(source))),
            names[task]: name_answer(task, sql[task](source)),
        }
        if polars:
            track[task]["Polars"] = name_answer(task, PEERS[task].make_polars(source, polars))
    peers = ("chdb", "DuckDB", "Polars") if polars else ("chdb", "DuckDB")
    add_sums(track, peers, ours.make_ours_raw(source, EVERYTHING))
    return track


def build_track(source: Path, clickhouse: chdb_session.Session) -> Candidates:
    """Return ways to build the stores; each counts its rows."""

    def fill(write: Callable[[duckdb.DuckDBPyConnection, Path], None]) -> Callable[[], Answer]:
        def build() -> Answer:
            with duckdb.connect() as store:
                write(store, source)
                return {"rows": [row[0] for row in store.execute("SELECT COUNT(*) FROM events").fetchall()]}

        return build

    def merge() -> Answer:
        fill_clickhouse(clickhouse, source)
        return {"rows": [int(str(clickhouse.query("SELECT count() FROM tracks.events FORMAT TSV")))]}

    return {"ours": fill(fill_duckdb), "DuckDB plain sort": fill(fill_plainly), "MergeTree, merged": merge}


def scan(source: Path) -> Callable[[], Answer]:
    """Return a scan of the columns that the tasks read: what nobody who reads the file can go below."""
    text = f"SELECT SUM(user_id), SUM(EPOCH_US(ts)), SUM(event_id), SUM(STRLEN(event)) FROM '{source}'"

    def read() -> Answer:
        duckdb.connect().execute(text).fetchall()
        return {}

    return read


def measure(count: int, folder: Path, asked: argparse.Namespace) -> dict[str, float]:
    """Compare the tracks asked for at one size; return the seconds of each candidate by track and name."""
    source = folder / f"events_{count}.parquet"
    write_log(source, count)
    store, clickhouse = open_duckdb(source), open_clickhouse(source)
    seconds: dict[str, float] = {}

    def run(title: str, candidates: Candidates, turns: int) -> None:
        found = compare(f"{title}, {count:,} events", candidates, same=is_same, rounds=turns)
        print(f"\n{found}\n{name_best(found)}", flush=True)
        seconds.update(keep_seconds(title, found))

    tracks = {"prepared": prepared_track(store, clickhouse), "raw": raw_track(source, clickhouse)}
    for title, track in tracks.items():
        if asked.only not in (None, title):
            continue
        for task, candidates in track.items():
            if title == "raw" and task == "all three":
                candidates["scan of the columns"] = scan(source)
            run(f"{title}, {task}", candidates, asked.rounds)
        print(name_sum(title, seconds))
    if asked.builds and asked.only in (None, "build"):
        run("build of the store", build_track(source, clickhouse), asked.builds)
    clickhouse.close()
    store.close()
    source.unlink()
    return seconds


def is_same(left: Answer, right: Answer) -> bool:
    """Compare two answers; a scan has none."""
    return not right or left == right


def name_best(found: Comparison) -> str:
    """Say how far the best of the others is from ours."""
    others = [timing for timing in found.timings[1:] if not timing.name.startswith("scan")]
    best = min(others, key=lambda timing: timing.median_seconds)
    return f"  best of the others: {best.name}, {found.ratios(best.name)[1]:.2f} times ours"


def name_sum(title: str, seconds: Mapping[str, float]) -> str:
    """Say how far all three by the best peer of each task, fastest rounds added up, are from ours."""
    best = [
        min(found for name, found in seconds.items() if name.startswith(f"{title}, {task}, ") and "ours" not in name)
        for task in TASKS
    ]
    return f"  best peer of each task, summed: {sum(best) / seconds[f'{title}, all three, ours']:.2f} times ours"


def keep_seconds(title: str, found: Comparison) -> dict[str, float]:
    """Return the fastest round of each candidate, which other work on the machine disturbs least."""
    return {f"{title}, {timing.name}": min(timing.seconds) for timing in found.timings}


def main() -> None:
    """Print the comparisons, and how each candidate grows from the smallest size to the largest."""
    parser = argparse.ArgumentParser(description="sessions, funnel and path edges side by side")
    parser.add_argument("events", nargs="*", type=lambda text: int(text.replace(",", "").replace("_", "")))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--builds", type=int, default=2, help="rounds of building the stores; 0 leaves them out")
    parser.add_argument("--only", choices=("prepared", "raw", "build"))
    asked = parser.parse_args()
    sizes = sorted(asked.events) or [1_000_000, 3_000_000]
    print(f"chdb {chdb.__version__}, duckdb {duckdb.__version__}; Retentioneering and pm4py: see context.py")
    with tempfile.TemporaryDirectory() as folder:
        found = {count: measure(count, Path(folder), asked) for count in sizes}
    small, large = sizes[0], sizes[-1]
    if small == large:
        return
    print(f"\ngrowth from {small:,} to {large:,} events: cost is events to the power of")
    for name, seconds in found[large].items():
        print(f"  {name:<50} {log(seconds / found[small][name]) / log(large / small):.2f}")


if __name__ == "__main__":
    main()
