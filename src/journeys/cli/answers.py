"""Make commands of questions that the published snapshot answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from journeys.cli.options import answer_options
from journeys.logs import open as open_snapshot
from journeys.report.export import choose_format, write_result
from journeys.report.result import Result

unit_option = click.option("--unit", default="person", show_default=True, help="person, session or account.")
goal_option = click.option("--goal", help="Name of a goal, touchpoint or event; else the configured one.")


def answer(function: Callable[..., Result]) -> Any:
    """Make a command of a function from an open log (and options) to a result."""

    def run(config: Path, file_format: str | None, output: Path | None, **options: Any) -> None:
        chosen = choose_format(file_format, output)
        with open_snapshot(config) as log:
            write_result(function(log, **options), chosen, output)

    run.__doc__, run.__name__ = function.__doc__, function.__name__
    run.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    return click.command(function.__name__.replace("_", "-"))(answer_options(run))
