"""What protection costs: a web log landed with every kind of protection against the same log landed as it is.

`python benchmarks/privacy.py [ROWS] [ROUNDS]`; a million rows and three rounds by default. One row in twenty holds an
address, a number or a card in a text or in its page address, no two alike; every row names a user by address.
What is counted is the time of the processors, for the two use them unequally.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from journeys.config import Settings, build_settings
from journeys.privacy import pull_protected
from journeys.sources import pull_source

ROUNDS = 3
LOADED_AT_US = 1_800_000_000_000_000
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
KEY = "JOURNEYS_BENCHMARK_KEY"
PERSONAL = {"email": ["email"], "email, user_id": ["email", "user_id"]}


def write_log(path: Path, count: int) -> None:
    """Write the web log, the same one each time."""
    draw = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            person = draw.randrange(count // 10 + 1)
            row = {
                "event_id": f"e-{number:09d}",
                "occurred_at": f"2026-03-{1 + number % 28:02d}T{number % 24:02d}:{number % 60:02d}:00.000Z",
                "anonymous_id": f"{draw.getrandbits(64):016x}",
                "user_id": f"u-{person}",
                "email": f"User{person}@mail.example",
                "name": "page_view",
                "url": f"https://shop.example/product/{draw.randrange(5000)}",
                "user_agent": AGENT,
                "text": "",
            }
            if number % 20 == 0:
                found = (f"write to {number}@post.example", f"call +371 2{number:07d}", "card 4111 1111 1111 1111")
                row["text"] = found[number // 20 % 3]
                row["url"] += f"?contact={number}%40post.example"
            file.write(json.dumps(row) + "\n")


def read_settings(folder: Path, privacy: dict[str, object]) -> Settings:
    """Make the settings of the log."""
    columns = {name: name for name in ("event_id", "occurred_at", "user_id", "url", "user_agent")}
    source = {
        "name": "web",
        "kind": "file",
        "path": "web.jsonl",
        "columns": {**columns, "device_id": "anonymous_id", "event": "name"},
        "identifiers": {"email": "email"},
    }
    document = {
        "project": {"name": "benchmark"},
        "source": [source],
        "goal": [{"name": "purchase", "match": {"event": "purchase"}}],
        "privacy": {"key_env": KEY, **privacy},
    }
    return build_settings(document, folder / "journeys.toml", environment=os.environ)


def main(count: int, rounds: int) -> None:
    """Time each kind of protection in alternating rounds and print it."""
    os.environ[KEY] = "a key of the benchmark and of nothing else"
    kinds: dict[str, dict[str, object]] = {"nothing": {}}
    kinds |= {f"tokens ({name})": {"personal": kinds_of} for name, kinds_of in PERSONAL.items()}
    kinds["scrub"] = {"scrub": True}
    kinds["scrub and tokens (email, user_id)"] = {"scrub": True, "personal": PERSONAL["email, user_id"]}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_log(folder / "web.jsonl", count)
        seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
        protection = {}
        for _ in range(rounds):
            for kind, privacy in kinds.items():
                settings = read_settings(folder, privacy)
                source = settings.sources[0]
                started = time.process_time()
                if privacy:
                    report = pull_protected(source, settings, folder=folder / "landed", loaded_at_us=LOADED_AT_US)
                else:
                    report = pull_source(source, settings.project, folder=folder / "landed", settings_folder=folder,
                                         loaded_at_us=LOADED_AT_US)  # fmt: skip
                seconds[kind].append(time.process_time() - started)
                protection[kind] = report.protection
        plain = statistics.median(seconds["nothing"])
        print(f"{count:,} rows landed; seconds of processors, median of {rounds} rounds; ratio to landing as it is")
        for kind, times in seconds.items():
            median = statistics.median(times)
            print(f"  {kind:<36} {median:>7.2f} s  x {median / plain:>5.2f}  {protection[kind]}")


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(*given, *(1_000_000, ROUNDS)[len(given) :])
