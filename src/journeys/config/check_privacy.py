"""Mistakes in `[privacy]` that take more than one key to see: unknown kinds, sources and columns half protected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from journeys.config.fields import find_nearest
from journeys.config.match import find_match_faults
from journeys.config.privacy import Privacy
from journeys.config.problems import Loc, Problems, look_up
from journeys.config.source import Source

# In capitals: a key that was written in the place of its name is refused unseen.
_VARIABLE = re.compile("[A-Z_][A-Z0-9_]{0,63}")
_IDENTIFIERS = ("device_id", "user_id", "account_id")


def check_privacy(document: Mapping[str, Any], kinds: Sequence[str], problems: Problems) -> None:
    """Add the mistakes of `[privacy]`.

    Args:
        document: the whole document, with the values of `${NAME}`.
        kinds: the kinds of identifiers that the configuration knows.
        problems: takes the mistakes.
    """
    table = document.get("privacy")
    if not isinstance(table, dict):
        return
    key_env = table.get("key_env")
    # A reference stands for the variable's value, which would be the key itself.
    is_reference = "${" in str(look_up(("privacy", "key_env"), problems.written))
    if isinstance(key_env, str) and (is_reference or not _VARIABLE.fullmatch(key_env)):
        what = "not the name of an environment variable"
        allowed = "A-Z, 0-9 and _, no digit first; the key itself never stands in the file"
        problems.add(("privacy", "key_env"), what, allowed=allowed, show_found=False)
    known = [*kinds, "account_id"]
    for place, kind in enumerate(table["personal"] if isinstance(table.get("personal"), list) else ()):
        if isinstance(kind, str) and kind not in known:
            loc = ("privacy", "personal", place)
            is_shown = "${" not in str(look_up(loc, problems.written))
            nearest = find_nearest(kind, known) if is_shown else ""
            problems.add(loc, "unknown kind of identifier", allowed=", ".join(known), nearest=nearest)
    consent = table.get("consent")
    _check_consent(consent, document, problems)
    if isinstance(consent, dict) and consent.get("without") == "anonymise" and table.get("scrub") is not True:
        what = "leaves addresses and numbers in texts while scrub is false"
        problems.add(("privacy", "consent", "without"), what, allowed="'reject', or scrub = true in [privacy]")


def check_protected(sources: Sequence[Source], privacy: Privacy, problems: Problems) -> None:
    """Refuse what would be kept in clear beside the protected rows.

    That is an identifier kept as given although it reads a column of one that is personal, and the last row of each key
    that `deleted_event` keeps.
    """
    personal = privacy.personal
    for place, source in enumerate(sources):
        hidden = {column for kind, column in _list_read(source) if kind in personal}
        for kind, column in _list_read(source):
            if kind not in personal and column in hidden:
                section = "columns" if kind in _IDENTIFIERS else "identifiers"
                what = f"reads the column {column!r} of a personal identifier, and is itself kept as given"
                allowed = f"{kind!r} in [privacy] personal, too, or another column"
                problems.add(("source", place, section, kind), what, allowed=allowed, show_found=False)
        if source.deleted_event and privacy.is_used:
            what = "keeps the last row of each key as given, while [privacy] protects rows"
            allowed = "none; let the database mark deleted rows in a column, and name it in `tracks`"
            problems.add(("source", place, "deleted_event"), what, allowed=allowed)


def _list_read(source: Source) -> Iterator[tuple[str, str]]:
    given = {kind: source.columns[kind] for kind in _IDENTIFIERS if kind in source.columns} | source.identifiers
    for kind, column in given.items():
        for name in (column.column, *(column.columns or ())):
            if name is not None:
                yield kind, name


def _check_consent(consent: object, document: Mapping[str, Any], problems: Problems) -> None:
    if not isinstance(consent, dict):
        return
    loc: Loc = ("privacy", "consent")
    if not {"match", "sources"} & set(consent):
        allowed = "match = { column = value }, or [privacy.consent.sources]"
        problems.add(loc, "no condition given", allowed=allowed, show_found=False)
    if isinstance(consent.get("match"), dict):
        _add_faults((*loc, "match"), consent["match"], problems)
    tables = consent.get("sources")
    written = document.get("source")
    names = [each.get("name") for each in written if isinstance(each, dict)] if isinstance(written, list) else []
    known = [name for name in names if isinstance(name, str)]
    for name, table in tables.items() if isinstance(tables, dict) else ():
        if name not in known:
            nearest = find_nearest(name, known)
            allowed = ", ".join(known)
            problems.add((*loc, "sources", name), "no source of that name", allowed=allowed, nearest=nearest)
        if isinstance(table, dict) and table:
            _add_faults((*loc, "sources", name), table, problems)


def _add_faults(loc: Loc, table: Mapping[str, Any], problems: Problems) -> None:
    for column, what, allowed in find_match_faults(table):
        problems.add((*loc, column) if table else loc, what, allowed=allowed)
