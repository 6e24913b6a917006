"""Commands about waits, what surrounds a touchpoint, and what repeats in paths."""

from __future__ import annotations

from typing import Any

import click

from journeys.api import Journeys
from journeys.cli.answers import answer, goal_option, unit_option
from journeys.insights.paths.explore import OCCURRENCES
from journeys.report.result import Result


@answer
@unit_option
@click.option("--collapse", is_flag=True, help="Consecutive repeats count once.")
def waits(log: Journeys, **options: Any) -> Result:
    """How long each transition takes, by the clock and in business hours."""
    return log.waits(**options)


@answer
@unit_option
@goal_option
@click.option("--start", help="Paths go forward from it; a,b is any of them.")
@click.option("--via", help="Steps met on the way, in this order: a,b. Alone: both sides of the first.")
@click.option("--end", help="Paths go backward from it; with --start forward to it. a,b is any of them.")
@click.option("--depth", default=5, show_default=True, help="Positions shown on each side.")
@click.option("--top", default=8, show_default=True, help="Steps named per position; the rest is (other).")
@click.option("--occurrence", type=click.Choice(OCCURRENCES), default="first", show_default=True,
              help="Which fitting occurrences of the anchor count.")  # fmt: skip
def explore(
    log: Journeys, start: str | None, via: str | None, end: str | None, goal: str | None, **options: Any
) -> Result:
    """What people do after a touchpoint, before it, or both."""
    if goal is None and log.settings and not (end and not start):
        goal = log.settings.journey.goal
    return log.explore(_names(start), _names(via) or (), _names(end), goal=goal, **options)


@answer
@unit_option
@goal_option
@click.option("--length", default=4, show_default=True, help="Longest pattern.")
@click.option("--min-persons", default=30, show_default=True, help="Fewest persons who have a pattern.")
@click.option("--min-share", default=0.01, show_default=True, help="The same as a share of all; the larger holds.")
def patterns(log: Journeys, **options: Any) -> Result:
    """Stretches of steps that mark those who convert."""
    return log.patterns(**options)


@answer
@unit_option
@goal_option
@click.option("--minimal-effect", type=float, help="Smallest difference of conversion shares that matters, e.g. 0.02.")
@click.option("--within", help="Longest extra time, such as 30m; what takes longer is a return visit.")
def needless(log: Journeys, **options: Any) -> Result:
    """Repeats and detours that change nothing about conversion."""
    return log.needless(**options)


def _names(text: str | None) -> list[str] | None:
    """Read names written one after the other with commas."""
    return None if text is None else [name.strip() for name in text.split(",")]


COMMANDS = (waits, explore, patterns, needless)
