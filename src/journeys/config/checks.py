"""What no single key can tell: references, unique names, and which keys go together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import PydanticCustomError

from journeys.config.check_identity import list_kinds
from journeys.config.check_source import check_source
from journeys.config.fields import find_nearest
from journeys.config.match import find_match_faults
from journeys.config.problems import LISTED, Loc, Problems, look_up, write_ordinal
from journeys.config.rules import read_step
from journeys.config.sql_text import check_rule_sql
from journeys.schema import STAGES

_FILE_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")

Item = tuple[Loc, Mapping[str, Any]]


def list_items(document: Mapping[str, Any], *keys: str) -> list[Item]:
    """List the tables of one `[[section]]` with their places; anything else there is left to the readers."""
    value: Any = document
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    found = value if isinstance(value, list) else []
    return [((*keys, place), item) for place, item in enumerate(found) if isinstance(item, dict)]


def check_document(document: Mapping[str, Any], problems: Problems) -> None:
    """Add every mistake that takes more than one key, or more than one table, to see."""
    for section in LISTED:
        _check_unique_names(list_items(document, section), problems)
    kinds = list_kinds(document)
    for loc, source in list_items(document, "source"):
        check_source(loc, source, kinds, problems)
    for section in ("touchpoint", "goal"):
        for loc, rule in list_items(document, section):
            _check_condition(loc, rule, problems)
            check_rule_sql(loc, rule, problems)
    _check_references(document, problems)
    for loc, funnel in list_items(document, "funnel"):
        _check_steps(loc, funnel.get("steps"), problems)
    for loc, rule in list_items(document, "channels", "rule"):
        if not {"source", "medium", "campaign", "referrer"} & set(rule):
            problems.add(
                loc, "no pattern given", allowed="at least one of source, medium, campaign, referrer", show_found=False
            )


def _check_unique_names(items: Sequence[Item], problems: Problems) -> None:
    is_source = bool(items) and items[0][0][0] == "source"
    first: dict[str, Loc] = {}
    for loc, item in items:
        name = item.get("name")
        if not isinstance(name, str):
            continue
        if is_source and not _FILE_NAME.fullmatch(name):
            fitting = re.sub(r"[^A-Za-z0-9-]+", "_", str(look_up((*loc, "name"), problems.written))).strip("_")[:100]
            problems.add(
                (*loc, "name"),
                "not fit for a file name",
                allowed="A-Z, a-z, 0-9, _ and -, at most 100",
                nearest=fitting,
            )
        key = name.casefold() if is_source else name
        if key in first:
            place = first[key][-1]
            assert isinstance(place, int)
            problems.add(
                (*loc, "name"), f"the {write_ordinal(place + 1)} has this name already", allowed="a name of its own"
            )
        first.setdefault(key, loc)


def _check_condition(loc: Loc, rule: Mapping[str, Any], problems: Problems) -> None:
    if ("match" in rule) == ("sql" in rule):
        what = "both match and sql given" if "match" in rule else "neither match nor sql given"
        problems.add(loc, what, allowed="exactly one of them", show_found=False)
    if isinstance(rule.get("match"), dict):
        _add_match_faults((*loc, "match"), rule["match"], problems)


def _add_match_faults(loc: Loc, table: Mapping[str, Any], problems: Problems) -> None:
    for column, what, allowed in find_match_faults(table):
        problems.add((*loc, column) if table else loc, what, allowed=allowed)


def _check_steps(loc: Loc, steps: object, problems: Problems) -> None:
    for place, step in enumerate(steps if isinstance(steps, list) else ()):
        at = (*loc, "steps", place)
        if isinstance(step, dict):
            _add_match_faults(at, step, problems)
            continue
        try:
            read_step(step)
        except PydanticCustomError as error:
            context = error.context or {}
            problems.add(at, context["what"], allowed=context["allowed"])


def _check_references(document: Mapping[str, Any], problems: Problems) -> None:
    for section in ("touchpoint", "goal"):
        for loc, rule in list_items(document, section):
            _check_reference((*loc, "stage"), rule.get("stage"), document, problems)
    journey = document.get("journey")
    if isinstance(journey, dict) and journey.get("goal") != "":
        _check_reference(("journey", "goal"), journey.get("goal"), document, problems)
    sources = [source for _, source in list_items(document, "source")]
    if sources and all(source.get("holds") == "contacts" for source in sources):
        what = "no source of events: each holds contacts"
        problems.add(("source",), what, allowed='at least one [[source]] with holds = "events"', show_found=False)
    for section, example in (("source", "where the events come from"), ("goal", "what counts as a conversion")):
        if document.get(section, []) == []:
            what = f"missing: at least one [[{section}]] is needed"
            problems.add((section,), what, allowed=example, show_found=False)


def _check_reference(loc: Loc, name: object, document: Mapping[str, Any], problems: Problems) -> None:
    section = str(loc[-1])
    if isinstance(name, str) and name not in _names(document, section):
        known = _names(problems.written, section)  # as written: a name may come from the environment
        allowed = ", ".join(known) or f"none: there is no [[{section}]]"
        problems.add(loc, f"no {section} of that name", allowed=allowed, nearest=find_nearest(name, known))


def _names(document: Mapping[str, Any], section: str) -> list[str]:
    if section == "stage" and not document.get(section):
        return list(STAGES)
    return [item["name"] for _, item in list_items(document, section) if isinstance(item.get("name"), str)]
