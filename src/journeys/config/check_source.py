"""What no single key of a `[[source]]` can tell: which keys go together, and which columns are mapped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from journeys.config.check_answer import check_answer
from journeys.config.check_pull import PULL_KEYS, check_pull
from journeys.config.check_rest import check_rest
from journeys.config.fields import find_nearest
from journeys.config.problems import Loc, Problems
from journeys.config.rest import REST_KEYS
from journeys.config.source import ANSWER_EVENTS, EVENT_KINDS, FORMAT_OF_ENDING, Source
from journeys.config.sql_text import check_source_sql
from journeys.schema import MAPPED_COLUMNS

_URL = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\+[A-Za-z0-9_]+)?://")
_CANONICAL = [column.name for column in MAPPED_COLUMNS]
_IDENTIFIERS = ("device_id", "user_id", "account_id")
_CSV_KEYS = ("delimiter", "header", "quotes")
_KEYS_OF_KIND = {
    "file": ("path", "format", "pattern", "records", *_CSV_KEYS),
    "database": ("url", "table", "query", *PULL_KEYS),
    "rest": ("url", *(key for key in PULL_KEYS if key != "deleted_event"), *REST_KEYS, "records"),
}
_FEWEST_CONTACT_KEYS = 2


def check_source(loc: Loc, source: Mapping[str, Any], kinds: Sequence[str], problems: Problems) -> None:
    """Add the mistakes of one source.

    Args:
        loc: its place in the document.
        source: its table.
        kinds: the kinds of identifiers that the configuration knows.
        problems: takes the mistakes.
    """
    kind = source.get("kind")
    _refuse(loc, source, problems)
    if kind == "file":
        if "path" not in source:
            problems.add((*loc, "path"), "missing", allowed='path or glob of the files, such as "data/web/*.jsonl"')
        else:
            _check_format(loc, source, problems)
    elif kind == "rest":
        check_rest(loc, source, problems)
        check_pull(loc, source, problems)
    elif kind == "database":
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
        check_pull(loc, source, problems)
    _check_columns((*loc, "columns"), source.get("columns"), problems)
    _check_identifiers((*loc, "identifiers"), source.get("identifiers"), kinds, problems)
    if isinstance(source.get("columns", {}), dict):
        if source.get("holds") == "contacts":
            _check_contacts(loc, source, problems)
        elif source.get("holds", "events") in EVENT_KINDS:
            _check_events((*loc, "columns"), source, problems)
    check_answer(loc, source, problems)
    check_source_sql(loc, source, problems)


def _refuse(loc: Loc, source: Mapping[str, Any], problems: Problems) -> None:
    """Add the keys that belong to other kinds of sources."""
    own = _KEYS_OF_KIND.get(source["kind"], ()) if isinstance(source.get("kind"), str) else ()
    for key in dict.fromkeys(key for keys in _KEYS_OF_KIND.values() for key in keys):
        if own and key in source and key not in own:
            others = " or ".join(f'"{kind}"' for kind, keys in _KEYS_OF_KIND.items() if key in keys)
            allowed = f'with kind = "{source["kind"]}": {", ".join(own)}'
            problems.add((*loc, key), f"only for kind = {others}", allowed=allowed, show_found=key not in REST_KEYS)


def _check_format(loc: Loc, source: Mapping[str, Any], problems: Problems) -> None:
    path, form = source["path"], source.get("format", "auto")
    if form == "auto" and isinstance(path, str):
        ending = PurePosixPath(path.lower().removesuffix(".gz")).suffix
        form = FORMAT_OF_ENDING.get(ending)
        if form is None and not set("*?[") & set(ending or path):
            endings = ", ".join(FORMAT_OF_ENDING)
            allowed = f"{endings} (.gz may follow), or set format"
            problems.add((*loc, "path"), "its ending does not tell the format", allowed=allowed)
    for key in _CSV_KEYS:
        if key in source and form not in ("csv", "auto", None):
            problems.add((*loc, key), 'only for format = "csv"', allowed=f'no {key}, or format = "csv"')
    if "records" in source and form not in ("jsonl", "auto", None):
        problems.add((*loc, "records"), 'only for format = "jsonl"', allowed='no records, or format = "jsonl"')
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
    for section in ("columns", "identifiers"):
        for name, given in _read_table(source, section).items():
            for column in given if isinstance(given, list) else [given]:
                if isinstance(column, str) and column not in (*groups, *_list_optional(source)):
                    what, nearest = "no group of the pattern", find_nearest(column, groups)
                    problems.add((*loc, section, name), what, allowed=", ".join(groups), nearest=nearest)


def _list_optional(source: Mapping[str, Any]) -> Sequence[object]:
    names = source.get("optional_columns", ())
    return names if isinstance(names, list | tuple) else [names]


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


def _check_identifiers(loc: Loc, identifiers: object, kinds: Sequence[str], problems: Problems) -> None:
    if identifiers is not None and not isinstance(identifiers, dict):
        problems.add(loc, "must be a table", allowed='[source.identifiers] with lines kind = "theirs"')
        return
    own = [kind for kind in kinds if kind not in _IDENTIFIERS]
    for name, value in (identifiers or {}).items():
        if name in _IDENTIFIERS:
            what = "not here: this column has a place of its own"
            problems.add((*loc, name), what, allowed=f"{name} in [source.columns]", show_found=False)
        elif name not in own:
            _refuse_kind((*loc, name), own, problems)
        elif isinstance(value, list) or (isinstance(value, dict) and "columns" in value):
            what = "a list of columns is only for device_id"
            problems.add((*loc, name), what, allowed="one column, { value = } or { sql = }")


def _refuse_kind(loc: Loc, own: Sequence[str], problems: Problems) -> None:
    name = str(loc[-1])
    if name in _CANONICAL:
        problems.add_unknown_key(loc, own, home="[source.columns]")
    elif name in Source.model_fields:
        problems.add_unknown_key(loc, own, home="[[source]]: write it above [source.identifiers]")
    else:
        allowed = f"{', '.join(own)}, or a new one in [identity.kinds.{name}]"
        nearest = find_nearest(name, own)
        problems.add(loc, "unknown kind of identifier", allowed=allowed, nearest=nearest, show_found=False)


def _check_events(loc: Loc, source: Mapping[str, Any], problems: Problems) -> None:
    columns = _read_table(source, "columns")
    needed = ("occurred_at",) if source.get("holds") in ANSWER_EVENTS else ("occurred_at", "event")
    for name in needed:
        if name not in columns:
            problems.add((*loc, name), "missing", allowed=f"the source's column for {name}")
    if not set(_IDENTIFIERS) & set(columns) and not _read_table(source, "identifiers"):
        allowed = f"at least one of {', '.join(_IDENTIFIERS)}, or one in [source.identifiers]"
        problems.add(loc, "no identifier mapped", allowed=allowed, show_found=False)


def _check_contacts(loc: Loc, source: Mapping[str, Any], problems: Problems) -> None:
    columns = _read_table(source, "columns")
    if "occurred_at" not in columns:
        allowed = "the source's column for when the row was last right, such as updated_at"
        problems.add((*loc, "columns", "occurred_at"), "missing", allowed=allowed)
    # By an id of its own a newer version of a row would be a repeat of the older one, and what it says would be lost.
    for name in ("event", "event_id", "is_interaction"):
        if name in columns:
            what = "rows of an address book are no events"
            problems.add((*loc, "columns", name), what, allowed=f'no {name}, or holds = "events"')
    if source.get("interaction") is True:
        what = "rows of an address book belong to no session"
        problems.add((*loc, "interaction"), what, allowed='no interaction, or holds = "events"')
    # A device of several columns never links persons.
    mapped = [name for name in _IDENTIFIERS if name in columns and _is_one_column(columns[name])]
    if len(mapped) + len(_read_table(source, "identifiers")) < _FEWEST_CONTACT_KEYS:
        allowed = f"at least two of {', '.join(_IDENTIFIERS)} (of one column) and those in [source.identifiers]"
        problems.add(loc, "links nothing: fewer than two identifiers mapped", allowed=allowed, show_found=False)


def _is_one_column(given: object) -> bool:
    return not isinstance(given, list) and not (isinstance(given, dict) and "columns" in given)


def _read_table(source: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    table = source.get(section)
    return table if isinstance(table, dict) else {}
