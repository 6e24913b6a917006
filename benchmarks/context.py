"""Our verbs beside Retentioneering 5 (telemetry off) and pm4py, each in a process of its own: context, no race.

Usage: python benchmarks/context.py [EVENTS] [--python PYTHON] [--rounds N]   (default 1,000,000; this Python; 3)

Their answers mean other things: a funnel without window in which a step may follow itself, steps of all of a path,
pairs without persons or waits. So nothing is compared but what a call costs: seconds of the processor over all threads,
for theirs uses one and ours as many as there are. Ours reads the file, theirs begins with a frame.

PYTHON is of an environment that has them (`python -m venv FOLDER`, `FOLDER/bin/pip install retentioneering`). Neither
is a dependency of ours, and pm4py may never be one (AGPL).

Seen with Retentioneering 5.2, 1 million events, three rounds; its cost to ours: reading 0.6, funnel 0.2, sessions by
another rule 1.6, paths of sessions 0.3, transitions 1.3. pm4py was not there. Ours reads the file besides, judges rows,
puts ties in order, cuts sessions, and tells who is still open.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from synthetic_log import STEPS, write_log

import journeys as jn


def time_ours(source: Path) -> dict[str, float]:
    """Time our verbs on the same file."""
    seconds: dict[str, float] = {}

    def timed(name: str, call: Callable[[], object]) -> object:
        started = time.process_time()
        answer = call()
        seconds[name] = time.process_time() - started
        return answer

    columns = {"person": "user_id", "occurred_at": "ts", "event": "event", "event_id": "event_id"}
    log = timed("from_events", lambda: jn.from_events(source, **columns))
    assert isinstance(log, jn.Journeys)
    with log:
        timed("funnel", lambda: log.funnel(STEPS))
        timed("sessions", lambda: log.sessions("20m"))
        timed("paths", lambda: log.paths(depth=8, unit="session"))
        timed("transitions", log.transitions)
    return seconds


def time_theirs(source: Path, python: str) -> dict[str, object]:
    """Run the others in a process of their own."""
    script = Path(__file__).with_name("context_peers.py")
    done = subprocess.run([python, script, source], capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print the median seconds of the processor for each call, and the ratio to ours."""
    parser = argparse.ArgumentParser(description="our verbs beside Retentioneering and pm4py")
    parser.add_argument("events", nargs="?", default=1_000_000, type=lambda text: int(text.replace(",", "")))
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "events.parquet"
        write_log(source, asked.events)
        rounds = [(time_ours(source), time_theirs(source, asked.python)) for _ in range(asked.rounds)]
    ours = {name: statistics.median(mine[name] for mine, _ in rounds) for name in rounds[0][0]}
    print(f"{asked.events:,} events, median of {asked.rounds} rounds in turns; ratio to ours")
    for name, seconds in ours.items():
        print(f"  {'ours':<16} {name:<12} {seconds:8.2f} s")
    for library, found in rounds[0][1].items():
        if not isinstance(found, dict):
            print(f"  {library}: {found}")
            continue
        for name in found:
            seconds = statistics.median(theirs[library][name] for _, theirs in rounds)  # type: ignore[index]
            print(f"  {library:<16} {name:<12} {seconds:8.2f} s  ratio {seconds / ours[name]:.1f}")


if __name__ == "__main__":
    main()
