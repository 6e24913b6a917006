"""The command that lists what no touchpoint rule takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from journeys.cli.options import answer_options
from journeys.logs import open as open_snapshot
from journeys.report.export import choose_format, write_result, write_text


@click.command()
@click.option("--top", default=50, show_default=True, help="Groups shown.")
@click.option("--address", default="url", show_default=True, help="Column or property with the address of a page.")
@click.option("--by-event", is_flag=True, help="Group by event alone.")
@click.option("--rules", is_flag=True, help="Write the suggested rules, to paste at the end of journeys.toml.")
@answer_options
def catalogue(
    config: Path,
    file_format: str | None,
    output: Path | None,
    address: str,
    by_event: bool,
    rules: bool,
    **options: Any,
) -> None:
    """What no touchpoint rule takes, the commonest first, each with a rule for journeys.toml."""
    with open_snapshot(config) as log:
        if rules:
            found = log.catalogue(address=None if by_event else address, **options)
            write_text("\n".join(found.frame["rule"]), output)
            return
        chosen = choose_format(file_format, output)
        found = log.catalogue(address=None if by_event else address, **options)
    if chosen == "table":  # a rule has several lines; --rules writes them
        found = replace(found, frame=found.frame.drop(columns="rule"))
    write_result(found, chosen, output)
