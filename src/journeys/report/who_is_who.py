"""Who is who, in the few numbers that tell whether the persons can be believed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from journeys.config import Settings
from journeys.report.content import WhoIsWho
from journeys.report.formats import read_rows, whole
from journeys.warehouse import Engine, Manifest

_MOST_LARGE_PERSONS = 20
_GUARDS = {
    "blocked": ("Values that name nobody", "such as 'undefined', only zeros, or a mailbox of a whole department"),
    "shared": ("Shared devices", "used by several known persons: it joins nobody, each log-in is its own person's"),
    "hub": ("Hubs", "met with so many persons, such as a kiosk or a call centre's number, that it joins nobody"),
    "limit": ("Too many for one person", "the link would give one person more identifiers of a kind than one has"),
    "cannot_link": ("Forbidden links", "somebody wrote into the configuration that these are two persons"),
}
_CHANGES = {
    "merged": ("Joined", "new evidence showed that several persons are one"),
    "split": ("Parted", "the evidence that held a person together is gone"),
    "renamed": ("Renamed", "the same person under a new id, since an older or stronger identifier was found"),
}
_PERSONS = """
    WITH counted AS (
      SELECT person_id, MIN(is_bot) AS is_bot FROM person_events WHERE occurred_at_us <= $as_of_us GROUP BY person_id
    )
    SELECT COUNT(CASE WHEN NOT counted.is_bot THEN 1 END),
      COUNT(CASE WHEN persons.is_known AND NOT counted.is_bot THEN 1 END), COUNT(CASE WHEN counted.is_bot THEN 1 END)
    FROM counted INNER JOIN persons ON persons.person_id = counted.person_id
"""
_KINDS = """
    SELECT identifier_kind, COUNT(*) AS identifier_count, COUNT(DISTINCT person_id) AS person_count
    FROM person_identifiers GROUP BY identifier_kind ORDER BY identifier_count DESC, identifier_kind
"""
# Of two identifiers that are both guarded, each refuses the link; it is one link. A blocked value has no other end.
_REFUSALS = """
    WITH ends AS (
      SELECT guard, source, event_count, identifier_kind || CHR(31) || identifier_value AS own,
        other_kind || CHR(31) || other_value AS other
      FROM identity_refusals
    ),
    links AS (
      SELECT guard, LEAST(own, other) AS one_end, GREATEST(own, other) AS other_end, source,
        MAX(event_count) AS event_count
      FROM ends GROUP BY guard, LEAST(own, other), GREATEST(own, other), source
    ),
    counted AS (
      SELECT guard, COUNT(DISTINCT CASE WHEN guard <> 'blocked' THEN (one_end, other_end) END) AS link_count,
        CAST(SUM(event_count) AS BIGINT) AS event_count
      FROM links GROUP BY guard
    ),
    identifiers_of AS (SELECT guard, COUNT(DISTINCT own) AS identifier_count FROM ends GROUP BY guard)
    SELECT guard, identifier_count, link_count, event_count FROM counted JOIN identifiers_of USING (guard)
    ORDER BY guard
"""
_LARGE_PERSONS = """
    SELECT person_id, identifier_count FROM large_persons ORDER BY identifier_count DESC, person_id LIMIT $most
"""
_ALIASES = """
    SELECT change, COUNT(DISTINCT old_person_id) AS old_person_count, COUNT(DISTINCT new_person_id) AS new_person_count,
      CAST(SUM(identifier_count) AS BIGINT) AS identifier_count
    FROM person_aliases WHERE snapshot_id = $snapshot_id GROUP BY change ORDER BY change
"""


def read_who_is_who(engine: Engine, settings: Settings, manifest: Manifest) -> WhoIsWho:
    """Count persons, identifiers, what the guards refused, large persons and the ids that changed in this snapshot.

    Args:
        engine: shows the tables of `sql/2_identity`, `person_events` and `person_aliases`.
        settings: the size from which on a person is reported.
        manifest: up to when persons are counted, and of which night the changed ids are told.
    """
    person_count, known_count, bot_count = engine.rows(_PERSONS, {"as_of_us": manifest.as_of_us})[0]
    return WhoIsWho(
        person_count=person_count,
        known_count=known_count,
        bot_count=bot_count,
        kinds=engine.frame(_KINDS),
        refusals=engine.frame(_REFUSALS),
        large_persons=engine.frame(_LARGE_PERSONS, {"most": _MOST_LARGE_PERSONS}),
        large_person_count=engine.row_count("large_persons"),
        alarm_size=settings.identity.alarm_size,
        aliases=engine.frame(_ALIASES, {"snapshot_id": manifest.snapshot_id}),
    )


def view_refusals(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Say what each guard is and what it refused; a guard that refused nothing is a row of zeros."""
    counted = {str(row["guard"]): row for row in read_rows(frame)}
    rows = []
    for guard, (label, words) in _GUARDS.items():
        row = counted.get(guard, {})
        counts = {name: whole(row.get(name)) for name in ("identifier_count", "link_count", "event_count")}
        rows.append({"guard": guard, "label": label, "words": words} | counts)
    return rows


def view_aliases(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Say what each change of person ids means; changes that did not happen are left out."""
    counted = {str(row["change"]): row for row in read_rows(frame)}
    return [
        counted[change] | {"label": label, "words": words}
        for change, (label, words) in _CHANGES.items()
        if change in counted
    ]
