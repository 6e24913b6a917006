"""The command that writes the report."""

from __future__ import annotations

from pathlib import Path

import click

from journeys.cli.options import config_option
from journeys.config import load_settings
from journeys.errors import PublishError
from journeys.report.publication import write_report
from journeys.warehouse import find_current


@click.command()
@config_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the page goes.")
def report(config: Path, output: Path | None) -> None:
    """Write the report of the published snapshot as one HTML page."""
    settings = load_settings(config)
    snapshot = find_current(settings.warehouse.path)
    if snapshot is None:
        raise PublishError("no-snapshot", f"{settings.warehouse.path}: nothing was published yet",
                           do=f"run `journeys refresh -c {config}`")  # fmt: skip
    click.echo(write_report(settings, snapshot, output))
