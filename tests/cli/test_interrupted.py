"""Runs that meet each other, die, or find no room: yesterday's snapshot stays, the next run completes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from shop_script import EVENTS, SOURCE, Script

import journeys as jn

MORE = [*EVENTS, ("10", "f", "2026-05-01T12:00:00Z", "land", "https://shop.example/", "")]
MANY = [(f"m{n}", f"v{n % 9000}", f"2026-03-{1 + n % 20:02d}T10:00:00Z", "land", f"https://x/{n}", "")
        for n in range(60_000)]  # fmt: skip


def start(script: Script, verb: str = "-", limit: str = "-") -> subprocess.Popen[str]:
    """Start a refresh in its own process."""
    program = Path(__file__).with_name("held_refresh.py")
    return subprocess.Popen([sys.executable, program, script.config, verb, limit], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


@contextmanager
def held(script: Script, verb: str) -> Iterator[subprocess.Popen[str]]:
    """A refresh that stands before a verb of the flow; killed at the end."""
    process = start(script, verb)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def count_sessions(script: Script) -> int:
    """Sessions that a reader sees."""
    return script("sessions", "--format", "csv").succeeds().count("\n") - 1


def leftovers(script: Script) -> set[str]:
    """What stands in the warehouse beside what was published."""
    kept = {"current", "store", "snapshots", "last_run.json", ".refresh.lock", ".prefect"}
    return {path.name for path in script.warehouse.iterdir()} - kept


@pytest.fixture
def published(shop: Script, tmp_path: Path) -> Script:
    script = shop.copy_to(tmp_path)
    assert count_sessions(script) == 6
    return script.log(MORE)


def test_a_second_run_is_refused_and_names_the_first(published: Script) -> None:
    with held(published, "resolve_persons") as first:
        started = time.perf_counter()
        published("refresh").fails(1, "another refresh is running", f"process {first.pid}", "stays as it is")
        assert time.perf_counter() - started < 5
        assert count_sessions(published) == 6
        # Whoever was refused leaves the holder's work alone.
        assert first.poll() is None
        assert (published.warehouse / "work").exists()


@pytest.mark.parametrize(
    "verb",
    [
        "store_answers",
        pytest.param("write_report", marks=pytest.mark.prove),
        pytest.param("pull_protected", marks=pytest.mark.prove),
        pytest.param("add_rows", marks=pytest.mark.prove),
        pytest.param("record_run", marks=pytest.mark.prove),
        pytest.param("publish", marks=pytest.mark.prove),
    ],
)
def test_a_killed_run_is_finished_by_the_next(published: Script, verb: str) -> None:
    before = published.current()
    with held(published, verb) as process:
        process.kill()
        process.communicate()
        assert process.returncode == -9
    # Only the page was left to do when the snapshot was out already.
    is_out = verb == "write_report"
    assert (published.current() != before) == is_out
    assert count_sessions(published) == (7 if is_out else 6)
    published("refresh").succeeds()
    assert count_sessions(published) == 7
    assert leftovers(published) == set()
    assert "Persons" in (published.folder / "report.html").read_text(encoding="utf-8")
    assert all((folder / "manifest.json").is_file() for folder in (published.warehouse / "snapshots").iterdir())


@pytest.mark.prove
@pytest.mark.parametrize("limit", ["50000", "900000"])
def test_a_file_that_cannot_grow_leaves_yesterday(published: Script, limit: str) -> None:
    published.log(MANY)
    before = published.current()
    process = start(published, limit=limit)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "JourneysError [" in err
    assert "[unexpected]" not in err
    assert "too large" in err
    assert published.current() == before
    assert count_sessions(published) == 6
    assert leftovers(published) == set()
    published("refresh").succeeds()
    # The six that were published before, whose rows have gone from the log, and one of each visitor.
    assert count_sessions(published) == 9_006


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A file system of its own in a folder; skips where none can be made."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts file systems")
def test_a_full_disk_leaves_yesterday(script: Script) -> None:
    with mounted(script.warehouse, "size=32m"):
        script.write()("refresh").succeeds()
        before = script.current()
        filler = script.warehouse / "filler"
        filler.write_bytes(b"\0" * (shutil.disk_usage(script.warehouse).free - 1_000_000))
        script.log(MANY)
        ended = script("refresh")
        ended.fails(1)
        assert "o space left" in ended.err or "no room" in ended.err, ended.err
        assert script.current() == before
        assert count_sessions(script) == 6
        assert leftovers(script) == {"filler"}
        filler.unlink()
        script.log(MORE)("refresh").succeeds()
        assert count_sessions(script) == 7


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts file systems")
def test_a_warehouse_that_cannot_be_written_is_told_and_can_be_read(script: Script) -> None:
    with mounted(script.warehouse, "size=32m"):
        script.write()("refresh").succeeds()
        subprocess.run(["mount", "-o", "remount,ro", str(script.warehouse)], check=True)
        script.log(MORE)("refresh").fails(1, str(script.warehouse), "cannot be written")
        assert count_sessions(script) == 6
        script("report").succeeds()
        script("check").fails(1, "cannot be written")


def test_a_file_in_place_of_the_warehouse_is_told(script: Script) -> None:
    script.write()
    script.warehouse.write_text("mine")
    script("refresh").fails(1, str(script.warehouse))
    script("check").fails(1, str(script.warehouse))
    assert script.warehouse.read_text() == "mine"


def test_a_damaged_snapshot_is_told_and_replaced(published: Script) -> None:
    Path(published.current(), "manifest.json").write_text("{")
    published("sessions").fails(1, "journeys refresh --full")
    published("refresh", "--full").succeeds()
    assert count_sessions(published) == 7


def test_a_damaged_database_is_told_and_replaced(published: Script) -> None:
    Path(published.current(), "results.duckdb").write_bytes(b"no database" * 1000)
    ended = published("sessions")
    ended.fails(1, "results.duckdb")
    published("refresh", "--full").succeeds()
    assert count_sessions(published) == 7


def test_readers_keep_their_night_and_new_readers_see_the_new(published: Script) -> None:
    with jn.open(published.config) as old:
        assert len(old.sessions().frame) == 6
        published("refresh").succeeds()
        published.log([*MORE, ("11", "g", "2026-05-01T12:00:00Z", "land", "u", "")])("refresh").succeeds()
        assert len(old.sessions().frame) == 6
        assert len(old.table("events")) == 9
        with jn.open(published.config) as new:
            assert len(new.sessions().frame) == 8
        assert len(old.funnel("shop").frame) == 3


@pytest.mark.prove
def test_readers_see_one_night_or_another_while_runs_publish(published: Script) -> None:
    stop = threading.Event()
    seen: set[tuple[int, int]] = set()
    failures: list[BaseException] = []

    def read() -> None:
        while not stop.is_set():
            try:
                with jn.open(published.config) as log:
                    seen.add((len(log.table("events")), len(log.sessions().frame)))
            except BaseException as error:
                failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for extra in range(3):
            rows = [(f"x{n}", f"x{n}", "2026-05-01T12:00:00Z", "land", "u", "") for n in range(extra)]
            published.log([*MORE, *rows])("refresh").succeeds()
    finally:
        stop.set()
        reader.join()
    assert failures == []
    assert seen <= {(9 + n, 6 + n) for n in range(4)}
    assert len(seen) > 1


@pytest.mark.prove
def test_only_the_newest_snapshots_are_kept(script: Script) -> None:
    script.write(source=SOURCE + "[warehouse]\nkeep_snapshots = 2\n")
    for extra in range(4):
        rows = [(f"x{n}", f"x{n}", "2026-05-01T12:00:00Z", "land", "u", "") for n in range(extra)]
        script.log([*EVENTS, *rows])("refresh").succeeds()
    kept = sorted(path.name for path in (script.warehouse / "snapshots").iterdir())
    assert len(kept) == 2
    assert Path(script.current()).name == kept[-1]
    assert count_sessions(script) == 9
