"""`journeys identity`: who is who in numbers, one identifier explained, the figures under each rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from journeys.api import Journeys
from journeys.cli.explanation_text import explanation_lines
from journeys.cli.options import answer_options
from journeys.cli.summary_text import summary_lines
from journeys.config import Settings
from journeys.errors import CallError
from journeys.identity.explain import explain_identifier
from journeys.logs import open as open_snapshot
from journeys.privacy import protect_reference
from journeys.report.export import choose_format, write_result, write_text
from journeys.report.result import plain_rows
from journeys.report.who_is_who import read_who_is_who
from journeys.units import time_text
from journeys.warehouse import find_current

_LARGE = "SELECT person_id, identifier_count, bridges FROM large_persons ORDER BY identifier_count DESC, person_id"


@click.command()
@answer_options
@click.option("--explain", "asked", metavar="KIND:VALUE", help="One identifier: person, evidence, refusals.")
@click.option("--sensitivity", "is_sensitivity", is_flag=True, help="The main figures under each rule of identity.")
def identity(
    config: Path,
    file_format: str | None,
    output: Path | None,
    as_of: str | None,
    asked: str | None,
    is_sensitivity: bool,
) -> None:
    """Who is who: persons, identifiers, what the guards refused, and why."""
    if asked is not None and is_sensitivity:
        raise CallError("identity", "--explain and --sensitivity are two questions", do="ask one of them")
    if as_of is not None and not is_sensitivity:
        raise CallError("as-of", "only --sensitivity counts up to a time; the rest is of the whole snapshot",
                        found=repr(as_of), do="leave --as-of out")  # fmt: skip
    chosen = choose_format(file_format, output)
    if not is_sensitivity and chosen not in ("table", "json"):
        raise CallError("format", "only --sensitivity is rows of one table", found=chosen, allowed="table, json")
    with open_snapshot(config) as log:
        assert log.settings is not None, "a snapshot is opened by its configuration"
        if is_sensitivity:
            write_result(log.identity_sensitivity(as_of=as_of), chosen, output)
            return
        content, lines = _summarise(log, log.settings) if asked is None else _explain(log, log.settings, asked)
    document = json.dumps(content, ensure_ascii=False, allow_nan=False)
    write_text((document if chosen == "json" else "\n".join(lines)) + "\n", output)


def _explain(log: Journeys, settings: Settings, asked: str) -> tuple[dict[str, Any], list[str]]:
    as_of = time_text(log.log.as_of_us)
    kept = protect_reference(asked, settings)
    explanation = explain_identifier(log.log.engine, settings.identity, kept, as_of=as_of)
    return explanation.to_dict(), list(explanation_lines(explanation))


def _summarise(log: Journeys, settings: Settings) -> tuple[dict[str, Any], list[str]]:
    engine = log.log.engine
    snapshot = find_current(settings.warehouse.path)
    assert snapshot is not None, "it is open"
    numbers = read_who_is_who(engine, settings, snapshot.manifest)
    content = {
        "as_of": time_text(log.log.as_of_us),
        "snapshot_id": snapshot.manifest.snapshot_id,
        "rule": settings.identity.rule,
        "person_count": numbers.person_count,
        "known_person_count": numbers.known_count,
        "bot_person_count": numbers.bot_count,
        "identifiers": plain_rows(numbers.kinds),
        "refused": plain_rows(numbers.refusals),
        "alarm_size": numbers.alarm_size,
        "large_persons": plain_rows(engine.frame(_LARGE)),
        "changed_ids": plain_rows(numbers.aliases),
    }
    return content, list(summary_lines(content))
