"""Touched streams -> visits, who did each event, sessions, and the stream of events that answers are counted from."""

from __future__ import annotations

from journeys.identity.evidence import load_no_overrides, load_overrides
from journeys.nights.accounts import rebuild_accounts
from journeys.nights.night import Night, kept
from journeys.sessions import build_sessions
from journeys.sources.events import find_visits, load_kinds
from journeys.warehouse import Engine, build
from journeys.warehouse.runs import KEPT

_KEY = "identifier_kind, identifier_value"
_NARROW = (
    "event_id, source, source_index, occurred_at, occurred_at_us, sequence, device_id, device_is_composite, user_id, "
    "known_kind, known_value, account_id, stream_id, source_session_id, event, channel, campaign, url, is_bot_agent, "
    "is_event, is_interaction, local_date"
)


def rebuild_sessions(night: Night) -> None:
    """Bring sessions and accounts up to date.

    Args:
        night: the snapshot being made, its persons resolved.
    """
    rebuild_streams(night)
    rebuild_accounts(night)


def rebuild_streams(night: Night) -> None:
    """Bring `stream_events` and `sessions` up to date for the touched streams, and touch the persons in them.

    Args:
        night: the snapshot being made, its persons resolved.
    """
    is_all = night.rebuild.streams
    for where in night.split("stream_id", "touched_streams", is_all=is_all, table="accepted_rows"):
        with night.engine.scratch() as engine:
            engine.save("accepted_rows", kept("accepted_rows", f"is_event AND {where}", _NARROW))
            _find_persons(night, engine, where)
            build_sessions(engine)
            _place_contacts(engine, where)
            if not is_all:
                persons = f"SELECT person_id FROM person_events UNION {kept('stream_events', where, 'person_id')}"
                night.touch(engine, "touched_persons", persons)
                for name in ("stream_events", "sessions"):
                    night.runs.replace(engine, name, "SELECT stream_id FROM touched_streams")
            night.runs.write(engine, "stream_events", "SELECT * EXCLUDE (account_id) FROM person_events")
            night.runs.write(engine, "sessions", "SELECT * FROM sessions")


def _find_persons(night: Night, engine: Engine, where: str) -> None:
    """Find visits and bots, and say of each event whose it is."""
    find_visits(engine, night.settings)
    engine.show(
        "events",
        """
        SELECT accepted_rows.*, bot_reason IS NOT NULL AS is_bot, bot_reason
        FROM accepted_rows LEFT JOIN event_bots USING (event_id, stream_id)
        """,
    )
    load_kinds(engine, night.settings.identity.kinds)
    engine.save("row_identifiers", kept("row_identifiers", where))
    engine.save("guarded_identifiers", f"SELECT * FROM {KEPT}.guarded_identifiers")
    if night.settings.identity.rule == "none":
        load_no_overrides(engine)
    else:
        load_overrides(engine, night.settings)
    engine.save(
        "person_identifiers",
        f"""
        SELECT * FROM {KEPT}.person_identifiers SEMI JOIN (
          SELECT 'device_id' AS identifier_kind, device_id AS identifier_value FROM accepted_rows
          UNION SELECT known_kind, known_value FROM accepted_rows
          UNION SELECT {_KEY} FROM row_identifiers
        ) AS carried USING ({_KEY})
        """,
    )
    build(engine, ["event_persons"], parameters={"rule": night.settings.identity.rule})


def _place_contacts(engine: Engine, where: str) -> None:
    """Put together `person_events`; which account an event counts for is found later, from all of a person's events."""
    for name in ("event_touchpoints", "event_goals"):
        engine.save(name, kept(name, where))
    engine.save("event_accounts", "SELECT '' AS event_id, '' AS account_id LIMIT 0")
    build(engine, ["person_events"], parameters={"is_channel_inherited": True, "is_source_session": False})
