"""Our ways to the three tasks: one load, one grouping, one walk; from the sorted store and from the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet
from bare_pass import EDGES, FUNNEL, SESSIONS, Asked, count_ordered, find_persons, group_rows
from funnel_peers import TIME_BITS, WINDOW_MS
from session_peers import GAP_MS
from synthetic_log import NAMES, STEPS

from journeys.insights.funnels.matching import Ints

Count = Callable[[], dict[str, list[int]]]
NOTHING = np.empty(0, np.uint8)


def make_ours(store: duckdb.DuckDBPyConnection, tasks: int) -> Count:
    """Walk the sorted store, all of it: leaving out rows in SQL takes longer than to walk past them."""
    asked = Asked(tasks, GAP_MS, WINDOW_MS, _mask_codes(NAMES), len(STEPS))
    needs_codes = bool(tasks & (FUNNEL | EDGES))
    select = f"SELECT k{', ENUM_CODE(event) AS code' if needs_codes else ''} FROM events"

    def count() -> dict[str, list[int]]:
        columns = store.sql(select).to_arrow_table()
        k = columns["k"].to_numpy()
        code = columns["code"].to_numpy() if needs_codes else NOTHING
        # Of one person k grows as the time does, so that it serves as the time.
        return count_ordered(find_persons(k, TIME_BITS), k, code, asked, len(NAMES))

    return count


def make_ours_raw(source: Path, tasks: int) -> Count:
    """Read the columns that are asked for from the file, names as its own codes, and group them on the way."""
    needs = [
        "user_id",
        "ts",
        *(["event"] if tasks & (FUNNEL | EDGES) else []),
        *(["event_id"] if tasks & EDGES else []),
    ]

    def count() -> dict[str, list[int]]:
        with pyarrow.parquet.ParquetFile(source, read_dictionary=["event"]) as file:
            table = file.read(needs)
        persons = table["user_id"].to_numpy()
        us = table["ts"].to_numpy().view(np.int64)
        codes, ids, names = NOTHING, NOTHING, NAMES
        if "event" in needs:
            events = table["event"].unify_dictionaries()
            names = tuple(events.chunk(0).dictionary.to_pylist())
            codes = np.concatenate([chunk.indices.to_numpy().astype(np.uint8) for chunk in events.chunks])
        if "event_id" in needs:
            ids = table["event_id"].to_numpy()
        asked = Asked(tasks, GAP_MS * 1_000, WINDOW_MS * 1_000, _mask_codes(names), len(STEPS))
        kept = asked.masks if tasks == FUNNEL else NOTHING
        found = count_ordered(*group_rows(persons, us, codes, ids, kept), asked, len(names))
        if tasks & SESSIONS:
            found["sessions"][2] //= 1_000
        return found

    return count


def _mask_codes(names: tuple[str, ...]) -> Ints:
    """Return per code of a name its steps as bits."""
    return np.array([1 << STEPS.index(name) if name in STEPS else 0 for name in names], np.int64)
