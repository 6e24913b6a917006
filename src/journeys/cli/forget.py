"""The command that erases a person everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from journeys.cli.options import config_option
from journeys.cli.refresh import run_flow
from journeys.config import load_settings
from journeys.privacy import Erasure, erase, find_erasure


@click.command()
@config_option
@click.option("--identifier", "references", required=True, multiple=True, metavar="KIND:VALUE",
              help="Of the person to forget; may be given several times.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
def forget(config: Path, references: tuple[str, ...], dry_run: bool) -> None:
    """Erase a person from every table, snapshot, reject and stored row, and keep the person from coming back."""
    settings = load_settings(config)
    erasure = find_erasure(settings, references)
    _tell(erasure, click.echo)
    if dry_run:
        click.echo("dry run         nothing was erased")
        return
    count = erase(settings, erasure)
    click.echo(f"stored rows     {count:,} taken out; everything is made anew from the others", err=True)
    run_flow(config, stored_only=True)
    click.echo("forgotten       in the published snapshot and the stored rows; the snapshots before were removed")
    click.echo("                the sources themselves are not touched: erase the person there, too")


def _tell(erasure: Erasure, echo: Callable[[str], Any]) -> None:
    kinds: dict[str, int] = {}
    for kind, _ in erasure.identifiers:
        kinds[kind] = kinds.get(kind, 0) + 1
    echo("identifiers     " + ", ".join(f"{count} of kind {kind}" for kind, count in sorted(kinds.items())))
    counts = [f"{count:,} {name.replace('_', ' ')}" for name, count in erasure.counts.items()]
    echo("published       " + ", ".join(counts))
    if not erasure.counts["persons"]:
        echo("                nobody who is published has this identifier; rows of it will not be taken from now on")
    for place in erasure.overrides:
        echo(f"configuration   {place} names the person: take it out of the file")
