"""The command that goes back to an earlier snapshot."""

from __future__ import annotations

from pathlib import Path

import click

from journeys.cli.options import config_option
from journeys.config import load_settings
from journeys.report.publication import go_back, write_report
from journeys.units import time_text


@click.command()
@config_option
@click.option("--to", "name", help="Name of the snapshot; else the newest one before the current.")
def rollback(config: Path, name: str | None) -> None:
    """Make an earlier snapshot the current one again, and write its report."""
    settings = load_settings(config)
    snapshot, former = go_back(settings, name)
    click.echo(f"current now     {snapshot.manifest.snapshot_id}, as of {time_text(snapshot.manifest.as_of_us)}")
    click.echo(f"before          {former}; it is kept, and `journeys rollback --to {former}` returns to it")
    click.echo(f"report          {write_report(settings, snapshot)}")
    click.echo("The next refresh takes up again what came since; mend what was wrong with it first.", err=True)
