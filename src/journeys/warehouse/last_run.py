"""The record of the last refresh, whatever its end: `last_run.json` in the warehouse, replaced as a whole."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from journeys.errors import JourneysError, PublishError
from journeys.warehouse.durable import write_durably

LAST_RUN_FILE = "last_run.json"
RUNNING, UNREADABLE, DIED = "running", "unreadable", "died"
WELL = ("published", "nothing new", "reproduced", "dry run", RUNNING)
OUTCOMES = (*WELL, "blocked", "failed")
_LARGEST = 4_000_000  # bytes; a record is a few thousand


@dataclass
class LastRun:
    """How a refresh went.

    Attributes:
        started_at: ISO time in UTC.
        ended_at: ISO time in UTC; '' while it runs, and where it died.
        outcome: published, nothing new, reproduced (an earlier night), dry run, blocked, failed, running; read
            back also died (it said running and holds the warehouse no more) and unreadable.
        pid: process of the run.
        snapshot_id: the published snapshot after the run; '' when nothing was published yet.
        error_code: of the error that ended it, else ''.
        error_text: the same in words.
        is_accepted: the operator lets gates pass that would block.
        is_dry_run: nothing was to be published.
        verdicts: what the gates found, as plain dictionaries.
    """

    started_at: str
    ended_at: str = ""
    outcome: str = RUNNING
    pid: int = 0
    snapshot_id: str = ""
    error_code: str = ""
    error_text: str = ""
    is_accepted: bool = False
    is_dry_run: bool = False
    verdicts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether nobody needs to look."""
        return self.outcome in WELL


class RunRecord:
    """The record of a refresh while it runs; `keep_record` writes it at the end.

    Attributes:
        started_at: when the run began.
        run: what will be written.
    """

    def __init__(self, warehouse: Path, started_at: datetime) -> None:
        self._warehouse = warehouse
        self.started_at = started_at
        self.run = LastRun(_time_text(started_at), pid=os.getpid())

    def judged(self, verdicts: Sequence[Mapping[str, Any]]) -> None:
        """Note what the gates found."""
        self.run.verdicts = [dict(each) for each in verdicts]

    def end(self, outcome: str) -> None:
        """Note how the run is about to end."""
        self.run.outcome = outcome

    def fail(self, error: BaseException) -> None:
        """Note the error that ends the run, and write the record at once."""
        is_blocked = isinstance(error, JourneysError) and error.code == "gates-blocked"
        self.run.outcome = "blocked" if is_blocked else "failed"
        if isinstance(error, JourneysError):
            self.run.error_code, self.run.error_text = error.code, str(error)
        elif isinstance(error, Exception):
            self.run.error_code, self.run.error_text = "unexpected", f"{type(error).__name__}: {error}"
        else:
            self.run.error_code, self.run.error_text = "stopped", f"stopped from outside ({type(error).__name__})"
        # The error that is under way is the one to be heard of, even where the disk is full.
        with suppress(OSError):
            self.write()

    def write(self) -> None:
        """Replace the record.

        Raises:
            OSError: the warehouse cannot be written.
        """
        if self.run.outcome != RUNNING:
            self.run.ended_at = _time_text(datetime.now(UTC))
        self.run.snapshot_id = current_name(self._warehouse)
        text = json.dumps(asdict(self.run), ensure_ascii=True, indent=2, allow_nan=False, default=str) + "\n"
        write_durably(self._warehouse / LAST_RUN_FILE, text)


@contextmanager
def keep_record(
    warehouse: Path, started_at: datetime, *, is_accepted: bool = False, is_dry_run: bool = False
) -> Iterator[RunRecord]:
    """Keep the record of one refresh; the warehouse must be held.

    It says 'running' until the end, so that a run that is killed leaves it behind.

    Args:
        warehouse: the warehouse folder.
        started_at: when the run began.
        is_accepted: the operator lets gates pass that would block.
        is_dry_run: nothing is to be published.

    Raises:
        PublishError: the record cannot be written.
    """
    record = RunRecord(warehouse, started_at)
    record.run.is_accepted, record.run.is_dry_run = is_accepted, is_dry_run
    _write(record, "nothing was changed")
    try:
        yield record
    except BaseException as error:
        record.fail(error)
        raise
    _write(record, "the refresh itself is complete")


def read_last_run(warehouse: Path) -> LastRun | None:
    """Read the record of the last refresh; None when there is none.

    A record that cannot be read has the outcome 'unreadable' and says why. One that says 'running' while nobody holds
    the warehouse has the outcome 'died'.
    """
    path = warehouse / LAST_RUN_FILE
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST).decode("utf-8")
        run = _check(json.loads(text, parse_constant=_refuse_number))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, TypeError, RecursionError) as error:
        return LastRun("", outcome=UNREADABLE, error_code=UNREADABLE, error_text=f"{path} cannot be read: {error}")
    if run.outcome == RUNNING and not is_held(warehouse, run.pid):
        run.outcome = DIED
    return run


def is_held(warehouse: Path, pid: int) -> bool:
    """Say whether a refresh holds the warehouse; where its lock cannot be tried, whether the process exists."""
    path = warehouse / ".refresh.lock"
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return _exists(pid)


def current_name(warehouse: Path) -> str:
    """Name the published snapshot; '' when there is none."""
    current = warehouse / "current"
    return current.resolve().name if current.exists() else ""


def _exists(pid: int) -> bool:
    if not 0 < pid < 2**31:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # of another user
        return True
    return True


def _check(content: Any) -> LastRun:
    """Make a record of what was read, which anybody may have written."""
    if not isinstance(content, dict):
        raise TypeError("no table of names and values")
    known = {each.name: content[each.name] for each in fields(LastRun) if each.name in content}
    run = LastRun(**{"started_at": "", **known})
    for each in fields(LastRun):
        value, kind = getattr(run, each.name), type(getattr(LastRun(""), each.name))
        if type(value) is not kind:
            raise TypeError(f"{each.name} is not of type {kind.__name__}")
    if run.outcome not in OUTCOMES:
        raise ValueError(f"unknown outcome {run.outcome!r}")
    if not all(isinstance(each, dict) for each in run.verdicts):
        raise TypeError("a verdict is no table")
    return run


def _refuse_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def _write(record: RunRecord, state: str) -> None:
    try:
        record.write()
    except OSError as error:
        raise PublishError(
            "last-run",
            f"{LAST_RUN_FILE} cannot be written; {state}",
            found=str(error),
            do="see the rights and space of the warehouse folder",
        ) from error


def _time_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
