"""Commands about funnels."""

from __future__ import annotations

from typing import Any

import click

from journeys.api import Journeys
from journeys.cli.answers import answer, unit_option
from journeys.errors import CallError
from journeys.report.result import Result


@answer
@click.argument("name", required=False)
@click.option("--steps", help="Steps, separated by commas, instead of a configured funnel.")
@click.option("--window", help="Longest time from step 1, such as 7d.")
@click.option("--entry", default=None, help="best or first.")
@click.option("--missing", default="error", show_default=True, help="error or zero, for a step that never occurs.")
@unit_option
@click.option("--contacts", type=int, help="With --unit account: persons of it that a step takes; else any one.")
def funnel(log: Journeys, name: str | None, steps: str | None, entry: str | None, **options: Any) -> Result:
    """How many reach each step of a funnel: NAME of the configuration, or --steps."""
    return log.funnel(read_wanted(log, name, steps), entry=entry, **options)


def read_wanted(log: Journeys, name: str | None, steps: str | None) -> list[str] | str:
    """Return the funnel that a call means: a configured name (the only one when none is given), or the steps.

    Raises:
        CallError: both are given, or none and the configuration does not have exactly one.
    """
    if (name is None) == (steps is None):
        names = [each.name for each in log.settings.funnels] if log.settings else []
        if name is not None or len(names) != 1:
            allowed = (
                f"a name ({', '.join(names)}) or --steps a,b,c" if names else "--steps a,b,c; no funnel is configured"
            )
            raise CallError("funnel", "name one funnel or give --steps, not both or neither", allowed=allowed)
        name = names[0]
    if steps is None:
        return str(name)
    return [part.strip() for part in steps.split(",") if part.strip()]
