"""Commands that ask the published snapshot: one for each verb of the log, and the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from journeys.api import Journeys
from journeys.cli.options import answer_options, config_option
from journeys.config import load_settings
from journeys.errors import CallError, PublishError
from journeys.logs import open as open_snapshot
from journeys.report.export import choose_format, write_result
from journeys.report.publication import write_report
from journeys.report.result import Result
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


def _answer(function: Callable[..., Result]) -> Any:
    """Make a command of a function from an open log (and options) to a result."""

    def run(config: Path, file_format: str | None, output: Path | None, **options: Any) -> None:
        chosen = choose_format(file_format, output)
        with open_snapshot(config) as log:
            write_result(function(log, **options), chosen, output)

    run.__doc__, run.__name__ = function.__doc__, function.__name__
    run.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    return click.command(function.__name__)(answer_options(run))


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
@click.option("--contacts", type=int, help="With --unit account: persons of it that a step takes; else any one.")
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
@_unit
def touchpoints(log: Journeys, **options: Any) -> Result:
    """Reach, drop-off and conversion of each touchpoint."""
    return log.touchpoints(**options)
