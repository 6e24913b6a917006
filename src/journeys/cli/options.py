"""Options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from journeys.report.export import FORMATS

CONFIG_NAME = "journeys.toml"
config_option = click.option("-c", "--config", default=CONFIG_NAME, show_default=True,
                             type=click.Path(path_type=Path), help="The configuration.")  # fmt: skip
_ANSWER_OPTIONS = (
    click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; else standard output."),
    click.option(
        "--format", "file_format", type=click.Choice(FORMATS), help="Else as the file's ending says, or a table."
    ),
    click.option("--as-of", help="Count only what happened up to this time."),
    config_option,
)


def answer_options(command: Any) -> Any:
    """Give a command the options of all that ask the published snapshot: where, up to when, how written."""
    for decorate in _ANSWER_OPTIONS:
        command = decorate(command)
    return command
