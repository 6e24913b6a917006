"""Commands about what touchpoints go with, other things alike."""

from __future__ import annotations

from typing import Any

import click

from journeys.api import Journeys
from journeys.cli.answers import answer, goal_option, unit_option
from journeys.report.result import Result


@answer
@goal_option
@unit_option
@click.option("--among", multiple=True, help="A touchpoint or event to ask about; may be repeated; else all.")
@click.option("--adjust-for", multiple=True, help="A column to hold alike, as at the first contact; may be repeated.")
def effects(log: Journeys, adjust_for: tuple[str, ...], **options: Any) -> Result:
    """Adjusted effect of each touchpoint on the goal, with intervals."""
    return log.effects(adjust_for=adjust_for or None, **options)
