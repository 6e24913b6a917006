"""Commands that run the nightly flow; the only module that imports pipelines, and only when it runs one."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from journeys.cli.options import CONFIG_NAME, config_option
from journeys.config import load_settings
from journeys.errors import CallError
from journeys.logs import open as open_snapshot
from journeys.report.terminal import figure_lines, warning_lines
from journeys.sample import CompanyParameters, is_sample_company, write_company
from journeys.units import time_text
from journeys.warehouse import find_folder, prove_writable


@click.command()
@click.option("--dir", "folder", default="demo", show_default=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--persons", default=CompanyParameters.person_count, show_default=True, help="Persons of the company.")
@click.option("--seed", default=CompanyParameters.seed, show_default=True, help="Same seed, same bytes.")
def demo(folder: Path, persons: int, seed: int) -> None:
    """Make a seeded sample company, run the nightly flow over it and write the report."""
    if folder.is_dir() and any(folder.iterdir()) and not is_sample_company(folder):
        raise CallError("demo", f"{folder} holds something other than an untouched sample company",
                        do="name an empty folder")  # fmt: skip
    parameters = CompanyParameters(person_count=persons, seed=seed)
    click.echo(f"sample company of {persons:,} persons", err=True)
    write_company(folder, parameters)
    config = folder / CONFIG_NAME
    _refresh(config)
    for label, path in (("configuration", config), ("data", folder / "data"), ("planted truth", folder / "truth"),
                        ("warehouse", folder / "warehouse" / "current")):  # fmt: skip
        click.echo(f"{label:<15} {path}")


@click.command()
@config_option
@click.option("--full", is_flag=True, help="Make everything anew from the stored rows, and publish.")
@click.option("--as-of", help="Reproduce an earlier night as a snapshot of its own; the current one stays.")
@click.option("--dry-run", is_flag=True, help="Do everything but publish.")
@click.option("--accept-gates", is_flag=True, help="Publish although gates block it; this once they warn.")
def refresh(config: Path, full: bool, as_of: str | None, dry_run: bool, accept_gates: bool) -> None:
    """Pull what is new, work out what it touches, and publish the result."""
    _refresh(config, full=full, as_of=as_of, dry_run=dry_run, accept_gates=accept_gates)


@click.command()
@config_option
@click.option("--from", "since", required=True, help="First day (or time) to take.")
@click.option("--to", "until", required=True, help="Last day, taken whole (or a time, up to which is taken).")
@click.option("--dry-run", is_flag=True, help="Do everything but publish.")
def backfill(config: Path, since: str, until: str, dry_run: bool) -> None:
    """Read the sources again from the start and take what happened in a span of time and is missing."""
    _refresh(config, since=since, until=until, dry_run=dry_run)


def _refresh(config: Path, **options: Any) -> None:
    """Run the nightly flow in this process and say where everything is."""
    settings = load_settings(config)
    if not os.environ.get("PREFECT_API_URL"):  # without a server of the user's, Prefect keeps to itself and is quiet
        home = settings.warehouse.path / ".prefect"
        prove_writable(settings.warehouse.path)
        home.mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("PREFECT_HOME", str(home))
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
        os.environ.setdefault("PREFECT_LOGGING_TO_API_ENABLED", "false")
    sys.path.insert(0, str(find_folder("pipelines").parent))
    nightly = importlib.import_module("pipelines.nightly").nightly
    done = nightly(str(settings.path), **options)
    if done.snapshot and done.report:
        if done.is_current:
            _print_figures(config)
        else:
            click.echo(f"{'snapshot':<15} {done.snapshot.folder}")
        click.echo(f"\n{'report':<15} {done.report}")


def _print_figures(config: Path) -> None:
    with open_snapshot(config) as log:
        for line in warning_lines(log.log.engine):
            click.echo(line, err=True)
        click.echo(f"as of {time_text(log.log.as_of_us)}")
        for line in figure_lines(log.log.engine, currency=log.settings.project.currency if log.settings else ""):
            click.echo(line)
