"""Touched identifiers -> who is who: evidence added up, guards judged, and persons worked out, where something changed.

What an identifier is worth depends on the rows it stands on; whose it is, on the identifiers it hangs together with. So
evidence is added up again for the identifiers on new rows, guards are judged again for them, and persons are worked out
again in every group they stand in. A guard that comes or goes touches whatever its identifier was met with.
"""

from __future__ import annotations

from datetime import datetime

from journeys.identity import drop_inner, find_guarded, forget_links, gather_evidence, join_identifiers
from journeys.identity.aliases import record_aliases
from journeys.nights.night import Night
from journeys.sources.events import load_kinds
from journeys.warehouse import Engine, build
from journeys.warehouse.runs import KEPT

_KEY = "identifier_kind, identifier_value"
_NARROW = "event_id, source, occurred_at_us, device_id, device_is_composite, user_id"
_IS_OWNED = ("last_known", "first_known")


def resolve_persons(night: Night, *, snapshot_id: str, changed_at: datetime) -> None:
    """Bring `identifiers`, `identity_edges`, `guarded_identifiers` and `person_identifiers` up to date.

    Writes `identifier_groups` and `identity_refusals` too, and touches the streams of events that carry an identifier
    whose person or guard has changed.

    Args:
        night: the snapshot being made, its rows judged.
        snapshot_id: names the night in `person_aliases`.
        changed_at: start of the night.
    """
    with night.engine.scratch() as engine:
        load_kinds(engine, night.settings.identity.kinds)
        is_all = night.rebuild.identity
        if is_all:
            _gather_all(night, engine)
        elif engine.row_count("touched_identifiers"):
            _gather_touched(night, engine)
        else:
            return
        _judge_guards(night, engine, is_all=is_all)
        _choose_groups(night, engine, is_all=is_all)
        _join(night, engine, is_all=is_all)
        _record_aliases(night, engine, snapshot_id, changed_at)
        _keep_persons(night, engine)
        if not night.rebuild.streams:
            _touch_changed(night, engine)


def _gather_all(night: Night, engine: Engine) -> None:
    engine.show("events", f"SELECT {_NARROW} FROM {KEPT}.accepted_rows")
    _gather(night, engine)
    for name in ("identifiers", "identity_edges"):
        night.runs.write(engine, name, f"SELECT * FROM {name}")


def _gather_touched(night: Night, engine: Engine) -> None:
    """Add up again what all rows say of the touched identifiers, and of pairs of them."""
    touched = "SELECT identifier_value FROM touched_identifiers WHERE identifier_kind ="
    engine.save(
        "events",
        f"""
        SELECT {_NARROW} FROM {KEPT}.accepted_rows
        WHERE device_id IN ({touched} 'device_id') OR user_id IN ({touched} 'user_id')
          OR event_id IN (
            SELECT event_id FROM {KEPT}.row_identifiers
            SEMI JOIN touched_identifiers USING ({_KEY}))
        """,
    )
    _gather(night, engine)
    runs = night.runs
    runs.replace(engine, "identifiers", "SELECT * FROM touched_identifiers")
    runs.write(
        engine,
        "identifiers",
        f"SELECT * FROM identifiers SEMI JOIN touched_identifiers USING ({_KEY})",
    )
    pairs = f"{{edges}} AS e {_is_touched('a', 'SEMI')} {_is_touched('b', 'SEMI')}"
    columns = "a_kind, a_value, b_kind, b_value"
    runs.replace(engine, "identity_edges", f"SELECT {columns} FROM {pairs.format(edges=f'{KEPT}.identity_edges')}")
    runs.write(engine, "identity_edges", f"SELECT * FROM {pairs.format(edges='identity_edges')}")


def _gather(night: Night, engine: Engine) -> None:
    # Events and rows of address books are evidence alike; all stand in `events` here.
    engine.save("contact_rows", f"SELECT {_NARROW} FROM events LIMIT 0")
    engine.save("row_identifiers", f"SELECT * FROM {KEPT}.row_identifiers SEMI JOIN events USING (event_id)")
    gather_evidence(engine, night.settings, rule=night.settings.identity.rule)
    forget_links(engine, night.edges_since_us)


def _is_touched(end: str, join: str) -> str:
    return (
        f"{join} JOIN touched_identifiers AS {end}_touched ON {end}_touched.identifier_kind = e.{end}_kind "
        f"AND {end}_touched.identifier_value = e.{end}_value"
    )


def _judge_guards(night: Night, engine: Engine, *, is_all: bool) -> None:
    """Judge the guards of touched identifiers by all their links; keep in `flipped` those that came or went."""
    edges = f"{KEPT}.identity_edges"
    if is_all:
        engine.show("identity_edges", f"SELECT * FROM {edges}")
    else:
        engine.save(
            "identity_edges",
            f"SELECT e.* FROM {edges} AS e {_is_touched('a', 'SEMI')} "
            f"UNION SELECT e.* FROM {edges} AS e {_is_touched('b', 'SEMI')}",
        )
    find_guarded(engine, night.settings, rule=night.settings.identity.rule)
    if is_all:
        night.runs.write(engine, "guarded_identifiers", "SELECT * FROM guarded_identifiers")
        engine.save("flipped", "SELECT * FROM touched_identifiers LIMIT 0")
    else:
        engine.save("judged", f"SELECT * FROM guarded_identifiers SEMI JOIN touched_identifiers USING ({_KEY})")
        former = f"SELECT {_KEY} FROM {KEPT}.guarded_identifiers SEMI JOIN touched_identifiers USING ({_KEY})"
        engine.save(
            "flipped",
            f"(SELECT {_KEY} FROM judged EXCEPT {former}) UNION ALL ({former} EXCEPT SELECT {_KEY} FROM judged)",
        )
        night.runs.replace(engine, "guarded_identifiers", "SELECT * FROM touched_identifiers")
        night.runs.write(engine, "guarded_identifiers", "SELECT * FROM judged")


def _choose_groups(night: Night, engine: Engine, *, is_all: bool) -> None:
    """Write `own_identifiers`: all of the groups in which something was touched."""
    if is_all:
        engine.save("own_identifiers", f"SELECT identifier_kind, identifier_value FROM {KEPT}.identifiers")
        return
    # Whose a shared device is depends on everybody who was met on it.
    shared = f"""
        SELECT identifier_kind, identifier_value FROM {KEPT}.guarded_identifiers
        SEMI JOIN touched_identifiers USING ({_KEY})
    """
    spreading = f"SELECT * FROM flipped {f'UNION {shared}' if night.settings.identity.rule in _IS_OWNED else ''}"
    engine.save(
        "nearby_identifiers",
        f"""
        WITH spreading AS ({spreading})
        SELECT * FROM touched_identifiers
        UNION
        SELECT b_kind, b_value FROM {KEPT}.identity_edges INNER JOIN spreading
          ON identifier_kind = a_kind AND identifier_value = a_value
        UNION
        SELECT a_kind, a_value FROM {KEPT}.identity_edges INNER JOIN spreading
          ON identifier_kind = b_kind AND identifier_value = b_value
        """,
    )
    engine.save(
        "own_identifiers",
        f"""
        SELECT * FROM nearby_identifiers
        UNION
        SELECT identifier_kind, identifier_value FROM {KEPT}.identifier_groups WHERE group_id IN (
          SELECT group_id FROM {KEPT}.identifier_groups
          SEMI JOIN nearby_identifiers USING ({_KEY}))
        """,
    )


def _join(night: Night, engine: Engine, *, is_all: bool) -> None:
    """Work out persons among `own_identifiers`; keep in `changed_identifiers` those whose person is another one now."""
    rule = night.settings.identity.rule
    own = f"SEMI JOIN own_identifiers USING ({_KEY})"
    engine.save("identifiers", f"SELECT * FROM {KEPT}.identifiers {own}")
    edges = f"SELECT e.* FROM {KEPT}.identity_edges AS e"
    ends = [f"SEMI JOIN own_identifiers ON identifier_kind = e.{end}_kind AND identifier_value = e.{end}_value"
            for end in ("a", "b")]  # fmt: skip
    engine.save("identity_edges", edges if is_all else f"{edges} {ends[0]} UNION {edges} {ends[1]}")
    engine.show("guarded_identifiers", f"SELECT * FROM {KEPT}.guarded_identifiers")
    engine.save("blocked_identifiers", f"SELECT * FROM {KEPT}.blocked_identifiers LIMIT 0")
    devices = (
        f"""device_id IN (SELECT identifier_value FROM {KEPT}.guarded_identifiers {own}
        WHERE identifier_kind = 'device_id')"""
        if rule in _IS_OWNED
        else "FALSE"
    )
    engine.save("events", f"SELECT * EXCLUDE (properties) FROM {KEPT}.accepted_rows WHERE is_event AND {devices}")
    engine.save("row_identifiers", f"SELECT * FROM {KEPT}.row_identifiers SEMI JOIN events USING (event_id)")
    join_identifiers(engine, rule=rule)
    build(engine, ["identifier_groups"])
    drop_inner(engine)
    engine.save(
        "changed_identifiers",
        f"""
        SELECT {_KEY} FROM (
          SELECT {_KEY}, person_id FROM person_identifiers
          FULL JOIN (
            SELECT {_KEY}, person_id AS former_id FROM {KEPT}.person_identifiers {own}) AS former USING ({_KEY})
          WHERE person_id IS DISTINCT FROM former_id)
        UNION SELECT {_KEY} FROM flipped
        """
        if not is_all
        else f"SELECT {_KEY} FROM own_identifiers LIMIT 0",
    )
    changed_persons = f"""
        SELECT person_id FROM person_identifiers SEMI JOIN changed_identifiers USING ({_KEY})
        UNION SELECT person_id FROM {KEPT}.person_identifiers SEMI JOIN changed_identifiers USING ({_KEY})
    """
    engine.save("changed_persons", changed_persons if not is_all else "SELECT '' AS person_id LIMIT 0")


def _record_aliases(night: Night, engine: Engine, snapshot_id: str, changed_at: datetime) -> None:
    former = night.former_persons or "SELECT * FROM person_identifiers LIMIT 0"
    engine.save("previous_person_identifiers", f"SELECT * FROM ({former}) SEMI JOIN own_identifiers USING ({_KEY})")
    engine.save("previous_person_aliases", f"SELECT * FROM {KEPT}.person_aliases")
    record_aliases(engine, snapshot_id=snapshot_id, changed_at=changed_at)
    engine.run(f"CREATE OR REPLACE TABLE {KEPT}.person_aliases AS SELECT * FROM temp.person_aliases")


def _keep_persons(night: Night, engine: Engine) -> None:
    for name in ("identifier_groups", "person_identifiers", "identity_refusals"):
        night.runs.replace(engine, name, "SELECT * FROM own_identifiers")
        night.runs.write(engine, name, f"SELECT * FROM {name} SEMI JOIN own_identifiers USING ({_KEY})")


def _touch_changed(night: Night, engine: Engine) -> None:
    """Touch the persons of identifiers whose person or guard has changed, and the streams with an event of theirs."""
    night.touch(engine, "touched_persons", "SELECT person_id FROM changed_persons")
    changed = "SELECT identifier_value FROM changed_identifiers WHERE identifier_kind ="
    night.touch(
        engine,
        "touched_streams",
        f"""
        SELECT stream_id FROM {KEPT}.accepted_rows
        WHERE device_id IN ({changed} 'device_id') OR user_id IN ({changed} 'user_id')
        UNION
        SELECT stream_id FROM {KEPT}.row_identifiers
        SEMI JOIN changed_identifiers USING ({_KEY})
        """,
    )
