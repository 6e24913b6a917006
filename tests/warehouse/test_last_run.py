"""The record of the last refresh: whatever its end, whole, and read back with suspicion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from journeys.errors import GateError, PublishError, SourceError
from journeys.warehouse import hold_warehouse, keep_record, read_last_run
from journeys.warehouse.last_run import LAST_RUN_FILE, RunRecord

STARTED = datetime(2026, 3, 9, 3, 0, 0, 999_999, tzinfo=UTC)


def publish_by_hand(warehouse: Path, name: str) -> None:
    (warehouse / "snapshots" / name).mkdir(parents=True)
    (warehouse / "current").unlink(missing_ok=True)
    (warehouse / "current").symlink_to(Path("snapshots") / name)


@pytest.mark.parametrize("outcome", ["published", "nothing new", "dry run"])
def test_a_run_that_ended_well_says_so(tmp_path: Path, outcome: str) -> None:
    publish_by_hand(tmp_path, "s1")
    with keep_record(tmp_path, STARTED, is_accepted=True, is_dry_run=True) as record:
        record.judged([{"gate": "volume", "value": 0.5}])
        publish_by_hand(tmp_path, "s2")
        record.end(outcome)
    run = read_last_run(tmp_path)
    assert run is not None
    assert (run.outcome, run.is_well, run.snapshot_id, run.pid) == (outcome, True, "s2", os.getpid())
    assert (run.started_at, run.is_accepted, run.is_dry_run) == ("2026-03-09T03:00:00Z", True, True)
    assert run.verdicts == [{"gate": "volume", "value": 0.5}]
    assert run.ended_at > run.started_at
    assert [path.name for path in tmp_path.iterdir() if "last_run" in path.name] == [LAST_RUN_FILE]


@pytest.mark.parametrize(
    ("error", "outcome", "code", "text"),
    [
        (SourceError("missing-file", "web: no file", do="mend it"), "failed", "missing-file", "mend it"),
        (GateError(["volume: half"], kept="yesterday", do="look"), "blocked", "gates-blocked", "volume: half"),
        (ZeroDivisionError("by zero"), "failed", "unexpected", "ZeroDivisionError: by zero"),
        (KeyboardInterrupt(), "failed", "stopped", "KeyboardInterrupt"),
    ],
)
def test_a_run_that_failed_keeps_its_error_and_raises_it(
    tmp_path: Path, error: BaseException, outcome: str, code: str, text: str
) -> None:
    publish_by_hand(tmp_path, "s1")

    def fail_late() -> None:
        with keep_record(tmp_path, STARTED) as record:
            record.end("published")
            raise error

    with pytest.raises(type(error)):
        fail_late()
    run = read_last_run(tmp_path)
    assert run is not None
    assert (run.outcome, run.error_code, run.snapshot_id, run.is_well) == (outcome, code, "s1", False)
    assert text in run.error_text


def test_a_run_under_way_is_running_and_one_that_was_killed_died(tmp_path: Path) -> None:
    with hold_warehouse(tmp_path), keep_record(tmp_path, STARTED) as record:
        run = read_last_run(tmp_path)
        assert run is not None
        assert (run.outcome, run.ended_at, run.is_well, run.pid) == ("running", "", True, os.getpid())
        record.end("published")
    program = (
        "import os, sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from journeys.warehouse import hold_warehouse, keep_record\n"
        "with hold_warehouse(Path(sys.argv[1])), keep_record(Path(sys.argv[1]), datetime.now(UTC)):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], check=False)
    assert done.returncode == -9
    run = read_last_run(tmp_path)
    assert run is not None
    assert (run.outcome, run.is_well) == ("died", False)
    assert run.pid not in (0, os.getpid())
    # To look does not hold the warehouse.
    with hold_warehouse(tmp_path):
        pass


def test_another_process_of_the_same_number_does_not_bring_a_dead_run_back(tmp_path: Path) -> None:
    RunRecord(tmp_path, STARTED).write()  # says running, by this very process, which holds nothing
    run = read_last_run(tmp_path)
    assert run is not None
    assert run.outcome == "died"


def test_without_a_record_there_is_none(tmp_path: Path) -> None:
    assert read_last_run(tmp_path) is None
    assert read_last_run(tmp_path / "nowhere") is None
    (tmp_path / "file").write_text("")
    assert read_last_run(tmp_path / "file") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"outcome": "published", "pid": "1"}',
        b'{"outcome": "wonderful"}',
        b'{"outcome": "published", "verdicts": [1]}',
        b'{"outcome": "published", "verdicts": [{"value": NaN}]}',
        b'{"outcome": "published", "pid": true}',
        b'{"outcome": "published", "pid": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
    ],
)
def test_a_record_that_cannot_be_read_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LAST_RUN_FILE).write_bytes(content)
    run = read_last_run(tmp_path)
    assert run is not None
    assert (run.outcome, run.is_well) == ("unreadable", False)
    assert LAST_RUN_FILE in run.error_text


@pytest.mark.parametrize("pid", [0, -1, 2**40, 1])
def test_any_process_number_may_stand_in_a_record(tmp_path: Path, pid: int) -> None:
    (tmp_path / LAST_RUN_FILE).write_text(json.dumps({"outcome": "running", "pid": pid}))
    run = read_last_run(tmp_path)
    assert run is not None
    assert run.outcome == "died"


def test_a_later_version_may_say_more(tmp_path: Path) -> None:
    (tmp_path / LAST_RUN_FILE).write_text('{"outcome": "published", "weather": "fine"}')
    run = read_last_run(tmp_path)
    assert run is not None
    assert run.is_well


def test_a_record_that_cannot_be_written_hides_no_error(tmp_path: Path) -> None:
    (tmp_path / LAST_RUN_FILE).mkdir()
    with pytest.raises(PublishError, match="last-run"), keep_record(tmp_path, STARTED):
        pytest.fail("nothing begins without a record")
    (tmp_path / LAST_RUN_FILE).rmdir()

    def fail_without_a_record() -> None:
        with keep_record(tmp_path, STARTED):
            (tmp_path / LAST_RUN_FILE).unlink()
            (tmp_path / LAST_RUN_FILE).mkdir()
            raise SourceError("missing-file", "web: no file")

    with pytest.raises(SourceError):
        fail_without_a_record()
