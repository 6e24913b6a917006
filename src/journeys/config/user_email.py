"""User ids that are e-mail addresses: of a preset's sources they are the identifier `email` too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from journeys.config.source import Source

_ADDRESS = r"\s*[^@\s]+@[^@\s]+\.[^@\s.]+\s*"


def add_user_email(source: Mapping[str, Any], *, given: Mapping[str, Any], privacy: object) -> dict[str, Any]:
    """Map `email` to the user id where that is an address, so that a web log's logins meet the contacts of a CRM.

    What the source maps as `email` comes first. Values that never identify and mailboxes of several people are judged
    as those of any other e-mail address.

    Args:
        source: a source as its preset and what is written beside it make it.
        given: what is written; who maps `email` there, or no user id at all, has it so.
        privacy: the section of that name; where user ids are personal and addresses are not, nothing is added.
    """
    columns, own = source.get("columns"), given.get("identifiers")
    user = _write_sql(columns.get("user_id")) if isinstance(columns, dict) else ""
    identifiers = source.get("identifiers", {})
    is_own = isinstance(own, dict) and "email" in own
    if not user or is_own or not isinstance(identifiers, dict) or _hides_users_only(privacy):
        return dict(source)
    address = _write_address(user)
    mapped = _write_sql(identifiers.get("email"))
    sql = f"coalesce(CAST({mapped} AS VARCHAR), {address})" if mapped else address
    return {**source, "identifiers": {**identifiers, "email": {"sql": sql}}}


def is_user_email(source: Source) -> bool:
    """Tell whether a source's `email` is nothing but the user id where that is an address."""
    user, email = source.columns.get("user_id"), source.identifiers.get("email")
    return user is not None and email is not None and email.sql == _write_address(_write_sql(user.model_dump()))


def _write_address(user: str) -> str:
    text = f"CAST({user} AS VARCHAR)"
    return f"CASE WHEN regexp_full_match({text}, '{_ADDRESS}') THEN {text} END"


def _write_sql(mapped: object) -> str:
    """A mapping as SQL over the source's columns; '' where there is none or it is no column of the source."""
    if isinstance(mapped, str):
        mapped = {"column": mapped}
    if not isinstance(mapped, dict):
        return ""
    if isinstance(column := mapped.get("column"), str):
        return '"' + column.replace('"', '""') + '"'
    return f"({sql}\n)" if isinstance(sql := mapped.get("sql"), str) else ""


def _hides_users_only(privacy: object) -> bool:
    personal = privacy.get("personal") if isinstance(privacy, dict) else None
    return isinstance(personal, list) and "user_id" in personal and "email" not in personal
