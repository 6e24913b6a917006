"""Commands that run the nightly flow; the only module that imports pipelines, and only when it runs one."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from journeys.cli.options import CONFIG_NAME, config_option
from journeys.config import Settings, load_settings
from journeys.errors import CallError, JourneysError
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
    run_flow(config)
    for label, path in (("configuration", config), ("data", folder / "data"), ("planted truth", folder / "truth"),
                        ("warehouse", folder / "warehouse" / "current")):  # fmt: skip
        click.echo(f"{label:<15} {path}")


@click.command()
@config_option
@click.option("--full", is_flag=True, help="Make everything anew from the stored rows, and publish.")
@click.option("--as-of", help="Reproduce an earlier night as a snapshot of its own; the current one stays.")
@click.option("--dry-run", is_flag=True, help="Do everything but publish.")
@click.option("--accept-gates", is_flag=True, help="Publish although gates block it; this once they warn.")
@click.option("--log-format", default="text", show_default=True, type=click.Choice(("text", "json")),
              help="Of standard error: lines for people, or one JSON object a line.")  # fmt: skip
def refresh(config: Path, log_format: str, **options: Any) -> None:
    """Pull what is new, work out what it touches, and publish the result."""
    told = _pipeline("announce")
    told.use_format(log_format)
    if log_format == "json":  # Prefect's own lines go to its server only
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    try:
        run_flow(config, **options)
    except JourneysError as error:
        if log_format == "text":
            raise
        told.announce_error(error)
        raise click.exceptions.Exit(error.exit_code) from None


@click.command()
@config_option
@click.option("--cron", default="0 3 * * *", show_default=True, help="When, in the project's time zone.")
def serve(config: Path, cron: str) -> None:
    """Schedule the nightly refresh on the Prefect server of PREFECT_API_URL and run it here until stopped."""
    if not os.environ.get("PREFECT_API_URL"):
        raise CallError("no-server", "there is no Prefect server to schedule on", found="PREFECT_API_URL is not set",
                        do="start one with `prefect server start` and set PREFECT_API_URL to its address, such as "
                           "http://127.0.0.1:4200/api; without a server, let cron or systemd run `journeys refresh`",
                        )  # fmt: skip
    load_settings(config)
    _pipeline("serve").serve_flows(config, cron=cron)


@click.command()
@config_option
@click.option("--from", "since", required=True, help="First day (or time) to take.")
@click.option("--to", "until", required=True, help="Last day, taken whole (or a time, up to which is taken).")
@click.option("--dry-run", is_flag=True, help="Do everything but publish.")
def backfill(config: Path, since: str, until: str, dry_run: bool) -> None:
    """Read the sources again from the start and take what happened in a span of time and is missing."""
    run_flow(config, since=since, until=until, dry_run=dry_run)


def run_flow(config: Path, **options: Any) -> None:
    """Run the nightly flow in this process and say where everything is."""
    with _pipeline("alerts").told(config, "nightly"):
        settings = load_settings(config)
        server = None if os.environ.get("PREFECT_API_URL") else _start_server(settings)
        nightly = _pipeline("nightly").nightly
        if server:
            server.wait()
    done = nightly(str(settings.path), **options)
    if done.snapshot and done.report:
        if done.is_current:
            _print_figures(config)
        else:
            click.echo(f"{'snapshot':<15} {done.snapshot.folder}")
        click.echo(f"\n{'report':<15} {done.report}")


def _start_server(settings: Settings) -> Any:
    """Start a Prefect server for this run, which keeps to itself and is quiet; Prefect must not be imported yet."""
    home = settings.warehouse.path / ".prefect"
    prove_writable(settings.warehouse.path)
    home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PREFECT_HOME", str(home))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_LOGGING_TO_API_ENABLED", "false")
    return _pipeline("own_server").OwnServer(home)


def _pipeline(name: str) -> Any:
    """Import a module of `pipelines/`, which lies beside the package."""
    folder = str(find_folder("pipelines").parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(f"pipelines.{name}")


def _print_figures(config: Path) -> None:
    with open_snapshot(config) as log:
        for line in warning_lines(log.log.engine):
            _pipeline("announce").announce_aside(line)
        click.echo(f"as of {time_text(log.log.as_of_us)}")
        for line in figure_lines(log.log.engine, currency=log.settings.project.currency if log.settings else ""):
            click.echo(line)
