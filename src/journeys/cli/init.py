"""The command that writes a configuration: one to start from, or one for what a file or database holds."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from journeys.cli.options import CONFIG_NAME
from journeys.config import Settings, Source, build_settings, starter_text
from journeys.errors import CallError, ConfigError
from journeys.presets import list_presets, load_preset
from journeys.sources import check_source

if TYPE_CHECKING:
    from journeys.sources.guess import Drafted

_WIDEST = 40


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--from", "place", metavar="PLACE", help="A file, folder, API or database: guess how to read it.")
@click.option("--preset", help="With --from: read it as this preset, whatever it looks like.")
@click.option(
    "--auth",
    "login",
    metavar="HOW",
    help="Of an API: bearer, header:NAME, query:NAME or basic:USER; the secret is in JOURNEYS_SOURCE_TOKEN.",
)
@click.option("--presets", "is_listing", is_flag=True, help="List the presets, and write nothing.")
def init(folder: Path, place: str | None, preset: str | None, login: str | None, is_listing: bool) -> None:
    """Write a journeys.toml: a commented one to start from, or with --from one for what lies there."""
    if is_listing:
        for name in list_presets():
            click.echo(f"{name:<20} {load_preset(name).title}")
        return
    target = folder / CONFIG_NAME
    if target.exists():
        raise CallError("init", f"{target} is there already", do="edit it, or remove it first")
    if place is None:
        if preset or login:
            name = "--preset" if preset else "--auth"
            raise CallError("init", f"{name} goes with --from", do="say with --from where the export lies")
        _write(target, starter_text())
        click.echo(f"{target}\nname your sources in it, then run: journeys check -c {target}")
        return
    from journeys.sources.guess import draft_settings  # SQLAlchemy takes long to import

    drafted = draft_settings(place, folder.absolute(), preset=preset, login=login)
    _write(target, drafted.text)
    for line in drafted.lines:
        click.echo(_plain(line))
    click.echo(f"\n{target}:\n\n{drafted.text}")
    _prove(target, drafted)


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _prove(target: Path, drafted: Drafted) -> None:
    """Show the first rows as they will be read, and what `journeys check` would say of each source."""
    try:
        settings = build_settings(
            tomllib.loads(drafted.text), target, environment={**os.environ, **drafted.environment}
        )
    except ConfigError as error:
        problems = list(error.problems)
    else:
        problems = [problem for source in settings.sources for problem in _check(settings, source)]
    for problem in problems:
        click.echo(f"  - {problem}", err=True)
    click.echo(f"{'mend it' if problems else 'look it over'}, then run: journeys check -c {target}")


def _check(settings: Settings, source: Source) -> list[str]:
    from journeys.sources.guess import COLUMNS, show_rows

    problems = check_source(source, settings.project, settings.folder, identity=settings.identity)
    if not problems:
        click.echo(f"first rows of {source.name}, as they will be read: {', '.join(COLUMNS)}")
        for row in show_rows(source, settings.project, settings.folder):
            click.echo("  " + ", ".join("-" if value is None else _plain(str(value)[:_WIDEST]) for value in row))
    return problems


def _plain(text: str) -> str:
    """A text of a source as it may stand on a terminal."""
    return "".join(each if each.isprintable() else " " for each in text)
