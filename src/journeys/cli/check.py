"""The command that proves a configuration against its sources."""

from __future__ import annotations

from pathlib import Path

import click

from journeys.cli.options import config_option
from journeys.config import Settings, load_settings
from journeys.errors import PublishError
from journeys.logs import open as open_snapshot
from journeys.paths.rules import prove_rules
from journeys.privacy import prove_key
from journeys.report.terminal import warning_lines
from journeys.sources import check_source
from journeys.units import time_text
from journeys.warehouse import find_current, prove_writable


@click.command()
@config_option
def check(config: Path) -> None:
    """Prove the configuration against its sources without loading, and show the last data quality."""
    settings = load_settings(config)
    for warning in settings.warnings:
        click.echo(f"warning: {warning}")
    prove_rules(settings)
    click.echo(f"{settings.path}: configuration is right")
    prove_writable(settings.warehouse.path)
    prove_key(settings)
    faults = 0
    for source in settings.sources:
        problems = check_source(source, settings.project, settings.folder, identity=settings.identity)
        faults += len(problems)
        click.echo(
            f"source {source.name}: "
            + ("right" if not problems else f"{len(problems)} problem{'s' if len(problems) > 1 else ''}")
        )
        for problem in problems:
            click.echo(f"  - {problem}", err=True)
    faults += _check_snapshot(settings, config)
    if faults:
        raise PublishError("check", f"{faults} problem{'s' if faults != 1 else ''} found", do="see above")


def _check_snapshot(settings: Settings, config: Path) -> int:
    """Show what became of the rows of the last refresh; return how many sources gave no usable row."""
    snapshot = find_current(settings.warehouse.path, is_read=False)
    if snapshot is None or not snapshot.is_of_this_version:
        what = "nothing was published yet" if snapshot is None else "what was published is of an older version"
        click.echo(f"{what}; next: journeys refresh -c {config}")
        return 0
    with open_snapshot(config) as log:
        for line in warning_lines(log.log.engine):
            click.echo(line)
        quality = log.table("data_quality").sort_values("source_index")
        click.echo(f"last refresh: as of {time_text(log.log.as_of_us)}")
    faults = 0
    for row in quality.to_dict("records"):
        click.echo(f"  {row['source']}: read {row['read_count']:,} = accepted {row['accepted_count']:,} + duplicate "
                   f"{row['duplicate_count']:,} + rejected {row['rejected_count']:,}")  # fmt: skip
        if not row["accepted_count"]:
            click.echo(f"  - source {row['source']}: no row could be used", err=True)
            faults += 1
    return faults
