"""What no single key can tell: references, unique names, and which keys go together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from pydantic_core import PydanticCustomError

from journeys.config.fields import find_nearest
from journeys.config.match import find_match_faults
from journeys.config.problems import LISTED, Loc, Problems, look_up, write_ordinal
from journeys.config.rules import read_step
from journeys.config.source import FORMAT_OF_ENDING, Source
from journeys.config.sql_text import check_rule_sql, check_source_sql
from journeys.schema import MAPPED_COLUMNS, STAGES

_FILE_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\+[A-Za-z0-9_]+)?://")
_CANONICAL = [column.name for column in MAPPED_COLUMNS]
_IDENTIFIERS = ("device_id", "user_id", "account_id")
_FILE_KEYS = ("path", "format", "pattern", "delimiter")
_DATABASE_KEYS = ("url", "table", "query", "cursor")

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
    for loc, source in list_items(document, "source"):
        _check_source(loc, source, problems)
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


def _check_source(loc: Loc, source: Mapping[str, Any], problems: Problems) -> None:
    kind = source.get("kind")
    if kind == "file":
        _refuse(loc, source, _DATABASE_KEYS, problems)
        if "path" not in source:
            problems.add((*loc, "path"), "missing", allowed='path or glob of the files, such as "data/web/*.jsonl"')
        else:
            _check_format(loc, source, problems)
    elif kind == "database":
        _refuse(loc, source, _FILE_KEYS, problems)
        if "url" not in source:
            problems.add(
                (*loc, "url"),
                "missing",
                allowed='a SQLAlchemy URL, such as "${CRM_URL}" or "sqlite:///data/crm.sqlite"',
            )
        elif isinstance(url := source["url"], str) and not _URL.match(url):
            problems.add(
                (*loc, "url"), "not a database URL", allowed='dialect://..., such as "sqlite:///data/crm.sqlite"'
            )
        if ("table" in source) == ("query" in source):
            both = "both table and query given" if "table" in source else "neither table nor query given"
            problems.add(loc, both, allowed="exactly one of them", show_found=False)
    _check_columns((*loc, "columns"), source.get("columns"), problems)
    check_source_sql(loc, source, problems)


def _refuse(loc: Loc, source: Mapping[str, Any], keys: Sequence[str], problems: Problems) -> None:
    own, other = ("database", "file") if keys is _FILE_KEYS else ("file", "database")
    allowed = f'with kind = "{own}": {", ".join(_DATABASE_KEYS if keys is _FILE_KEYS else _FILE_KEYS)}'
    for key in keys:
        if key in source:
            problems.add((*loc, key), f'only for kind = "{other}"', allowed=allowed)


def _check_format(loc: Loc, source: Mapping[str, Any], problems: Problems) -> None:
    path, form = source["path"], source.get("format", "auto")
    if form == "auto" and isinstance(path, str):
        ending = PurePosixPath(path.lower().removesuffix(".gz")).suffix
        form = FORMAT_OF_ENDING.get(ending)
        if form is None and not set("*?[") & set(ending or path):
            endings = ", ".join(FORMAT_OF_ENDING)
            allowed = f"{endings} (.gz may follow), or set format"
            problems.add((*loc, "path"), "its ending does not tell the format", allowed=allowed)
    if "delimiter" in source and form not in ("csv", "auto", None):
        problems.add((*loc, "delimiter"), 'only for format = "csv"', allowed='no delimiter, or format = "csv"')
    if form != "regex" and "pattern" in source:
        problems.add((*loc, "pattern"), 'only for format = "regex"', allowed='no pattern, or format = "regex"')
    elif form == "regex" and "pattern" not in source:
        problems.add(
            (*loc, "pattern"), "missing", allowed="a regular expression with a named group (?P<name>...) per column"
        )
    elif form == "regex" and isinstance(source["pattern"], str):
        _check_pattern(loc, source, problems)


def _check_pattern(loc: Loc, source: Mapping[str, Any], problems: Problems) -> None:
    allowed = "a regular expression with a named group (?P<name>...) per column"
    try:
        groups = list(re.compile(source["pattern"]).groupindex)
    except (re.error, OverflowError, RecursionError):
        problems.add((*loc, "pattern"), "not a regular expression", allowed=allowed)
        return
    if not groups:
        problems.add((*loc, "pattern"), "has no named group", allowed=allowed)
        return
    columns = source.get("columns")
    for name, given in columns.items() if isinstance(columns, dict) else ():
        for column in given if isinstance(given, list) else [given]:
            if isinstance(column, str) and column not in groups:
                what, nearest = "no group of the pattern", find_nearest(column, groups)
                problems.add((*loc, "columns", name), what, allowed=", ".join(groups), nearest=nearest)


def _check_columns(loc: Loc, columns: object, problems: Problems) -> None:
    if columns is not None and not isinstance(columns, dict):
        problems.add(loc, "must be a table", allowed='[source.columns] with lines canonical = "theirs"')
        return
    given = columns or {}
    for name, value in given.items():
        if name in Source.model_fields and name not in _CANONICAL:
            home = "[[source]]: write it above [source.columns]"
            problems.add_unknown_key((*loc, name), _CANONICAL, home=home)
        elif name not in _CANONICAL:
            problems.add_unknown_key((*loc, name), _CANONICAL)
        elif name != "device_id" and (isinstance(value, list) or (isinstance(value, dict) and "columns" in value)):
            problems.add(
                (*loc, name), "a list of columns is only for device_id", allowed="one column, { value = } or { sql = }"
            )
    for name in ("occurred_at", "event"):
        if name not in given:
            problems.add((*loc, name), "missing", allowed=f"the source's column for {name}")
    if not any(name in given for name in _IDENTIFIERS):
        problems.add(
            loc, "no identifier mapped", allowed=f"at least one of {', '.join(_IDENTIFIERS)}", show_found=False
        )


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
