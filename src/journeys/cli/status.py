"""`journeys status`: the last refresh, what is published, what the gates found."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from journeys.cli.options import config_option
from journeys.cli.status_text import status_lines
from journeys.config import load_settings
from journeys.errors import PublishError
from journeys.report.export import write_text
from journeys.report.status import read_status


@click.command()
@config_option
@click.option("--format", "file_format", type=click.Choice(("table", "json")), default="table", show_default=True)
def status(config: Path, file_format: str) -> None:
    """Show how the last refresh ended, what is published and what the gates found; exit 1 when it did not end well."""
    settings = load_settings(config)
    now = datetime.now(UTC)
    found = read_status(settings, now=now)
    if file_format == "json":
        write_text(json.dumps(found.to_dict(), ensure_ascii=True, allow_nan=False) + "\n", None)
    else:
        write_text("\n".join(status_lines(found, settings.path, now=now)) + "\n", None)
    if not found.is_well:
        outcome = found.last_run.outcome if found.last_run and not found.last_run.is_well else "snapshot cannot be read"
        raise PublishError("status", f"{settings.warehouse.path}: {outcome}", do="see above")
