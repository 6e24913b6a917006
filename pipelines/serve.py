"""Schedules both flows on a Prefect server and runs them here, one at a time, until stopped: no work pool needed."""

from __future__ import annotations

import os
from pathlib import Path

from prefect import serve
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from journeys.config import load_settings
from journeys.errors import CallError
from journeys.warehouse import find_folder
from pipelines.artifacts import write_slug
from pipelines.backfill import backfill
from pipelines.nightly import nightly

NIGHTLY_CRON = "0 3 * * *"


def serve_flows(config: str | Path = "journeys.toml", *, cron: str = NIGHTLY_CRON) -> None:
    """Serve the deployments `nightly/PROJECT` and `backfill/PROJECT` of one configuration until stopped.

    Args:
        config: the configuration; its project's time zone is the schedule's.
        cron: when the nightly refresh runs.

    Raises:
        ConfigError: the configuration is wrong.
        CallError: `cron` is no schedule.
    """
    settings = load_settings(config)
    try:
        schedule = Cron(cron, timezone=settings.project.timezone)
    except ValueError:
        raise CallError(
            "cron", "not a schedule", found=repr(cron), allowed="five fields, such as '0 3 * * *'"
        ) from None
    # Each run is a process of its own, which has to find this package in a checkout and in a wheel.
    paths = [str(find_folder("pipelines").parent), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    name, parameters = write_slug(settings.project.name) or "journeys", {"config": str(settings.path)}
    by_module = EntrypointType.MODULE_PATH
    serve(
        nightly.to_deployment(name, schedule=schedule, parameters=parameters, entrypoint_type=by_module),
        backfill.to_deployment(name, parameters=parameters, entrypoint_type=by_module),
        limit=1,
        # A run that was due while nothing was served is made up for.
        pause_on_shutdown=False,
    )


if __name__ == "__main__":
    serve_flows(os.environ.get("JOURNEYS_CONFIG", "journeys.toml"))
