"""Sessions under a rule of the caller's choice."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from journeys.insights.answer import Answer
from journeys.paths.log import MOST_IN_MEMORY, EventLog
from journeys.sessions import build_sessions
from journeys.sessions.cut import cut_events
from journeys.sessions.rows import SESSION_ID, any_within, list_cut_sessions
from journeys.sources.visits import SessionRule, build_visits
from journeys.warehouse import Engine

_COLUMNS = "session_id, person_id, started_at, ended_at, event_count, duration_seconds, split_reason"
_READ = ("event_id, stream_id, device_id, occurred_at, occurred_at_us, source_index, sequence, source_session_id, "
         "campaign, channel, local_date, is_interaction, is_bot, bot_reason")  # fmt: skip
_IN_ORDER = """
    SELECT events.stream_id, event_persons.person_id, events.event_id, events.occurred_at_us, events.is_bot{asked}
    FROM events INNER JOIN event_persons ON event_persons.event_id = events.event_id
    WHERE events.is_interaction AND events.occurred_at_us <= $as_of_us
    ORDER BY events.stream_id, events.occurred_at_us, events.source_index, events.sequence NULLS LAST, events.event_id
"""
_SHOWN = f"""
    SELECT {SESSION_ID} AS session_id, person_id, MAKE_TIMESTAMP(started_at_us) AS started_at,
      MAKE_TIMESTAMP(ended_at_us) AS ended_at, event_count,
      CAST(ended_at_us - started_at_us AS DOUBLE) / 1000000 AS duration_seconds, split_reason
    FROM cut_sessions ORDER BY started_at_us, session_id
"""


def list_sessions(log: EventLog, rule: SessionRule, *, as_of: object = None) -> Answer:
    """Cut the log into sessions.

    Returns:
        Answer with one row per session in time order: `session_id`, `person_id`, `started_at`, `ended_at` (UTC),
        `event_count`, `duration_seconds`, `split_reason`.
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        is_kept = rule == log.session_rule and as_of_us >= log.as_of_us
        if is_kept or scratch.row_count("person_events") > MOST_IN_MEMORY:
            frame = _read_sessions(scratch, None if is_kept else rule, as_of_us)
        else:
            frame = _cut_in_memory(scratch, rule, as_of_us)
    parameters = {
        "timeout_seconds": rule.timeout_us / 1_000_000,
        "gap_inclusive": rule.is_gap_inclusive,
        "max_length_seconds": None if rule.max_length_us is None else rule.max_length_us / 1_000_000,
        "midnight": rule.is_midnight_split,
        "campaign": rule.is_campaign_split,
    }
    return Answer(frame, log.describe(f"{rule.words()} Robots are left out.", as_of_us, parameters))


def _read_sessions(scratch: Engine, rule: SessionRule | None, as_of_us: int) -> pd.DataFrame:
    """Read the table `sessions`, cut anew in SQL where a rule is given."""
    if rule is not None:
        cut_sessions(scratch, rule, as_of_us)
    return scratch.frame(f"SELECT {_COLUMNS} FROM sessions WHERE NOT is_bot ORDER BY started_at_us, session_id")


def cut_sessions(scratch: Engine, rule: SessionRule, as_of_us: int) -> None:
    """Write `sessions` from the events so far; visits are cut from accepted rows, which are kept as events only."""
    cut = f"SELECT {_READ} FROM main.events WHERE occurred_at_us <= $as_of_us"
    scratch.save("accepted_rows", cut, {"as_of_us": as_of_us})
    scratch.run("CREATE TEMP VIEW events AS SELECT * FROM temp.accepted_rows")
    build_visits(scratch, rule)
    build_sessions(scratch)


def _cut_in_memory(scratch: Engine, rule: SessionRule, as_of_us: int) -> pd.DataFrame:
    """Cut the events so far as arrays: the same sessions by the same rule."""
    asked = {
        "local_date": rule.is_midnight_split,
        "source_session_id": rule.is_source_id_kept,
        "campaign": rule.is_campaign_split,
    }
    further = "".join(f", events.{column}" for column, is_asked in asked.items() if is_asked)
    events = scratch.arrow(_IN_ORDER.format(asked=further), {"as_of_us": as_of_us})
    cuts = cut_events(events, rule)
    is_bot = any_within(events["is_bot"].to_numpy(), cuts)
    scratch.load("cut_sessions", list_cut_sessions(events, cuts).filter(pa.array(~is_bot)))
    return scratch.frame(_SHOWN)
