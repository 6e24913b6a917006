"""Commands about funnels."""

from __future__ import annotations

from typing import Any

import click

from journeys.api import Journeys
from journeys.cli.answers import answer
from journeys.errors import CallError
from journeys.report.result import Result

_FUNNEL_OPTIONS = (
    click.option("--window", help="Longest time from step 1, such as 7d."),
    click.option("--order", help="ordered, strict or any; else as configured."),
    click.option("--entry", help="best, first, each or open (at any step); else as configured."),
    click.option("--ties", help="together, increasing or sequence; else as configured."),
    click.option("--unit", help="person, session or account; else as configured."),
    click.option("--hold", help="Column with the same value at every step."),
    click.option("--exclude", multiple=True, metavar="NAME:I:J",
                 help="A chain with NAME between its steps I and J does not count; may be given again."),
    click.option("--missing", default="error", show_default=True, help="error or zero, for a step that never occurs."),
    click.option("--contacts", type=int, help="With --unit account: persons of it that a step takes; else any one."),
)  # fmt: skip


def funnel_options(command: Any) -> Any:
    """Give a command the settings of a funnel's counting."""
    for decorate in reversed(_FUNNEL_OPTIONS):
        command = decorate(command)
    return command


@answer
@click.argument("name", required=False)
@click.option("--steps", help="Steps, separated by commas, instead of a configured funnel.")
@funnel_options
@click.option("--by", help="Column that the counts are split by.")
@click.option("--by-at", default="first", show_default=True, help="first, last or a step's number.")
@click.option("--preset", help="Count as clickhouse, posthog, mixpanel, retentioneering or ga4.")
def funnel(log: Journeys, name: str | None, steps: str | None, by_at: str, **options: Any) -> Result:
    """How many reach each step of a funnel: NAME of the configuration, or --steps."""
    place = int(by_at) if by_at.isdecimal() else by_at
    return log.funnel(wanted_funnel(log, name, steps), by_at=place, **read_options(options))


@answer
@click.option("--person", required=True, help="The person's id (with --unit another unit's).")
@click.option("--funnel", "name", help="Name of a configured funnel.")
@click.option("--steps", help="Steps, separated by commas, instead of a configured funnel.")
@funnel_options
def explain(log: Journeys, person: str, name: str | None, steps: str | None, **options: Any) -> Result:
    """Why a person counts in a funnel, or not: the events chosen, and the rule that refused each other one."""
    return log.explain(person, wanted_funnel(log, name, steps), **read_options(options))


@answer
@click.argument("name", required=False)
@click.option("--steps", help="Steps, separated by commas, instead of a configured funnel.")
@funnel_options
def presets(log: Journeys, name: str | None, steps: str | None, **options: Any) -> Result:
    """Who stands elsewhere in a funnel as other systems count it, and the rule that decides."""
    return log.compare_presets(wanted_funnel(log, name, steps), **read_options(options))


def read_options(options: dict[str, Any]) -> dict[str, Any]:
    """Read the exclusions; the rest is as the library takes it."""
    excluded = []
    for text in options.pop("exclude"):
        match, i, j = (["", "", "", *text.rsplit(":", 2)])[-3:]  # the name may hold colons
        if not (match and i.isdecimal() and j.isdecimal()):
            raise CallError(
                "exclude", "--exclude cannot be read", found=repr(text), allowed="NAME:I:J, such as logout:1:2"
            )
        excluded.append((match, int(i), int(j)))
    return options | {"exclude": excluded}


def wanted_funnel(log: Journeys, name: str | None, steps: str | None) -> Any:
    """Return the configured funnel's name, or the steps of the call."""
    if (name is None) == (steps is None):
        names = [each.name for each in log.settings.funnels] if log.settings else []
        if name is not None or len(names) != 1:
            allowed = (
                f"a name ({', '.join(names)}) or --steps a,b,c" if names else "--steps a,b,c; no funnel is configured"
            )
            raise CallError("funnel", "name one funnel or give --steps, not both or neither", allowed=allowed)
        name = names[0]
    return name if name is not None else [part.strip() for part in (steps or "").split(",") if part.strip()]


COMMANDS = (funnel, explain, presets)
