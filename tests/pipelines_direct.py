"""Run the nightly flow in this process without Prefect: the same file, its tasks called as plain functions.

Prefect takes about ten seconds to start in each process; what it adds is tested where it is really started.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from prefect import Task

from journeys.config import Settings
from journeys.warehouse import Snapshot, find_folder

sys.path.insert(0, str(find_folder("pipelines").parent))


@dataclass(frozen=True)
class Done:
    """A finished call in the place of a future: its result, or the error it raised."""

    call: Callable[[], Any]

    def result(self) -> Any:
        """Return what the call returned, or raise what it raised."""
        return self.call()


@dataclass(frozen=True)
class Plain:
    """A task's function in the place of the task."""

    function: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def with_options(self, **_: Any) -> Plain:
        """Take no notice of names and retries."""
        return self

    def submit(self, *args: Any, **kwargs: Any) -> Done:
        """Call at once when the result is asked for."""
        return Done(lambda: self.function(*args, **kwargs))


@contextmanager
def plain_tasks() -> Iterator[Any]:
    """Lend the flow's module with each of its tasks replaced by its function."""
    with ExitStack() as stack:
        for name in ("pipelines.pulls", "pipelines.nightly"):
            module = importlib.import_module(name)
            tasks = {name: Plain(value.fn) for name, value in vars(module).items() if isinstance(value, Task)}
            stack.enter_context(mock.patch.multiple(module, **tasks))
        stack.enter_context(mock.patch("pipelines.own_server.OwnServer"))
        yield module


def refresh_plainly(config: Path, **options: Any) -> Any:
    """Run the flow over a configuration and return how it ended (`pipelines.nightly.Refresh`)."""
    with plain_tasks() as module:
        return module.nightly.fn(str(config), **options)


def refresh_tables(config: Path, **options: Any) -> Any:
    """Run the flow, and leave the page empty: for tests that look at tables only, of which the page is drawn."""
    with blank_pages():
        return refresh_plainly(config, **options)


@contextmanager
def blank_pages() -> Iterator[None]:
    """Let the flow leave its page empty."""
    with mock.patch("pipelines.nightly.write_report", _write_blank):
        yield


def _write_blank(settings: Settings, snapshot: Snapshot, path: Path | None = None) -> Path:
    page = path or settings.report.path
    page.parent.mkdir(parents=True, exist_ok=True)
    page.touch()
    return page
