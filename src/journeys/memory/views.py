"""The tables by which other stages know a log in memory: each shows the columns of its model over the one stream."""

from __future__ import annotations

from journeys.memory.stream import DEVICE_STREAM, STREAM_TABLE
from journeys.schema import LANDED_COLUMNS, RESERVED_NAMES
from journeys.sources.frame import FrameColumns, content_sql, local_date_sql
from journeys.sources.frame_data import FRAME_TABLE, ROW_COLUMN, FrameTable
from journeys.warehouse import Engine, quote_text
from journeys.warehouse.conditions import Facts

_TYPES = {column.name: column.type for column in LANDED_COLUMNS}
# The columns of a row as each model lists them; what is not given is null.
_KNOWN = ("event_id", "source", "source_index", "occurred_at", "occurred_at_us", "received_at", "loaded_at", "sequence",
          "device_id", "device_is_composite", "user_id", "known_kind", "known_value", "account_id", "stream_id",
          "source_session_id", "event", "channel", "traffic_source", "medium", "campaign", "url", "referrer",
          "user_agent", "value_amount", "currency")  # fmt: skip
_VIEWS = {
    "accepted_rows": (*_KNOWN, "is_bot_agent", "is_event", "is_interaction", "local_date", "properties", "note", "file",
                      "reading", "line"),
    "events": (*_KNOWN, "is_bot", "bot_reason", "is_interaction", "local_date", "properties", "note", "file", "line"),
    "event_persons": ("event_id", "person_id", "known_by"),
    "event_accounts": ("event_id", "account_id"),
    "event_bots": ("event_id", "stream_id", "bot_reason"),
    "event_touchpoints": ("event_id", "touchpoint", "channel", "stage"),
    "event_goals": ("event_id", "goal", "stage", "value_amount"),
    "visit_starts": ("event_id", "stream_id", "occurred_at_us", "source_index", "sequence", "start_reason"),
    "visit_events": ("event_id", "stream_id", "occurred_at_us", "source_index", "sequence", "start_reason",
                     "visit_index"),
    "session_events": ("event_id", "session_id", "person_id", "event_index", "split_reason", "start_reason",
                       "visit_index"),
    "person_events": ("person_id", "account_id", "session_id", "event_id", "stream_id", "source_index", "sequence",
                      "occurred_at_us", "event", "touchpoint", "channel", "stage", "is_bot", "bot_reason", "known_by",
                      "event_index", "split_reason", "start_reason", "visit_index"),
}  # fmt: skip
_ROWS = {"event_accounts": "account_id IS NOT NULL", "event_bots": "FALSE", "event_goals": "FALSE"}


def show_tables(engine: Engine, frame: FrameTable, columns: FrameColumns, *, timezone: str) -> Facts:
    """Show `events`, `person_events` and what else `sql/` documents; return where conditions look.

    Nobody is a bot, no goal is configured, and a channel given with the rows is taken as it is.
    """
    known = _write_columns(engine, frame, columns, timezone)
    for name, listed in _VIEWS.items():
        select = ", ".join(f"{known[column]} AS {column}" for column in listed)
        if name == "person_events" and columns.session is not None:
            select = select.replace(f"{STREAM_TABLE}.session_id AS", f"{known['source_session_id']} AS")
        content = f"INNER JOIN {FRAME_TABLE} ON {FRAME_TABLE}.{ROW_COLUMN} = {STREAM_TABLE}.line"
        engine.show(
            name,
            f"SELECT {select} FROM {STREAM_TABLE} {content if 'properties' in listed else ''} "
            f"WHERE {_ROWS.get(name, 'TRUE')}",
        )
    return _show_facts(engine, frame)


def _write_columns(engine: Engine, frame: FrameTable, columns: FrameColumns, timezone: str) -> dict[str, str]:
    """Write each column of the models over `log_rows`; a name like one of our ends is told apart from it."""
    stored = {name: f"{STREAM_TABLE}.{name}" for name in engine.columns(STREAM_TABLE)}
    names = sorted({column for listed in _VIEWS.values() for column in listed})
    absent = {name: f"CAST(NULL AS {_type_of(name)})" for name in names}
    reserved = f"event IN ({', '.join(map(quote_text, RESERVED_NAMES))})"
    is_reserved = bool(engine.rows(f"SELECT 1 FROM {STREAM_TABLE} WHERE {reserved} LIMIT 1"))
    same = {
        "source": "'frame'",
        "source_index": "1",
        "occurred_at": "MAKE_TIMESTAMP(occurred_at_us)",
        "device_is_composite": str(isinstance(columns.device, tuple)),
        "known_kind": "'user_id'",
        "known_value": "user_id",
        "stream_id": "'u' || CHR(31) || user_id" if columns.device is None else DEVICE_STREAM,
        "channel": stored.get("traffic_source", "CAST(NULL AS VARCHAR)"),
        "is_bot_agent": "FALSE",
        "is_bot": "FALSE",
        "is_event": "TRUE",
        "is_interaction": "TRUE",
        "local_date": local_date_sql(timezone),
        "properties": content_sql(frame),
        "file": "''",
        "reading": "1",
        "person_id": "user_id",
        "known_by": "'user_id'",
        "touchpoint": f"CASE WHEN {reserved} THEN 'event ' || event ELSE event END" if is_reserved else "event",
        "goal": "event",
    }
    return absent | same | stored


def _type_of(name: str) -> str:
    """Return the type of a column that nothing gives."""
    if name in ("received_at", "loaded_at"):
        return "TIMESTAMP"
    return _TYPES.get(name, "VARCHAR")


def _show_facts(engine: Engine, frame: FrameTable) -> Facts:
    """Show the data's own columns per event; `event` is the canonical one where the data has none of that name."""
    own = ", ".join(f"{FRAME_TABLE}.{column}" for column in frame.columns.values())
    engine.show(
        "event_facts",
        f"SELECT {STREAM_TABLE}.event_id, {STREAM_TABLE}.event, {own} FROM {STREAM_TABLE} "
        f"INNER JOIN {FRAME_TABLE} ON {FRAME_TABLE}.{ROW_COLUMN} = {STREAM_TABLE}.line",
    )
    return Facts("event_facts", {"event": "event", **frame.columns}, properties="")
