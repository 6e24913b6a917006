"""Refreshes that are killed at a chosen moment, each in a process forked from this one, which has imported everything.

Argument: the configuration. Each line of standard input is the number of the step at which to die (0 = never): a step
is a statement of DuckDB, or a change of a file or folder. Each is answered by a line: 'killed', or 'ended' with the
exit code and how many steps there were.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipelines_direct import plain_tasks

from journeys.cli import main
from journeys.warehouse.engine import Engine


class Steps:
    """Counts steps, and dies at one of them."""

    def __init__(self, last: int) -> None:
        self.count, self.last = 0, last

    def watch(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            if self.count == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        return step


def refresh(config: str, last: int, answer: int) -> None:
    """Run one refresh in this process and tell how it ended."""
    steps = Steps(last)
    for module, name in ((os, "replace"), (os, "link"), (os, "fsync"), (os, "unlink"), (os, "rename"),
                         (shutil, "rmtree"), (Engine, "_execute")):  # fmt: skip
        setattr(module, name, steps.watch(getattr(module, name)))
    code: object = 0
    with plain_tasks() as flow, mock.patch.object(flow, "nightly", flow.nightly.fn):
        try:
            main(["refresh", "-c", config])
        except SystemExit as end:
            code = end.code
    os.write(answer, f"{code} {steps.count}".encode())


if __name__ == "__main__":
    with plain_tasks():
        pass
    for line in sys.stdin:
        reading, answer = os.pipe()
        child = os.fork()
        if not child:
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            refresh(sys.argv[1], int(line), answer)
            os._exit(0)
        os.close(answer)
        _, status = os.waitpid(child, 0)
        told = os.read(reading, 100).decode()
        os.close(reading)
        print("killed" if os.WIFSIGNALED(status) else f"ended {told}", flush=True)
