"""Commands about times, trends, groups and changes of a funnel."""

from __future__ import annotations

from typing import Any

import click

from journeys.api import Journeys
from journeys.cli.answers import answer
from journeys.cli.funnels import funnel_options, read_options, wanted_funnel
from journeys.report.result import Result

_before_option = click.option("--before", help="Period of entry, such as 2026-01-01..2026-02-01 (its end excluded).")
_after_option = click.option("--after", help="Period that it is held against.")
_by_option = click.option("--by", help="Column whose value at the entry names the group or segment.")


def _of_funnel(command: Any) -> Any:
    """Give a command a funnel's name or steps, and the settings of its counting."""
    named = click.option("--steps", help="Steps, separated by commas, instead of a configured funnel.")
    return click.argument("name", required=False)(named(funnel_options(command)))


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not given, for that is as configured."""
    return {name: value for name, value in read_options(options).items() if value is not None}


@answer
@_of_funnel
@click.option("--competing", multiple=True, help="What else ends the way: a step, or (dropped); may be repeated.")
def funnel_times(
    log: Journeys, name: str | None, steps: str | None, competing: tuple[str, ...], **options: Any
) -> Result:
    """How long entrants take to each step, open ones counted in."""
    return log.funnel_times(wanted_funnel(log, name, steps), competing=list(competing) or None, **_given(options))


@answer
@_of_funnel
@click.option("--every", default="week", show_default=True, help="day, week or month.")
def funnel_trend(log: Journeys, name: str | None, steps: str | None, **options: Any) -> Result:
    """A funnel by date of entry."""
    return log.funnel_trend(wanted_funnel(log, name, steps), **_given(options))


@answer
@_of_funnel
@_by_option
@_before_option
@_after_option
@click.option("--against", help="Group that all others are held against; else all others together.")
def compare_groups(log: Journeys, name: str | None, steps: str | None, **options: Any) -> Result:
    """Who gets through a funnel, by group (--by) or period (--before, --after)."""
    return log.compare_groups(wanted_funnel(log, name, steps), **_given(options))


@answer
@_of_funnel
@click.option("--column", "columns", multiple=True, help="A column to ask about besides touchpoints; may be repeated.")
@click.option("--columns-at", default="entry", show_default=True, help="entry or first: the event it is read from.")
def separators(log: Journeys, name: str | None, steps: str | None, **options: Any) -> Result:
    """What separates those who get through a funnel: touchpoints and columns, ranked."""
    return log.separators(wanted_funnel(log, name, steps), **_given(options))


@answer
@_of_funnel
@_by_option
@_before_option
@_after_option
@click.option("--seed", default=1, show_default=True, help="Of the intervals' random draws.")
def funnel_change(
    log: Journeys, name: str | None, steps: str | None, before: str | None, after: str | None, **options: Any
) -> Result:
    """What changed between two periods: who came (--by), and how each step converted."""
    return log.funnel_change(wanted_funnel(log, name, steps), before=before, after=after, **_given(options))


COMMANDS = (funnel_times, funnel_trend, compare_groups, separators, funnel_change)
