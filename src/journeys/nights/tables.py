"""Which tables are kept from night to night, in what units they are replaced, and what is shown of them."""

from __future__ import annotations

from journeys.identity.aliases import NO_ALIASES
from journeys.warehouse import Engine, show_model
from journeys.warehouse.runs import KEPT, RunTable

_IDENTIFIER = ("identifier_kind", "identifier_value")
_PLACE = ("file", "reading", "line")

ROW_TABLES = (
    RunTable("accepted_rows", ("event_id",), ("stream_id", "occurred_at_us"), (*_PLACE, "loaded_at")),
    RunTable("row_identifiers", ("event_id",)),
    RunTable("rejected_events", ("source", *_PLACE), unhashed=(*_PLACE, "loaded_at_us")),
)
RULE_TABLES = (RunTable("event_touchpoints", ("event_id",)), RunTable("event_goals", ("event_id",)))
# Whose rows are those of one event.
EVENT_ROW_TABLES = ("accepted_rows", "row_identifiers", "event_touchpoints", "event_goals")
IDENTITY_TABLES = (
    RunTable("identifiers", _IDENTIFIER),
    RunTable("identity_edges", ("a_kind", "a_value", "b_kind", "b_value")),
    RunTable("guarded_identifiers", _IDENTIFIER),
    RunTable("identifier_groups", _IDENTIFIER),
    RunTable("person_identifiers", _IDENTIFIER),
    RunTable("identity_refusals", _IDENTIFIER),
)
STREAM_TABLES = (
    RunTable("stream_events", ("stream_id",), ("stream_id", "occurred_at_us")),
    RunTable("sessions", ("stream_id",)),
)
PERSON_TABLES = (
    RunTable("persons", ("person_id",)),
    RunTable("touchpoints", ("person_id",)),
    RunTable("journeys", ("person_id",)),
)
ACCOUNT_TABLES = (
    RunTable("person_domains", ("person_id",)),
    RunTable("source_accounts", ("person_id",)),
    RunTable("account_domains", ("domain",)),
    RunTable("account_changes", ("person_id",)),
    RunTable("event_accounts", ("person_id",)),
    RunTable("person_accounts", ("person_id",)),
    RunTable("accounts", ("account_id",)),
    RunTable("account_journeys", ("account_id",)),
)
KEPT_TABLES = (*ROW_TABLES, *RULE_TABLES, *IDENTITY_TABLES, *STREAM_TABLES, *PERSON_TABLES, *ACCOUNT_TABLES)

NO_RUNS = """
    SELECT CAST(0 AS BIGINT) AS read_count, CAST(0 AS BIGINT) AS accepted_count, CAST(0 AS BIGINT) AS duplicate_count,
      CAST(0 AS BIGINT) AS rejected_count, '' AS snapshot_id, CAST(NULL AS TIMESTAMP) AS started_at,
      CAST(NULL AS TIMESTAMP) AS finished_at, '' AS as_of, '' AS product_version, '' AS settings_fingerprint,
      '' AS data_fingerprint
    LIMIT 0
"""
# Added up over all nights, and small: each as it begins.
NO_COUNTS = {
    "source_counts": "SELECT '' AS source, CAST(0 AS INTEGER) AS source_index, CAST(0 AS BIGINT) AS read_count LIMIT 0",
    "repeated_rows": "SELECT '' AS source, CAST(0 AS BIGINT) AS duplicate_count LIMIT 0",
    "blocked_identifiers": "SELECT '' AS identifier_kind, '' AS given_value, '' AS source, '' AS reason, "
    "CAST(0 AS BIGINT) AS row_count LIMIT 0",
}
# Only added to, and trimmed by [retention]; they survive a rebuild.
NO_HISTORY = {"person_aliases": NO_ALIASES, "runs": NO_RUNS}

_STREAM_VIEWS = {
    "event_persons": "SELECT event_id, person_id, known_by FROM stream_events",
    "event_bots": "SELECT event_id, stream_id, bot_reason FROM stream_events WHERE bot_reason IS NOT NULL",
    "session_events": """
        SELECT event_id, session_id, person_id, event_index, split_reason, start_reason, visit_index
        FROM stream_events WHERE session_id IS NOT NULL
    """,
    "visit_events": """
        SELECT event_id, stream_id, occurred_at_us, source_index, sequence, start_reason, visit_index
        FROM stream_events WHERE visit_index IS NOT NULL
    """,
    "person_events": """
        SELECT stream_events.person_id, account_id, stream_events.* EXCLUDE (person_id)
        FROM stream_events LEFT JOIN event_accounts ON event_accounts.event_id = stream_events.event_id
    """,
}


def show_tables(engine: Engine) -> None:
    """Show the finished tables of a night under the names that readers know."""
    for name in (*(table.name for table in KEPT_TABLES), *NO_COUNTS, *NO_HISTORY):
        engine.show(name, f"SELECT * FROM {KEPT}.{name}")
    blocked = """
        SELECT 'blocked' AS guard, identifier_kind, given_value AS identifier_value, '' AS other_kind,
          '' AS other_value, source, row_count AS event_count, reason
        FROM blocked_identifiers
    """
    engine.show("identity_refusals", f"SELECT * FROM {KEPT}.identity_refusals UNION ALL BY NAME {blocked}")
    for name, select in _STREAM_VIEWS.items():
        engine.show(name, select)
    for name in ("contact_rows", "events"):
        show_model(engine, name)
