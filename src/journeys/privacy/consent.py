"""Rows without consent: emptied and kept as rejects, or made nobody's before anything is read from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from journeys.privacy.names import IDENTIFIER_COLUMNS
from journeys.schema import LANDED_COLUMNS
from journeys.warehouse.conditions import Facts, match_sql

if TYPE_CHECKING:
    from journeys.config import Privacy, Source

NO_CONSENT = "no consent"
# What a row says of itself and not of anybody: it stays, so that every row is counted.
_KEPT = ("source", "source_index", "file", "reading", "line", "unreadable", "is_event", "is_interaction",
         "drop_repeats", "device_is_composite", "earliest_us", "loaded_at_us")  # fmt: skip


def consent_sql(privacy: Privacy, source: Source, landed: str) -> str:
    """Write the SELECT of landed rows with `_is_anonymised`; rows that are to be rejected have lost their content.

    A row agrees when the conditions hold on the source's own columns. An unreadable one has none and agrees to nothing.

    Args:
        privacy: the condition, and what is done without consent.
        source: whose rows these are.
        landed: SELECT or table function that yields them.
    """
    match = privacy.consent.find_match(source.name) if privacy.consent is not None else None
    if privacy.consent is None or match is None:
        return f"SELECT *, FALSE AS _is_anonymised FROM {landed}"
    condition = match_sql(match.to_dict(), Facts("", {}))
    agrees = f"COALESCE(unreadable IS NULL AND ({condition}), FALSE)"
    is_saved = f"({agrees} OR (is_event AND unreadable IS NULL))"
    is_kept = is_saved if privacy.consent.without == "anonymise" else agrees
    emptied = [f"CASE WHEN _is_kept THEN {column.name} END AS {column.name}" for column in LANDED_COLUMNS
               if column.name not in _KEPT]  # fmt: skip
    emptied.append(f"CASE WHEN _is_kept THEN unreadable ELSE COALESCE(unreadable, '{NO_CONSENT}') END AS unreadable")
    judged = f"SELECT *, {agrees} AS _agrees, {is_kept} AS _is_kept FROM {landed}"
    return (
        f"SELECT * EXCLUDE (_agrees, _is_kept) REPLACE ({', '.join(emptied)}), "
        f"_is_kept AND NOT _agrees AS _is_anonymised FROM ({judged})"
    )


def anonymous_sql(usable: Mapping[str, str], columns: Mapping[str, str], day_token: str) -> dict[str, str]:
    """Write what the columns of an anonymised row become, by name.

    Its events of one calendar day of the project hang together by a device of that day alone; all identifiers are
    gone, and so are the source's session and the queries of addresses.

    Args:
        usable: kind to SQL of its usable value, in order: the first that is there names the device of the day.
        columns: SQL of the columns when nothing is anonymised.
        day_token: SQL of the token of a text, which stands in it as `{value}`.
    """
    listed = ", ".join(f"'{kind}' || CHR(31) || {value}" for kind, value in usable.items())
    first = f"COALESCE({listed}, NULL)" if listed else "CAST(NULL AS VARCHAR)"
    device = day_token.format(value=f"(CAST(local_date AS VARCHAR) || CHR(31) || {first})")
    anonymous = dict.fromkeys((*IDENTIFIER_COLUMNS, "identifiers", "source_session_id"), "NULL")
    anonymous |= {"device_id": device, "event_id": day_token.format(value=f"({columns['event_id']})")}
    anonymous |= {name: f"regexp_replace({columns[name]}, '[?#].*$', '', 's')" for name in ("url", "referrer")}
    return anonymous
