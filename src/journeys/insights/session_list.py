"""Sessions under a rule of the caller's choice."""

from __future__ import annotations

from journeys.insights.answer import Answer
from journeys.paths.log import EventLog
from journeys.sessions import build_sessions
from journeys.sources.visits import SessionRule, build_visits
from journeys.warehouse import Engine

_COLUMNS = "session_id, person_id, started_at, ended_at, event_count, duration_seconds, split_reason"
_READ = ("event_id, stream_id, device_id, occurred_at, occurred_at_us, source_index, sequence, source_session_id, "
         "campaign, channel, local_date, is_interaction, is_bot, bot_reason")  # fmt: skip


def list_sessions(log: EventLog, rule: SessionRule, *, as_of: object = None) -> Answer:
    """Cut the log into sessions.

    Returns:
        Answer with one row per session in time order: `session_id`, `person_id`, `started_at`, `ended_at` (UTC),
        `event_count`, `duration_seconds`, `split_reason`.
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        if rule != log.session_rule or as_of_us < log.as_of_us:
            _cut_sessions(scratch, rule, as_of_us)
        frame = scratch.frame(f"SELECT {_COLUMNS} FROM sessions WHERE NOT is_bot ORDER BY started_at_us, session_id")
    parameters = {
        "timeout_seconds": rule.timeout_us / 1_000_000,
        "gap_inclusive": rule.is_gap_inclusive,
        "max_length_seconds": None if rule.max_length_us is None else rule.max_length_us / 1_000_000,
        "midnight": rule.is_midnight_split,
        "campaign": rule.is_campaign_split,
    }
    return Answer(frame, log.describe(f"{rule.words()} Robots are left out.", as_of_us, parameters))


def _cut_sessions(scratch: Engine, rule: SessionRule, as_of_us: int) -> None:
    """Write `sessions` from the events so far; visits are cut from accepted rows, which are kept as events only."""
    cut = f"SELECT {_READ} FROM main.events WHERE occurred_at_us <= $as_of_us"
    scratch.save("accepted_rows", cut, {"as_of_us": as_of_us})
    scratch.run("CREATE TEMP VIEW events AS SELECT * FROM temp.accepted_rows")
    build_visits(scratch, rule)
    build_sessions(scratch)
