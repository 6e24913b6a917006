"""Commands about sessions."""

from __future__ import annotations

from typing import Any

import click

from journeys.api import Journeys
from journeys.cli.answers import answer
from journeys.report.result import Result


@answer
@click.option("--timeout", help="Longest pause inside a session, such as 30m; else as configured.")
def sessions(log: Journeys, **options: Any) -> Result:
    """Sessions, one row each."""
    return log.sessions(**options)
