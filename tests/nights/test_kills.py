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
        while not self._stop.wait(0.3):  # the nights run in this process, too
            try:
                self.seen.add(count_rows(self.config))
            except BaseException as error:
                self.failures.append(error)


def count_rows(config: Path) -> tuple[int, ...]:
    with jn.open(config) as log:
        tables = ("events", "sessions", "journeys", "persons", "key_figures")
        return tuple(len(log.table(name)) for name in tables)


def die(kill: Kill, source: random.Random, count: int, step_count: int) -> int:
    """Kill so many refreshes at random steps, every other one among the last, where the snapshot is published.

    A refresh that has ended before its step leaves less to do: the next one is killed within as many steps as it took.
    """
    deaths = 0
    for _ in range(4 * count):
        if deaths == count:
            break
        first = step_count * 3 // 4 if source.random() < 0.5 else 1
        told = kill(source.randrange(first, step_count + 1))
        if told == "killed":
            deaths += 1
        else:
            step_count = int(told.split()[2])
    return deaths


RETENTION = "\n[retention]\nevents_days = 62\nidentity_edges_days = 40\n"


@pytest.mark.parametrize(
    ("night_count", "kill_count", "seed", "more"),
    [
        pytest.param(3, 5, 1, "", marks=pytest.mark.prove),
        pytest.param(11, 100, 2, "", marks=pytest.mark.prove),
        pytest.param(6, 30, 4, RETENTION, marks=pytest.mark.prove),
    ],
)
def test_every_killed_night_is_finished_by_the_next(
    tmp_path: Path, refresh: Callable[..., Any], night_count: int, kill_count: int, seed: int, more: str
) -> None:
    killed, calm = (
        DealtCompany(tmp_path / name, persons=60, night_count=night_count, seed=seed) for name in ("killed", "calm")
    )
    for company in (killed, calm):
        company.config.write_text(company.config.read_text(encoding="utf-8") + more, encoding="utf-8")
    source = random.Random(seed)
    each = kill_count // (night_count - 1)
    whole = set()
    deaths = 0
    with killing(killed.config) as kill:
        for company in (killed, calm):
            company.arrive(0)
        refresh(calm.config)
        ended = kill(0)
        assert ended.startswith("ended 0 "), ended
        whole.add(count_rows(calm.config))
        step_count = int(ended.split()[2])
        with Reader(killed.config) as reader:
            for night in range(1, night_count):
                for company in (killed, calm):
                    company.arrive(night)
                refresh(calm.config)
                whole.add(count_rows(calm.config))
                deaths += die(kill, source, each + (night == 1) * (kill_count - each * (night_count - 1)), step_count)
                ended = kill(0)
                assert ended.startswith("ended 0 "), ended
                step_count = max(step_count, int(ended.split()[2]))
                assert read_fingerprints(killed.config) == read_fingerprints(calm.config), night
    assert deaths == kill_count
    assert reader.failures == []
    assert reader.seen <= whole
    check_equal(killed.config, calm.config)
    left = {path.name for path in (killed.folder / "warehouse").iterdir()}
    assert left <= {"current", "snapshots", "store", "last_run.json", ".refresh.lock", ".prefect"}
