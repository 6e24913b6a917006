"""Which keys of a REST source go together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from journeys.config.fields import find_nearest
from journeys.config.problems import Loc, Problems
from journeys.config.rest import KEYS_OF_AUTH, KEYS_OF_PAGING, Request

_ADDRESS = re.compile(r"https?://[^/\s]+", re.IGNORECASE)


def check_rest(loc: Loc, source: Mapping[str, Any], problems: Problems) -> None:
    """Add the mistakes of one REST source.

    Args:
        loc: its place in the document.
        source: its table.
        problems: takes the mistakes.
    """
    _check_address(loc, source, problems)
    request, paging = _read(source, "request"), _read(source, "paging")
    if "label" in request:
        names = [name for name, field in Request.model_fields.items() if not field.json_schema_extra]
        problems.add_unknown_key((*loc, "request", "label"), names)
    _check_kind((*loc, "auth"), source.get("auth"), KEYS_OF_AUTH, problems)
    _check_kind((*loc, "paging"), source.get("paging"), KEYS_OF_PAGING, problems)
    if ("cursor" in source) != ("cursor_param" in request):
        lacking, given = ("cursor", "cursor_param") if "cursor_param" in request else ("request.cursor_param", "cursor")
        allowed = "both: the field of the records that only grows, and the parameter that takes it"
        problems.add(loc, f"{given} needs {lacking}", allowed=allowed, show_found=False)
    if "cursor_format" in request and "cursor_param" not in request:
        problems.add((*loc, "request", "cursor_format"), "needs cursor_param", allowed="beside it cursor_param")
    if paging.get("kind") == "since" and "cursor" not in source:
        allowed = "beside it a cursor, by which the API sorts its records upwards"
        problems.add((*loc, "paging", "kind"), '"since" needs a cursor', allowed=allowed)
    if paging.get("kind") == "cursor" and ("next" in paging) == ("last_record" in paging):
        both = "both next and last_record given" if "next" in paging else "neither next nor last_record given"
        problems.add((*loc, "paging"), both, allowed="exactly one of them", show_found=False)
    if _read(source, "auth").get("kind") == "header" and str(_read(source, "auth").get("name")).lower() in {
        str(name).lower() for name in _read(request, "headers")
    }:
        problems.add((*loc, "auth", "name"), "set in request.headers, too", allowed="one of both")


def _check_address(loc: Loc, source: Mapping[str, Any], problems: Problems) -> None:
    allowed = 'the address of the API, such as "https://api.example.com/v1" or "${SHOP_API}"'
    url = source.get("url")
    if url is None:
        problems.add((*loc, "url"), "missing", allowed=allowed)
    elif isinstance(url, str):
        host = _ADDRESS.match(url)
        if host is None:
            problems.add((*loc, "url"), "not a web address", allowed=allowed, show_found=False)
        elif "@" in host[0]:
            what = "user and password in the address"
            problems.add((*loc, "url"), what, allowed='[source.auth] with kind = "basic"', show_found=False)


def _check_kind(
    loc: Loc, table: object, keys_of: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]], problems: Problems
) -> None:
    """Add what a kind of login or paging needs and lacks, and what belongs to another kind."""
    if not isinstance(table, dict):
        return
    if "kind" not in table:
        problems.add((*loc, "kind"), "missing", allowed=", ".join(f"'{kind}'" for kind in keys_of))
        return
    if not isinstance(table["kind"], str) or table["kind"] not in keys_of:
        return
    needed, beside = keys_of[table["kind"]]
    for key in needed:
        if key not in table:
            problems.add((*loc, key), f'missing, and kind = "{table["kind"]}" needs it', allowed=", ".join(needed))
    known = {key for each in keys_of.values() for keys in each for key in keys}
    for key in table:
        if key in known and key not in (*needed, *beside):
            kinds = [f'"{kind}"' for kind, each in keys_of.items() if key in each[0] + each[1]]
            allowed = ", ".join(("kind", *needed, *beside))
            problems.add((*loc, key), f"only for kind = {' or '.join(kinds)}", allowed=allowed, show_found=False,
                         nearest=find_nearest(str(key), (*needed, *beside), cutoff=0.9))  # fmt: skip


def _read(table: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    found = table.get(section)
    return found if isinstance(found, dict) else {}
