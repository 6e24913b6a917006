"""The command line. Exit codes: 0 done, 1 the work failed, 2 the call or the configuration is wrong."""

from __future__ import annotations

import importlib
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from journeys.api import Journeys
from journeys.config import Settings, load_settings, starter_text
from journeys.errors import CallError, JourneysError, PublishError
from journeys.logs import open as open_snapshot
from journeys.paths.rules import prove_rules
from journeys.report.export import FORMATS, choose_format, write_result
from journeys.report.publication import write_report
from journeys.report.result import Result
from journeys.report.terminal import figure_lines, warning_lines
from journeys.sample import CompanyParameters, is_sample_company, write_company
from journeys.sources import check_source
from journeys.units import time_text
from journeys.version import VERSION
from journeys.warehouse import find_current, find_folder, prove_writable

CONFIG_NAME = "journeys.toml"
_config = click.option("-c", "--config", default=CONFIG_NAME, show_default=True, type=click.Path(path_type=Path),
                       help="The configuration.")  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a character shows its code
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        commands.main(arguments, prog_name="journeys", standalone_mode=False)
    except JourneysError as error:
        _let_go(error)
        click.echo(f"JourneysError {error}", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except SystemExit:  # click's way to end when the reader of its help, such as `head`, has gone
        return 0
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; what was published before stays", err=True)
        return 1
    except Exception as error:  # the last resort: one line for the operator, the rest only when asked for
        if os.environ.get("JOURNEYS_DEBUG"):
            raise
        _let_go(error)
        click.echo(
            f"JourneysError [unexpected] {type(error).__name__}: {error}\n"
            "  do       run again with JOURNEYS_DEBUG=1 to see where; what was published before stays",
            err=True,
        )
        return 1
    return 0


def _let_go(error: BaseException | None) -> None:
    """Empty the frames that an error holds: a database connection found there at exit is reported at length."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="journeys")
def commands() -> None:
    """Customer journeys from event logs, every night, with numbers that agree."""


@commands.command()
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
    _refresh(config, full=False, dry_run=False)
    for label, path in (("configuration", config), ("data", folder / "data"), ("planted truth", folder / "truth"),
                        ("warehouse", folder / "warehouse" / "current")):  # fmt: skip
        click.echo(f"{label:<15} {path}")


@commands.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Write a commented journeys.toml to start from."""
    target = folder / CONFIG_NAME
    if target.exists():
        raise CallError("init", f"{target} is there already", do="edit it, or remove it first")
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(starter_text(), encoding="utf-8")
    click.echo(f"{target}\nname your sources in it, then run: journeys check -c {target}")


@commands.command()
@_config
@click.option("--full", is_flag=True, help="Rebuild and publish even when nothing is new.")
@click.option("--dry-run", is_flag=True, help="Do everything but publish.")
def refresh(config: Path, full: bool, dry_run: bool) -> None:
    """Pull all sources, rebuild the warehouse and publish the result."""
    _refresh(config, full=full, dry_run=dry_run)


@commands.command()
@_config
def check(config: Path) -> None:
    """Prove the configuration against its sources without loading, and show the last data quality."""
    settings = load_settings(config)
    for warning in settings.warnings:
        click.echo(f"warning: {warning}")
    prove_rules(settings)
    click.echo(f"{settings.path}: configuration is right")
    prove_writable(settings.warehouse.path)
    faults = 0
    for source in settings.sources:
        problems = check_source(source, settings.project, settings.folder)
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


@commands.command()
@_config
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the page goes.")
def report(config: Path, output: Path | None) -> None:
    """Write the report of the published snapshot as one HTML page."""
    settings = load_settings(config)
    snapshot = find_current(settings.warehouse.path)
    if snapshot is None:
        raise PublishError("no-snapshot", f"{settings.warehouse.path}: nothing was published yet",
                           do=f"run `journeys refresh -c {config}`")  # fmt: skip
    click.echo(write_report(settings, snapshot, output))


def _answer(function: Callable[..., Result]) -> Any:
    """Make a command of a function from an open log (and options) to a result."""

    def run(config: Path, file_format: str | None, output: Path | None, **options: Any) -> None:
        chosen = choose_format(file_format, output)
        with open_snapshot(config) as log:
            write_result(function(log, **options), chosen, output)

    run.__doc__, run.__name__ = function.__doc__, function.__name__
    run.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    decorators = (
        click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; else standard output."),
        click.option(
            "--format", "file_format", type=click.Choice(FORMATS), help="Else as the file's ending says, or a table."
        ),
        click.option("--as-of", help="Count only what happened up to this time."),
        _config,
    )
    for decorate in decorators:
        run = decorate(run)
    return commands.command(function.__name__)(run)


_unit = click.option("--unit", default="person", show_default=True, help="person, session or account.")
_goal = click.option("--goal", help="Name of a goal, touchpoint or event; else the configured one.")


@_answer
@click.option("--timeout", help="Longest pause inside a session, such as 30m; else as configured.")
def sessions(log: Journeys, **options: Any) -> Result:
    """Sessions, one row each."""
    return log.sessions(**options)


@_answer
@click.argument("name", required=False)
@click.option("--steps", help="Steps, separated by commas, instead of a configured funnel.")
@click.option("--window", help="Longest time from step 1, such as 7d.")
@click.option("--entry", default=None, help="best or first.")
@click.option("--missing", default="error", show_default=True, help="error or zero, for a step that never occurs.")
@_unit
def funnel(log: Journeys, name: str | None, steps: str | None, entry: str | None, **options: Any) -> Result:
    """How many reach each step of a funnel: NAME of the configuration, or --steps."""
    if (name is None) == (steps is None):
        names = [each.name for each in log.settings.funnels] if log.settings else []
        if name is not None or len(names) != 1:
            allowed = (
                f"a name ({', '.join(names)}) or --steps a,b,c" if names else "--steps a,b,c; no funnel is configured"
            )
            raise CallError("funnel", "name one funnel or give --steps, not both or neither", allowed=allowed)
        name = names[0]
    wanted: Any = name if name is not None else [part.strip() for part in (steps or "").split(",") if part.strip()]
    return log.funnel(wanted, entry=entry, **options)


@_answer
@_unit
@click.option("--collapse", is_flag=True, help="Consecutive repeats count once.")
@click.option("--boundaries", is_flag=True, help="Add (start) and (end).")
def transitions(log: Journeys, **options: Any) -> Result:
    """How often one step directly follows another."""
    return log.transitions(**options)


@_answer
@_unit
@_goal
@click.option("--start", help="Paths begin at the first such step.")
@click.option("--end", help="Paths stop at the next such step.")
@click.option("--depth", default=8, show_default=True, help="Positions shown.")
@click.option("--top", type=int, help="Steps named per position; the rest is (other).")
def paths(log: Journeys, goal: str | None, **options: Any) -> Result:
    """Links of the paths, position by position."""
    configured = log.settings.journey.goal if log.settings else None
    return log.paths(goal=goal or configured, **options)


@_answer
@_goal
def touchpoints(log: Journeys, **options: Any) -> Result:
    """Reach, drop-off and conversion of each touchpoint."""
    return log.touchpoints(**options)


def _refresh(config: Path, *, full: bool, dry_run: bool) -> None:
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
    done = nightly(str(settings.path), full=full, dry_run=dry_run)
    if done.snapshot and done.report:
        _print_figures(config)
        click.echo(f"\n{'report':<15} {done.report}")


def _print_figures(config: Path) -> None:
    with open_snapshot(config) as log:
        for line in warning_lines(log.log.engine):
            click.echo(line, err=True)
        click.echo(f"as of {time_text(log.log.as_of_us)}")
        for line in figure_lines(log.log.engine, currency=log.settings.project.currency if log.settings else ""):
            click.echo(line)


def _check_snapshot(settings: Settings, config: Path) -> int:
    """Show what became of the rows of the last refresh; return how many sources gave no usable row."""
    if find_current(settings.warehouse.path) is None:
        click.echo(f"nothing was published yet; next: journeys refresh -c {config}")
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


if __name__ == "__main__":
    main()
