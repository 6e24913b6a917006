"""What a run tells while it works: a line per stage, as text, as JSON, with spinners, or to a Prefect server's log."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from journeys.errors import JourneysError
from pipelines.own_server import has_server

_log_format = "text"
_spinners: _Spinners | None = None


def use_format(name: Literal["text", "json"]) -> None:
    """Choose how this process writes to standard error: lines for people, or a JSON object a line."""
    global _log_format  # noqa: PLW0603
    _log_format = name


def announce(
    stage: str = "",
    message: str = "",
    *,
    rows: int | None = None,
    rejected: int | None = None,
    seconds: float | None = None,
) -> None:
    """Tell whoever watches: standard error, or the run's log on a Prefect server.

    Args:
        stage: a stage that has ended, or another short subject; '' = none.
        message: what there is to say beside the numbers.
        rows: rows that the stage made.
        rejected: rows that it refused.
        seconds: how long it took.
    """
    line = _Line(stage, message, rows, rejected, seconds)
    if _log_format == "json":
        _write(line.json())
    if _tell_server(line.text()) or _log_format == "json":
        return
    if _spinners is None:
        _write(line.text())
    else:
        _spinners.tell(line)


def announce_aside(message: str) -> None:
    """Write one line to standard error, in the format chosen, whether a run is under way or not."""
    line = _Line("", message, None, None, None)
    _write(line.json() if _log_format == "json" else line.text())


def announce_error(error: JourneysError) -> None:
    """Tell as one JSON object what ended the run."""
    _write(_Line("", str(error), None, None, None).json(code=error.code))


class Stopwatch:
    """Announces each stage with its rows, rejected rows and seconds; as a context, shows which one is running.

    Args:
        together: stages that all begin at once.
        then: the stages after them, in flow order.
    """

    def __init__(self, together: Sequence[str] = (), then: Sequence[str] = ()) -> None:
        self._stages = (tuple(together), tuple(then))
        self._started = time.perf_counter()

    def __enter__(self) -> Self:
        """Show spinners where a person watches."""
        global _spinners  # noqa: PLW0603
        console = Console(stderr=True)
        if sys.stderr.isatty() and console.is_terminal and not console.is_dumb_terminal:
            _spinners = None if _log_format == "json" or has_server() else _Spinners(console, *self._stages)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave only the lines of the stages that have ended."""
        global _spinners  # noqa: PLW0603
        if _spinners is not None:
            _spinners.stop()
        _spinners = None

    def restart(self) -> None:
        """Time the next stage from now."""
        self._started = time.perf_counter()

    def done(self, stage: str, message: str = "", *, rows: int | None = None, rejected: int | None = None) -> None:
        """Announce a stage that has ended, and start timing the next.

        Args:
            stage: its name.
            message: what there is to say beside the numbers.
            rows: rows it has in all.
            rejected: rows it has refused in all.
        """
        seconds = time.perf_counter() - self._started
        announce(stage, message, rows=rows, rejected=rejected, seconds=seconds)
        self._started += seconds


@dataclass(frozen=True)
class _Line:
    stage: str
    message: str
    rows: int | None
    rejected: int | None
    seconds: float | None

    def text(self) -> str:
        """Write columns that stand below each other, for people."""
        if self.rows is None and self.seconds is None:
            return f"{self.stage:<22} {self.message}" if self.stage else self.message
        rows = " " * 17 if self.rows is None else f"{self.rows:>12,} rows"
        rejected = " " * 19 if self.rejected is None else f"{self.rejected:>8,} rejected  "
        seconds = "" if self.seconds is None else f"{self.seconds:>7.1f} s"
        return f"{self.stage:<22} {rows} {rejected}{seconds}  {self.message}".rstrip()

    def json(self, **more: str) -> str:
        """Write one JSON object, for programs; what is not known is null."""
        document: dict[str, Any] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "stage": self.stage or None,
            "rows": self.rows,
            "rejected": self.rejected,
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            "message": self.message,
        }
        return json.dumps(document | more, ensure_ascii=False)


class _Spinners:
    """One spinner per running stage, below the lines of those that have ended."""

    def __init__(self, console: Console, together: Sequence[str], then: Sequence[str]) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True, refresh_per_second=4)
        self._running: dict[str, TaskID] = {}
        self._waiting = list(then)
        for stage in together or self._waiting[:1]:
            self._begin(stage)
        self._progress.start()

    def tell(self, line: _Line) -> None:
        """Print a line; when it ends a stage, show the next one."""
        if line.stage in self._running:
            self._progress.remove_task(self._running.pop(line.stage))
        self._progress.console.print(line.text(), markup=False, highlight=False, soft_wrap=True)
        if not self._running and self._waiting:
            self._begin(self._waiting[0])

    def stop(self) -> None:
        """Wipe the spinners."""
        self._progress.stop()

    def _begin(self, stage: str) -> None:
        if stage in self._waiting:
            self._waiting.remove(stage)
        self._running[stage] = self._progress.add_task(stage, total=None)


def _write(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _tell_server(text: str) -> bool:
    """Write to the run's log on a server of the user's; False when there is none, or no run is under way."""
    if not has_server():
        return False
    from prefect import get_run_logger  # slow to import, and a server of our own has to be started first
    from prefect.exceptions import MissingContextError

    try:
        get_run_logger().info(text)
    except MissingContextError:
        return False
    return True
