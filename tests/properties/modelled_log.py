"""A log in memory built by the models of `sql/` alone, as a night builds its own: what `from_events` has to equal."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from journeys.schema import RESERVED_NAMES
from journeys.sessions import build_sessions
from journeys.sources.events import build_plain_events
from journeys.sources.frame import FrameColumns, land_frame
from journeys.sources.frame_data import load_frame
from journeys.sources.visits import SessionRule, build_visits
from journeys.warehouse import Engine, build, quote_text

# Table -> the columns by which its rows are put in order for a comparison.
TABLES = {
    "accepted_rows": ["event_id"],
    "events": ["event_id"],
    "event_persons": ["event_id"],
    "event_accounts": ["event_id"],
    "event_bots": ["event_id"],
    "event_touchpoints": ["event_id"],
    "event_goals": ["event_id"],
    "visit_starts": ["event_id"],
    "visit_events": ["event_id"],
    "session_events": ["event_id"],
    "sessions": ["session_id"],
    "person_events": ["event_id"],
}


def build_by_models(data: pd.DataFrame, columns: FrameColumns, *, timezone: str, unit: str | None) -> Engine:
    """Land the rows, and build every table of TABLES by its model."""
    engine = Engine()
    land_frame(engine, load_frame(engine, data), columns, timezone=timezone, unit=unit)
    engine.run("CREATE TABLE landed AS SELECT * FROM landed_rows; DROP VIEW landed_rows; "
               "ALTER TABLE landed RENAME TO landed_rows")  # fmt: skip
    engine.run("""
        UPDATE landed_rows SET source_session_id = source_session_id || ' of ' || user_id
        WHERE source_session_id IN (
          SELECT source_session_id FROM landed_rows GROUP BY source_session_id HAVING MIN(user_id) <> MAX(user_id)
        )
    """)
    engine.save("channels", """
        SELECT DISTINCT traffic_source || CHR(31) || CHR(31) || CHR(31) || CHR(31) AS traffic_key,
          traffic_source AS channel
        FROM landed_rows WHERE traffic_source IS NOT NULL
    """)  # fmt: skip
    engine.load("user_agents", pa.table({"user_agent": pa.array([], pa.string()), "is_bot": pa.array([], pa.bool_())}))
    build_plain_events(engine)
    engine.save("event_persons", "SELECT event_id, user_id AS person_id, 'user_id' AS known_by FROM events")
    engine.save("event_accounts", "SELECT event_id, account_id FROM events WHERE account_id IS NOT NULL")
    build_visits(engine, SessionRule())
    build_sessions(engine)
    reserved = ", ".join(map(quote_text, RESERVED_NAMES))
    engine.save("event_touchpoints", f"""
        SELECT event_id, CASE WHEN event IN ({reserved}) THEN 'event ' || event ELSE event END AS touchpoint,
          channel, CAST(NULL AS VARCHAR) AS stage FROM events
    """)  # fmt: skip
    engine.save(
        "event_goals",
        "SELECT event_id, event AS goal, CAST(NULL AS VARCHAR) AS stage, value_amount FROM events WHERE FALSE",
    )
    asked = {"is_source_session": columns.session is not None, "is_channel_inherited": False}
    build(engine, ["person_events"], parameters=asked)
    return engine
