"""Commands about what people do one after the other."""

from __future__ import annotations

from typing import Any

import click

from journeys.api import Journeys
from journeys.cli.answers import answer, goal_option, unit_option
from journeys.report.result import Result


@answer
@unit_option
@click.option("--collapse", is_flag=True, help="Consecutive repeats count once.")
@click.option("--boundaries", is_flag=True, help="Add (start) and (end).")
def transitions(log: Journeys, **options: Any) -> Result:
    """How often one step directly follows another."""
    return log.transitions(**options)


@answer
@unit_option
@goal_option
@click.option("--start", help="Paths begin at the first such step.")
@click.option("--end", help="Paths stop at the next such step.")
@click.option("--depth", default=8, show_default=True, help="Positions shown.")
@click.option("--top", type=int, help="Steps named per position; the rest is (other).")
@click.option("--revisits", is_flag=True, help="Number what is met again on a path: 'Cart (2)'.")
@click.option("--floor", type=int, help="Links of fewer lead to (other).")
@click.option("--by", help="Column that tells paths apart, by its value at their first step.")
@click.option("--groups", help="Values of --by, separated by commas; the others are (rest).")
def paths(log: Journeys, goal: str | None, groups: str | None, **options: Any) -> Result:
    """Links of the paths, position by position."""
    configured = log.settings.journey.goal if log.settings else None
    named = None if groups is None else [part.strip() for part in groups.split(",") if part.strip()]
    return log.paths(goal=goal or configured, groups=named, **options)


COMMANDS = (transitions, paths)
