"""A refresh in its own process, without Prefect's start-up, that stops at a named verb of the flow until it is killed.

Arguments: the configuration, the verb to stop before (or '-'), the largest file it may write in bytes (or '-').
"""

from __future__ import annotations

import importlib
import resource
import sys
import time
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipelines_direct import plain_tasks

from journeys.cli import main


def hold(*_: object, **__: object) -> None:
    """Say that the place is reached, and stay there."""
    print("held", flush=True)
    time.sleep(600)


if __name__ == "__main__":
    config, verb, limit = sys.argv[1:]
    if limit != "-":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    with plain_tasks() as flow, mock.patch.object(flow, "nightly", flow.nightly.fn):
        if verb != "-":
            setattr(flow if hasattr(flow, verb) else importlib.import_module("pipelines.tasks"), verb, hold)
        main(["refresh", "-c", config])
