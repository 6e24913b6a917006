"""What a user's call costs from a raw Parquet file: reading it, the funnel, the paths, the sessions; and where it goes.

Usage: python benchmarks/verbs.py [EVENTS ...]   (default 1,000,000; 10,000,000 for the record)

Each verb is called twice: the first call in a process compiles the pass, or reads it from the cache on disk. Seconds of
the processor over all threads stand beside those of the clock, for the clock runs on while other work is done.

Seen on 2 cores with much other work (load 5 to 8), seconds of the processor:

| events | from_events | funnel, first and again | paths, again | transitions, again | sessions | by another rule |
|---|---|---|---|---|---|---|
| 1,000,000 | 1.4 | 1.6 and 0.3 | 0.6 | 0.6 | 0.1 | 0.5 |
| 10,000,000 | 15.1 | 4.6 and 3.1 | 8.2 | 7.9 | 1.2 | 7.2 |

Of reading the file into a log, a fifth goes into reading and trimming the texts, a tenth into looking for repeated ids,
a quarter into the one sort that puts all events in order, and a sixth into keeping them. Of the funnel, finding the
matching rows and sorting them with their texts take three quarters, the walk itself a twelfth. Of paths, a sixth goes
into keeping the contacts and a third into reading them and seeing that they lie in order. An answer names the data it
stands on: the first one pays a tenth of a second of a million for that. From fifty thousand contacts on paths and
transitions are counted as arrays, below in SQL; sessions by the log's own rule are read and not cut anew.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synthetic_log import STEPS, write_log

import journeys as jn
from journeys.insights.funnels import chains, count, found
from journeys.warehouse import Engine

# Parts of the verbs, by the names under which the module that calls them knows them.
PARTS = (
    (count, "prepare_matches", "rows that match"),
    (found, "read_streams", "streams"),
    (chains, "walk_steps", "walk"),
    (found, "_keep_best", "chains kept"),
    (found, "_keep_times", "times kept"),
)
SHOWN = 6


@contextmanager
def time_parts() -> Iterator[Counter[str]]:
    """Add up the processor's seconds of the parts, and of each table that is saved."""
    spent: Counter[str] = Counter()

    def timed(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            started = time.process_time()
            try:
                return call(*given, **named)
            finally:
                spent[name] += time.process_time() - started

        return run

    kept: list[tuple[object, str, Any]] = [(module, name, getattr(module, name)) for module, name, _ in PARTS]
    kept.append((Engine, "save", Engine.save))
    for module, name, said in PARTS:
        setattr(module, name, timed(said, getattr(module, name)))

    save = Engine.save

    def save_timed(engine: Engine, name: str, *given: Any) -> int:
        return int(timed(f"table {name}", save)(engine, name, *given))

    Engine.save = save_timed  # type: ignore[method-assign]
    try:
        yield spent
    finally:
        for place, name, call in kept:
            setattr(place, name, call)


def tell(title: str, call: Callable[[], Any]) -> Any:
    """Run a call and print its seconds and its dearest parts; a part may hold others."""
    clock, processor = time.perf_counter(), time.process_time()
    with time_parts() as spent:
        answer = call()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in spent.most_common(SHOWN) if seconds >= 0.01)
    print(f"  {title:<16} {clock:7.2f} s  ({processor:.2f} s of the processor)  {parts}", flush=True)
    return answer


def measure(events: int, folder: Path) -> None:
    """Print what each verb costs on a log of so many events."""
    source = folder / f"events_{events}.parquet"
    write_log(source, events)
    print(f"{events:,} events")
    log = tell(
        "from_events",
        lambda: jn.from_events(
            source, person="user_id", occurred_at="ts", event="event", event_id="event_id", channel="channel"
        ),
    )
    for turn in ("first", "again"):
        tell(f"funnel, {turn}", lambda: log.funnel(STEPS, window="7d"))
    for turn in ("first", "again"):
        tell(f"paths, {turn}", lambda: log.paths(depth=8, unit="session"))
    for turn in ("first", "again"):
        tell(f"transitions, {turn}", lambda: log.transitions(unit="session"))
    tell("sessions", log.sessions)
    tell("sessions, 20m", lambda: log.sessions("20m"))
    log.close()
    source.unlink()


def main() -> None:
    """Print the costs at each size."""
    sizes = [int(text.replace(",", "").replace("_", "")) for text in sys.argv[1:]] or [1_000_000]
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            measure(size, Path(folder))


if __name__ == "__main__":
    main()
