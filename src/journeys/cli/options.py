"""Options that commands share."""

from __future__ import annotations

from pathlib import Path

import click

CONFIG_NAME = "journeys.toml"
config_option = click.option("-c", "--config", default=CONFIG_NAME, show_default=True,
                             type=click.Path(path_type=Path), help="The configuration.")  # fmt: skip
