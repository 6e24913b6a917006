"""Retentioneering and pm4py on a Parquet file, where the running Python has them; prints one JSON object of seconds.

Usage: PYTHON benchmarks/context_peers.py FILE   (it imports nothing of ours: PYTHON may be of another environment)
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import pandas as pd

STEPS = ["home", "search", "product", "add_to_cart", "checkout"]
# Retentioneering reports its use through this package where it finds it.
sys.modules["posthog"] = None  # type: ignore[assignment]


def time_calls(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Time each call once: seconds of the processor over all threads."""
    seconds = {}
    for name, call in calls.items():
        started = time.process_time()
        call()
        seconds[name] = time.process_time() - started
    return seconds


def time_retentioneering(rows: pd.DataFrame) -> dict[str, float]:
    """A stream of the rows, a funnel without window, sessions by pause, shares per step of a session."""
    from retentioneering import Eventstream

    frame = rows[["user_id", "event", "ts"]].rename(columns={"ts": "timestamp"})
    kept = {}

    def stream() -> None:
        kept["stream"] = Eventstream(frame, {"path_cols": ["user_id"]})

    def sessions() -> None:
        kept["sessions"] = kept["stream"].split_sessions(timeout="30m")

    return time_calls({
        "from_events": stream,
        "funnel": lambda: kept["stream"].funnel_data(STEPS),
        "sessions": sessions,
        "paths": lambda: kept["sessions"].step_sankey_data(max_steps=8, path_col="session_id"),
        "transitions": lambda: kept["stream"].transition_graph_data("count"),
    })  # fmt: skip


def time_pm4py(rows: pd.DataFrame) -> dict[str, float]:
    """Directly following pairs."""
    import pm4py

    keys = {"activity_key": "event", "case_id_key": "user_id", "timestamp_key": "ts"}
    frame = rows.assign(user_id=rows["user_id"].astype(str))
    return time_calls({"transitions": lambda: pm4py.discover_dfg(frame, **keys)})


def main() -> None:
    """Print the seconds of each library, or 'not installed'."""
    rows = pd.read_parquet(sys.argv[1])
    found: dict[str, object] = {}
    for name, measure in (("retentioneering", time_retentioneering), ("pm4py", time_pm4py)):
        try:
            found[name] = measure(rows)
        except ImportError:
            found[name] = "not installed"
    print(json.dumps(found))


if __name__ == "__main__":
    main()
