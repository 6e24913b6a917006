"""Commands about touchpoints."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from journeys.api import Journeys
from journeys.cli.answers import answer, goal_option, unit_option
from journeys.report.result import Result


@answer
@goal_option
@unit_option
@click.option("--by", help="A column or property: the same table for each value at a person's first contact.")
def touchpoints(log: Journeys, **options: Any) -> Result:
    """Reach, drop-off and conversion of each touchpoint."""
    return log.touchpoints(**options)


@answer
def channels(log: Journeys, **options: Any) -> Result:
    """Where sessions come from, and which rule decided each channel."""
    return log.channels(**options)


@answer
@goal_option
@unit_option
@click.option("--inactive-days", type=float, help="Days without a contact after which a person is dropped.")
def dropoff(log: Journeys, **options: Any) -> Result:
    """Where people give up, and who is still open, for each touchpoint."""
    return log.dropoff(**options)


@answer
@click.option("--bounce", default="single", show_default=True, help="single (one event in all) or ga4 (not engaged).")
@click.option("--views", help="With ga4: the event that is a view; else every contact.")
def exits(log: Journeys, **options: Any) -> Result:
    """With which touchpoint sessions end, and which landings bounce."""
    return log.exits(**options)


@answer
@goal_option
@unit_option
@click.option("--within", help="How long a person has to go on, such as 14d; else inactive_days.")
def stages(log: Journeys, **options: Any) -> Result:
    """How many reached each stage and went no further."""
    return log.stages(**options)


@answer
@goal_option
@unit_option
@click.option("--inactive-days", type=float, help="Days without a contact after which a person is dropped.")
def touches(log: Journeys, **options: Any) -> Result:
    """How many touches each stage took, against those expected."""
    return log.touches(**options)


@answer
@goal_option
@click.option("--distribution", is_flag=True, help="How many persons made how many visits.")
def visits(log: Journeys, distribution: bool, **options: Any) -> Result:
    """How many visits people made before the goal, by the channel of the first."""
    found = log.visits(**options)
    return replace(found, frame=found.tables["distribution"]) if distribution else found


COMMANDS = (touchpoints, channels, dropoff, exits, stages, touches, visits)
