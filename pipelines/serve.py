"""Schedules both flows on a Prefect server and runs them here, one at a time, until stopped: no work pool needed."""

from __future__ import annotations

import os
from pathlib import Path

from prefect import serve
from prefect.schedules import Cron

from journeys.config import load_settings
from journeys.warehouse import find_folder
from pipelines.backfill import backfill
from pipelines.nightly import nightly

NIGHTLY_CRON = "0 3 * * *"


def serve_flows(config: str | Path = "journeys.toml", *, cron: str = NIGHTLY_CRON) -> None:
    """Serve `nightly/nightly` and `backfill/backfill` of one configuration until stopped.

    Args:
        config: the configuration; its project's time zone is the schedule's.
        cron: when the nightly refresh runs.

    Raises:
        ConfigError: the configuration is wrong.
    """
    settings = load_settings(config)
    parameters = {"config": str(settings.path)}
    # Each run is a process of its own, which has to find this package in a checkout and in a wheel.
    paths = [str(find_folder("pipelines").parent), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    serve(
        nightly.to_deployment(
            "nightly",
            schedule=Cron(cron, timezone=settings.project.timezone),
            parameters=parameters,
            concurrency_limit=1,
        ),
        backfill.to_deployment("backfill", parameters=parameters, concurrency_limit=1),
        limit=1,
    )


if __name__ == "__main__":
    serve_flows(os.environ.get("JOURNEYS_CONFIG", "journeys.toml"))
