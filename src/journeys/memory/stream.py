"""The events of a log in memory in one table, in order and cut into sessions."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journeys.sessions.cut import Cuts, cut_events, name_reasons
from journeys.sessions.rows import SESSION_ID, list_cut_sessions
from journeys.sources.frame import FrameColumns
from journeys.sources.visits import SessionRule
from journeys.warehouse import Engine

STREAM_TABLE = "log_rows"
DEVICE_STREAM = "CASE WHEN device_id IS NOT NULL THEN 'd' || CHR(31) || device_id ELSE 'u' || CHR(31) || user_id END"


def build_stream(engine: Engine, events: str, columns: FrameColumns) -> tuple[int, int]:
    """Put the events in order and cut them by the default rule: tables `log_rows` and `sessions`.

    Args:
        engine: takes the tables.
        events: a SELECT of the events, as `identify_rows` writes it.
        columns: what is given with the rows.

    Returns:
        How many events there are, and the time of the last.
    """
    device = "" if columns.device is None else f", {DEVICE_STREAM} AS stream_id"
    stream = "user_id" if columns.device is None else "stream_id"
    sequence = "" if columns.sequence is None else "sequence NULLS LAST, "
    rows = engine.arrow(f"SELECT *{device} FROM ({events}) ORDER BY {stream}, occurred_at_us, {sequence}event_id")
    in_order = rows.append_column("person_id", rows["user_id"])
    if columns.device is None:
        in_order = in_order.append_column("stream_id", rows["user_id"])
    cuts = cut_events(in_order, SessionRule())
    session_ids = _save_sessions(engine, in_order, cuts, columns)
    cut_rows = {
        "session_id": pa.DictionaryArray.from_arrays(pa.array(cuts.sessions), session_ids),
        "event_index": cuts.event_indexes,
        "visit_index": cuts.visits,
        "start_reason": name_reasons(cuts.start_reasons),
        "split_reason": name_reasons(cuts.split_reasons),
    }
    for name, values in cut_rows.items():
        rows = rows.append_column(name, values if isinstance(values, pa.Array) else pa.array(values))
    engine.load(STREAM_TABLE, rows)
    return len(rows), pc.max(rows["occurred_at_us"]).as_py()


def _save_sessions(engine: Engine, events: pa.Table, cuts: Cuts, columns: FrameColumns) -> pa.Array:
    """Write `sessions`, and return their ids in the order of the cuts."""
    rows = list_cut_sessions(events, cuts).append_column("place", pa.array(np.arange(len(cuts.firsts))))
    no_text = pa.nulls(len(rows), pa.string())
    device = no_text if columns.device is None else events["device_id"].take(pa.array(cuts.firsts))
    channel = no_text if columns.channel is None else _find_channels(events["traffic_source"], cuts)
    engine.load("cut_sessions", rows.append_column("device_id", device).append_column("channel", channel))
    stream = "'u' || CHR(31) || stream_id" if columns.device is None else "stream_id"
    engine.save(
        "sessions",
        f"""
        WITH named AS (SELECT * REPLACE ({stream} AS stream_id) FROM cut_sessions)
        SELECT {SESSION_ID} AS session_id, stream_id, person_id, device_id, MAKE_TIMESTAMP(started_at_us) AS started_at,
          MAKE_TIMESTAMP(ended_at_us) AS ended_at, started_at_us, ended_at_us, event_count,
          CAST(ended_at_us - started_at_us AS DOUBLE) / 1000000 AS duration_seconds, split_reason, channel,
          FALSE AS is_bot, CAST(NULL AS VARCHAR) AS bot_reason, place
        FROM named
        """,
    )
    ids = engine.arrow("SELECT session_id FROM sessions ORDER BY place")["session_id"].combine_chunks()
    engine.run("ALTER TABLE sessions DROP COLUMN place")
    engine.run("DROP TABLE cut_sessions")
    return ids


def _find_channels(channels: pa.ChunkedArray, cuts: Cuts) -> pa.Array:
    """Return each session's first channel other than 'Direct'; 'Direct' where it has no other, else null."""
    places = np.full(len(cuts.firsts), -1)
    for is_wanted in (pc.equal(channels, "Direct"), pc.not_equal(channels, "Direct")):
        rows = np.flatnonzero(pc.fill_null(is_wanted, False).to_numpy())[::-1]
        # The last to be written stays: the first row of each session.
        places[cuts.sessions[rows]] = rows
    return channels.take(pa.array(places, mask=places < 0))
