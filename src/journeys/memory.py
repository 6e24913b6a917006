"""A log in memory: the same models as the nightly run, over rows whose person is given."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from journeys.errors import InputError
from journeys.paths.log import EventLog
from journeys.schema import RESERVED_NAMES
from journeys.sessions import build_sessions
from journeys.sources.events import build_plain_events
from journeys.sources.frame import FrameColumns, land_frame
from journeys.sources.frame_data import FRAME_TABLE, ROW_COLUMN, FrameTable, load_frame
from journeys.sources.visits import SessionRule, build_visits
from journeys.warehouse import Engine, build, quote_text
from journeys.warehouse.conditions import Facts


def read_log(
    data: pd.DataFrame | pa.Table | str | Path, columns: FrameColumns, *, timezone: str, unit: str | None
) -> tuple[EventLog, pd.DataFrame, int]:
    """Read rows into a log in memory.

    Returns:
        The log, the rejected rows (`row`, `column`, `value`, `reason`), and how many rows repeated an event_id.

    Raises:
        InputError: no row is usable.
    """
    engine = Engine()
    frame = load_frame(engine, data)
    rejects = land_frame(engine, frame, columns, timezone=timezone, unit=unit)
    if engine.row_count("landed_rows") == 0:
        raise InputError(
            "no-events",
            "no row is usable",
            found="; ".join(f"{count:,} x {reason}" for reason, count in rejects["reason"].value_counts().items()),
            do="see which columns were named",
        )
    _part_shared_sessions(engine)
    _build_events(engine)
    repeat_count = engine.row_count("landed_rows") - engine.row_count("events")
    engine.run("DROP TABLE landed_rows")
    facts = _show_facts(engine, frame)
    as_of_us = int(engine.value("SELECT MAX(occurred_at_us) FROM events"))
    _build_stream(engine, is_source_session=columns.session is not None)
    return EventLog(engine, as_of_us, timezone, facts, session_rule=SessionRule()), rejects, repeat_count


def _part_shared_sessions(engine: Engine) -> None:
    """Tell apart sessions of several persons that carry one id, as with counters that begin anew for each person."""
    engine.run(
        """
        UPDATE landed_rows SET source_session_id = source_session_id || ' of ' || user_id
        WHERE source_session_id IN (
          SELECT source_session_id FROM landed_rows GROUP BY source_session_id HAVING MIN(user_id) <> MAX(user_id)
        )
        """
    )


def _build_events(engine: Engine) -> None:
    """Build `events`; a channel given with the rows is taken as it is, and nobody is a bot."""
    engine.save(
        "channels",
        """
        SELECT DISTINCT traffic_source || CHR(31) || CHR(31) || CHR(31) || CHR(31) AS traffic_key,
          traffic_source AS channel
        FROM landed_rows WHERE traffic_source IS NOT NULL
        """,
    )
    engine.load("user_agents", pa.table({"user_agent": pa.array([], pa.string()), "is_bot": pa.array([], pa.bool_())}))
    build_plain_events(engine)


def _show_facts(engine: Engine, frame: FrameTable) -> Facts:
    """Show the data's own columns per event; `event` is the canonical one where the data has none of that name."""
    own = ", ".join(f"{FRAME_TABLE}.{column}" for column in frame.columns.values())
    engine.run(
        f"CREATE VIEW event_facts AS SELECT events.event_id, events.event, {own} FROM events "
        f"INNER JOIN {FRAME_TABLE} ON {FRAME_TABLE}.{ROW_COLUMN} = events.line"
    )
    return Facts("event_facts", {"event": "event", **frame.columns}, properties="")


def _build_stream(engine: Engine, *, is_source_session: bool) -> None:
    engine.save("event_persons", "SELECT event_id, user_id AS person_id, 'user_id' AS known_by FROM events")
    engine.save("event_accounts", "SELECT event_id, account_id FROM events WHERE account_id IS NOT NULL")
    build_visits(engine, SessionRule())
    build_sessions(engine)
    reserved = ", ".join(map(quote_text, RESERVED_NAMES))
    engine.save(
        "event_touchpoints",
        f"""
        SELECT event_id, CASE WHEN event IN ({reserved}) THEN 'event ' || event ELSE event END AS touchpoint,
          channel, CAST(NULL AS VARCHAR) AS stage FROM events
        """,
    )
    engine.save(
        "event_goals",
        "SELECT event_id, event AS goal, CAST(NULL AS VARCHAR) AS stage, value_amount FROM events WHERE FALSE",
    )
    build(
        engine,
        ["person_events"],
        parameters={"is_source_session": is_source_session, "is_channel_inherited": False},
    )
