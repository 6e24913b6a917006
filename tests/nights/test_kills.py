"""Killed at any step, a refresh is finished by the next one as if nothing had been; readers see whole nights only."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dealt_company import DealtCompany, check_equal, read_fingerprints

import journeys as jn

SERVER = Path(__file__).with_name("kill_server.py")
Kill = Callable[[int], str]


@contextmanager
def killing(config: Path) -> Iterator[Kill]:
    """Lend `kill(step)`, which runs a refresh that dies at a step and says how it ended."""
    process = subprocess.Popen(
        [sys.executable, SERVER, config], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def kill(step: int) -> str:
        stdin.write(f"{step}\n")
        stdin.flush()
        return stdout.readline().strip()

    try:
        yield kill
    finally:
        stdin.close()
        process.wait(timeout=60)


class Reader:
    """Reads the published snapshot over and over, and keeps what it saw: events, sessions, journeys."""

    def __init__(self, config: Path) -> None:
        self.config, self.seen, self.failures = config, set[tuple[int, ...]](), list[BaseException]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._stop.is_set():
            try:
                self.seen.add(count_rows(self.config))
            except BaseException as error:
                self.failures.append(error)


def count_rows(config: Path) -> tuple[int, ...]:
    with jn.open(config) as log:
        tables = ("events", "sessions", "journeys", "persons", "key_figures")
        return tuple(len(log.table(name)) for name in tables)


@pytest.mark.parametrize(
    ("night_count", "kill_count", "seed"), [(3, 5, 1), pytest.param(11, 100, 2, marks=pytest.mark.prove)]
)
def test_every_killed_night_is_finished_by_the_next(
    tmp_path: Path, refresh: Callable[..., Any], night_count: int, kill_count: int, seed: int
) -> None:
    killed, calm = (
        DealtCompany(tmp_path / name, persons=60, night_count=night_count, seed=seed) for name in ("killed", "calm")
    )
    source = random.Random(seed)
    each = kill_count // night_count
    whole = set()
    deaths = 0
    with killing(killed.config) as kill:
        for company in (killed, calm):
            company.arrive(0)
        refresh(calm.config)
        assert kill(0).startswith("ended 0 ")
        whole.add(count_rows(calm.config))
        step_count = 0
        with Reader(killed.config) as reader:
            for night in range(1, night_count):
                for company in (killed, calm):
                    company.arrive(night)
                refresh(calm.config)
                whole.add(count_rows(calm.config))
                for _ in range(each + (night == 1) * (kill_count - each * (night_count - 1))):
                    step_count = step_count or 700
                    # Every other one dies among the last steps, where the snapshot is published.
                    near_end = source.random() < 0.5
                    step = source.randrange(max(1, step_count - 120), step_count + 1) if near_end else (
                        source.randrange(1, step_count + 1))  # fmt: skip
                    deaths += kill(step) == "killed"
                ended = kill(0)
                assert ended.startswith("ended 0 "), ended
                step_count = max(step_count, int(ended.split()[2]))
                assert read_fingerprints(killed.config) == read_fingerprints(calm.config), night
    assert deaths > 0.8 * kill_count
    assert reader.failures == []
    assert reader.seen <= whole
    check_equal(killed.config, calm.config)
    left = {path.name for path in (killed.folder / "warehouse").iterdir()}
    assert left <= {"current", "snapshots", "store", "last_run.json", ".refresh.lock", ".prefect"}
