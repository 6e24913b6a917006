"""Explain one identifier: whose it is, by which evidence, and what the guards refused around it."""

from __future__ import annotations

from collections.abc import Mapping

from journeys.config import Identity
from journeys.config.fields import find_nearest
from journeys.config.identifiers import fold, is_token, normalise
from journeys.errors import CallError
from journeys.identity.chains import read_members, read_refusals
from journeys.identity.explanation import (
    AccountTie,
    Blocked,
    Explanation,
    FormerId,
    Guarded,
    PersonFacts,
    moment_text,
)
from journeys.warehouse import Engine

_FORM = "KIND:VALUE, such as 'email:anna@acme.example'"
_NEAR = 0.85
_SHOWN_NEAREST = 3
_LONGEST_COMPARED = 200  # no nearest value is sought for what is no identifier any more
# Which events carry an identifier; of any other kind they are in row_identifiers.
_CARRYING = {
    "device_id": "SELECT event_id FROM events WHERE device_id = $value",
    "user_id": "SELECT event_id FROM events WHERE user_id = $value",
}


def explain_identifier(engine: Engine, settings: Identity, asked: str, *, as_of: str) -> Explanation:
    """Explain one identifier of a published snapshot.

    Args:
        engine: shows the tables of the snapshot.
        settings: how identifiers are made alike.
        asked: KIND:VALUE, the value in any of the ways in which sources write it.
        as_of: time of the snapshot, for the answer.

    Raises:
        CallError: it is not KIND:VALUE, its kind is unknown, or it was never seen; names the nearest.
    """
    kind, given = _read_asked(asked, settings)
    value, reason = normalise(settings.kind(kind), given, settings)
    found = next((each for each in (value, given.strip()) if each is not None and _is_seen(engine, kind, each)), None)
    if value is None or found is None:
        if blocked := _find_blocked(engine, kind, given, reason):
            return Explanation(asked, f"{kind}:{given.strip()}", as_of, blocked=blocked)
        raise _never_seen(engine, kind, given if value is None else value)
    key = {"kind": kind, "value": found}
    person_id = engine.value(
        "SELECT person_id FROM person_identifiers WHERE identifier_kind = $kind AND identifier_value = $value", key
    )
    refused = read_refusals(engine, person_id)
    identifier = f"{kind}:{found}"
    return Explanation(
        asked,
        identifier,
        as_of,
        guarded=_read_guarded(engine, key),
        person=_read_person(engine, person_id),
        identifiers=read_members(engine, person_id, identifier, refused),
        refused=refused,
    )


def _read_asked(asked: str, settings: Identity) -> tuple[str, str]:
    kind, colon, given = asked.partition(":")
    kind = kind.strip().casefold()
    if not (colon and kind and given.strip()):
        raise CallError("identifier", "an identifier is named by its kind and value", found=repr(asked), allowed=_FORM)
    try:
        given.encode()
    except UnicodeEncodeError:
        raise CallError("identifier", "the value is not UTF-8 text", found=repr(asked), allowed=_FORM) from None
    kinds = [each.name for each in settings.kinds]
    if kind not in kinds:
        nearest = find_nearest(kind, kinds)
        raise CallError("identifier-kind", "no identifier is of that kind", found=repr(kind), allowed=", ".join(kinds),
                        do=f"did you mean {nearest!r}?" if nearest else "name one of these kinds")  # fmt: skip
    return kind, given


def _is_seen(engine: Engine, kind: str, value: str) -> bool:
    select = "SELECT 1 FROM identifiers WHERE identifier_kind = $kind AND identifier_value = $value"
    return bool(engine.rows(select, {"kind": kind, "value": value}))


def _find_blocked(engine: Engine, kind: str, given: str, reason: str) -> Blocked | None:
    """Find the rows that carried a blocked value in any case; None when it is blocked neither now nor then."""
    rows = engine.rows(
        "SELECT given_value, source, row_count, reason FROM blocked_identifiers WHERE identifier_kind = $kind "
        "ORDER BY row_count DESC, source, given_value",
        {"kind": kind},
    )
    wanted = fold(given)
    carried = [row for row in rows if fold(row[0]) == wanted]
    if not (reason or carried):
        return None
    return Blocked(reason or carried[0][3], tuple(row[:3] for row in carried))


def _never_seen(engine: Engine, kind: str, value: str) -> CallError:
    others = engine.rows("SELECT identifier_kind FROM identifiers WHERE identifier_value = $value ORDER BY 1",
                         {"value": value})  # fmt: skip
    # Tokens of alike values are not alike.
    near = others or (
        []
        if is_token(value)
        else engine.rows(
            """
        SELECT identifier_value FROM identifiers
        WHERE identifier_kind = $kind AND LENGTH(identifier_value) <= $longest AND LENGTH($value) <= $longest
          AND JARO_WINKLER_SIMILARITY(identifier_value, $value) >= $near
        ORDER BY JARO_WINKLER_SIMILARITY(identifier_value, $value) DESC, identifier_value LIMIT $shown
        """,
            {"kind": kind, "value": value, "longest": _LONGEST_COMPARED, "near": _NEAR, "shown": _SHOWN_NEAREST},
        )
    )
    names = ", ".join(repr(f"{row[0]}:{value}" if others else f"{kind}:{row[0]}") for row in near)
    return CallError(
        "unknown-identifier",
        "no row of the snapshot carries this identifier",
        found=repr(f"{kind}:{value}"),
        do=f"did you mean {names}?" if names else "see table `identifiers`",
    )


def _read_guarded(engine: Engine, key: Mapping[str, str]) -> Guarded | None:
    rows = engine.rows(
        "SELECT guard, linked_kind, linked_count, allowed_count FROM guarded_identifiers "
        "WHERE identifier_kind = $kind AND identifier_value = $value",
        key,
    )
    if not rows:
        return None
    guard, linked_kind, linked_count, allowed_count = rows[0]
    users = engine.rows(
        """
        WITH ends AS (
          SELECT b_kind AS kind, b_value AS value, event_count FROM identity_edges
          WHERE a_kind = $kind AND a_value = $value
          UNION ALL
          SELECT a_kind AS kind, a_value AS value, event_count FROM identity_edges
          WHERE b_kind = $kind AND b_value = $value
        )
        SELECT kind || ':' || value, CAST(SUM(event_count) AS BIGINT) AS row_count FROM ends WHERE kind = $linked_kind
        GROUP BY 1 ORDER BY row_count DESC, 1
        """,
        {**key, "linked_kind": linked_kind},
    )
    carrying = _CARRYING.get(
        key["kind"], "SELECT event_id FROM row_identifiers WHERE identifier_kind = $kind AND identifier_value = $value"
    )
    given = engine.rows(
        f"SELECT known_by, COUNT(DISTINCT person_id), COUNT(*) FROM event_persons WHERE event_id IN ({carrying}) "
        "GROUP BY known_by ORDER BY 3 DESC, known_by",
        {name: text for name, text in key.items() if f"${name}" in carrying},
    )
    return Guarded(guard, linked_kind, linked_count, allowed_count, tuple(users), tuple(given))


def _read_person(engine: Engine, person_id: str) -> PersonFacts:
    key = {"person_id": person_id}
    known_by = engine.rows(
        "SELECT known_by, COUNT(*) FROM event_persons WHERE person_id = $person_id "
        "GROUP BY known_by ORDER BY 2 DESC, known_by",
        key,
    )
    accounts = engine.rows(
        "SELECT account_id, origin, first_seen_us, last_seen_us, event_count FROM person_accounts "
        "WHERE person_id = $person_id ORDER BY event_count DESC, account_id",
        key,
    )
    counted = engine.rows(
        "SELECT is_known, is_bot, first_seen_us, last_seen_us, event_count FROM persons WHERE person_id = $person_id",
        key,
    )
    # Without an event: known from an address book, or all events of a shared device were given to its users.
    is_known, is_bot, first, last, count = counted[0] if counted else (None, None, None, None, 0)
    return PersonFacts(
        person_id,
        is_known,
        is_bot,
        moment_text(first),
        moment_text(last),
        count,
        known_by=tuple(known_by),
        accounts=tuple(
            AccountTie(name, origin, moment_text(start), moment_text(end), rows)
            for name, origin, start, end, rows in accounts
        ),
        former_ids=_read_former_ids(engine, person_id),
    )


def _read_former_ids(engine: Engine, person_id: str) -> tuple[FormerId, ...]:
    """Follow the changes of ids back to the first night."""
    found: list[FormerId] = []
    seen, latest = {person_id}, [person_id]
    while latest:
        rows = engine.rows(
            """
            SELECT old_person_id, new_person_id, change, identifier_count, changed_at, snapshot_id FROM person_aliases
            WHERE new_person_id IN (SELECT UNNEST($latest)) ORDER BY changed_at DESC, old_person_id, new_person_id
            """,
            {"latest": latest},
        )
        former = [
            FormerId(old, new, change, count, changed_at.isoformat() + "Z", snapshot_id)
            for old, new, change, count, changed_at, snapshot_id in rows
            if old not in seen
        ]
        found += former
        latest = list(dict.fromkeys(each.person_id for each in former))
        seen.update(latest)
    return tuple(found)
