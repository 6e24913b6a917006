"""Commands about touchpoints."""

from __future__ import annotations

from typing import Any

from journeys.api import Journeys
from journeys.cli.answers import answer, goal_option, unit_option
from journeys.report.result import Result


@answer
@goal_option
@unit_option
def touchpoints(log: Journeys, **options: Any) -> Result:
    """Reach, drop-off and conversion of each touchpoint."""
    return log.touchpoints(**options)
