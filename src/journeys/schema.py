"""The canonical event: the columns every source is mapped to, with their types and meaning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of a canonical table: its name, DuckDB type and meaning."""

    name: str
    type: str
    meaning: str


# What `[source.columns]` may map: canonical name = column of the source.
MAPPED_COLUMNS = (
    Column("event_id", "VARCHAR", "the source's own id of the event; without one it is a hash of the content"),
    Column("occurred_at", "TIMESTAMP", "when it happened"),
    Column("received_at", "TIMESTAMP", "when the source's server received it"),
    Column("sequence", "DECIMAL(38,6)", "the source's own order among events of one time"),
    Column("device_id", "VARCHAR", "cookie or device; a list of columns builds a stream key that never links persons"),
    Column("user_id", "VARCHAR", "the known user, customer or contact"),
    Column("account_id", "VARCHAR", "the company the person acts for"),
    Column("session_id", "VARCHAR", "the source's own session id"),
    Column("event", "VARCHAR", "name of what happened"),
    Column("traffic_source", "VARCHAR", "utm_source; read from the URL when not mapped"),
    Column("medium", "VARCHAR", "utm_medium; read from the URL when not mapped"),
    Column("campaign", "VARCHAR", "utm_campaign; read from the URL when not mapped"),
    Column("url", "VARCHAR", "page address"),
    Column("referrer", "VARCHAR", "address of the page before"),
    Column("user_agent", "VARCHAR", "browser identification, read for bots"),
    Column("value_amount", "DOUBLE", "money of the event"),
    Column("currency", "VARCHAR", "currency of value_amount"),
)

# One row of a source, mapped but not yet judged: what `sources` hands to `sql/1_events`.
LANDED_COLUMNS = (
    Column("source", "VARCHAR", "name of the source in the configuration"),
    Column("source_index", "INTEGER", "place of the source in the configuration, from 1"),
    Column("file", "VARCHAR", "file relative to the configuration, or the table"),
    Column("line", "BIGINT", "physical line from 1 (Parquet and databases: row from 1)"),
    Column("unreadable", "VARCHAR", "why the row could not be read at all, else null"),
    Column("raw", "VARCHAR", "text of an unreadable row, else null"),
    Column("event_id", "VARCHAR", "as given"),
    Column("occurred_at_text", "VARCHAR", "time as given"),
    Column("occurred_at_us", "BIGINT", "microseconds since 1970 UTC; null when the text is no time"),
    Column("received_at_us", "BIGINT", "microseconds since 1970 UTC"),
    Column("sequence", "DECIMAL(38,6)", "the source's own order; decimal, for large counters lose digits as floats"),
    Column("device_id", "VARCHAR", "trimmed; null when blocked"),
    Column("device_is_composite", "BOOLEAN", "device_id is built from several columns and never links persons"),
    Column("user_id", "VARCHAR", "trimmed; null when blocked"),
    Column("account_id", "VARCHAR", "trimmed; null when blocked"),
    Column("source_session_id", "VARCHAR", "the source's own session id"),
    Column("event", "VARCHAR", "name of what happened; null when empty"),
    Column("traffic_source", "VARCHAR", "mapped, else utm_source of the URL"),
    Column("medium", "VARCHAR", "mapped, else utm_medium of the URL"),
    Column("campaign", "VARCHAR", "mapped, else utm_campaign of the URL"),
    Column("url", "VARCHAR", "page address"),
    Column("referrer", "VARCHAR", "address of the page before"),
    Column("user_agent", "VARCHAR", "browser identification"),
    Column("value_amount", "DOUBLE", "money; null when no number"),
    Column("currency", "VARCHAR", "currency of value_amount"),
    Column("properties", "VARCHAR", "the source's whole row as a JSON object, by the source's own names"),
    Column("is_interaction", "BOOLEAN", "belongs to sessions (web, app); CRM, survey and ticket events do not"),
    Column("drop_repeats", "BOOLEAN", "exact repeats without an event_id are duplicates"),
    Column("note", "VARCHAR", "what was set to null on the way in and why, e.g. 'blocked device_id', else null"),
    Column("local_date", "DATE", "calendar day of occurred_at in the project's time zone"),
    Column("earliest_us", "BIGINT", "earlier times are impossible for this source"),
    Column("loaded_at_us", "BIGINT", "when this run pulled the row"),
)

# Written in any case and with blanks around, these never identify anybody.
BLOCKED_IDENTIFIERS = ("", "undefined", "null", "none", "nil", "nan", "na", "n/a", "unknown", "anonymous", "0", "-1",
                       "00000000-0000-0000-0000-000000000000")  # fmt: skip

STAGES = ("awareness", "consideration", "purchase", "retention", "advocacy")

# Ends and nodes that we add to paths; an event of such a name is shown as 'event (dropped)'.
RESERVED_NAMES = (
    "(start)", "(end)", "(converted)", "(conversion)", "(dropped)", "(open)", "(other)", "(more)", "(null)", "(none)"
)  # fmt: skip
