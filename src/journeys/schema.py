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
    Column("is_interaction", "BOOLEAN", "belongs to sessions; without a truth value as `interaction` says"),
)

# What `[source.answer]` may map of a survey's answer or a ticket.
ANSWER_COLUMNS = (
    Column("score", "DOUBLE", "the number given"),
    Column("scale_min", "DOUBLE", "the lowest number that can be given"),
    Column("scale_max", "DOUBLE", "the highest number that can be given"),
    Column("direction", "VARCHAR", "up: a higher number is better; down: a lower one (an effort, a waiting time)"),
    Column("text", "VARCHAR", "what the person wrote"),
    Column("language", "VARCHAR", "language of the text, such as 'lv'"),
    Column("touchpoint", "VARCHAR", "the touchpoint that was asked about"),
)

# One row of a source, mapped but not yet judged: what `sources` hands to `sql/1_events`.
LANDED_COLUMNS = (
    Column("source", "VARCHAR", "name of the source in the configuration"),
    Column("source_index", "INTEGER", "place of the source in the configuration, from 1"),
    Column("file", "VARCHAR", "file relative to the configuration, or the table"),
    Column("reading", "INTEGER", "how many times its file or table had been read when the row came, from 1"),
    Column("line", "BIGINT", "physical line from 1 (Parquet, databases, JSON lists, `records`: row from 1)"),
    Column("unreadable", "VARCHAR", "why the row could not be read at all, else null"),
    Column("raw", "VARCHAR", "text of an unreadable row, else null"),
    Column("event_id", "VARCHAR", "as given"),
    Column("occurred_at_text", "VARCHAR", "time as given"),
    Column("occurred_at_us", "BIGINT", "microseconds since 1970 UTC; null when the text is no time"),
    Column("received_at_us", "BIGINT", "microseconds since 1970 UTC"),
    Column("sequence", "DECIMAL(38,6)", "the source's own order; decimal, for large counters lose digits as floats"),
    Column("device_id", "VARCHAR", "as given, trimmed"),
    Column("device_is_composite", "BOOLEAN", "device_id is built from several columns and never links persons"),
    Column("user_id", "VARCHAR", "as given, trimmed"),
    Column("account_id", "VARCHAR", "as given, trimmed"),
    Column(
        "identifiers",
        "VARCHAR",
        "further identifiers of the row as a JSON object, kind to value as given; null when none is mapped",
    ),
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
    Column("is_event", "BOOLEAN", "false for a row of an address book, which says who is who and is no event"),
    Column("is_interaction", "BOOLEAN", "belongs to sessions (web, app); CRM, survey and ticket events do not"),
    Column("drop_repeats", "BOOLEAN", "exact repeats without an event_id are duplicates"),
    Column("note", "VARCHAR", "what was set to null on the way in and why, e.g. 'unreadable value_amount', else null"),
    Column("local_date", "DATE", "calendar day of occurred_at in the project's time zone"),
    Column("earliest_us", "BIGINT", "earlier times are impossible for this source"),
    Column("loaded_at_us", "BIGINT", "when this run pulled the row"),
)


@dataclass(frozen=True)
class IdentifierKind:
    """A kind of identifier.

    Attributes:
        name: as in `[source.identifiers]` and `KIND:VALUE`.
        strength: 3 names one person in a system of ours, 2 reaches one person, 1 is a thing a person uses.
        person_limit: most different values of this kind that one person has.
        format: text, email or phone: how values are made alike.
        meaning: what it is.
    """

    name: str
    strength: int
    person_limit: int
    format: str
    meaning: str


IDENTIFIER_KINDS = (
    IdentifierKind("user_id", 3, 1, "text", "the known user of the web or app"),
    IdentifierKind("contact_id", 3, 3, "text", "a contact of the CRM"),
    IdentifierKind("lead_id", 2, 20, "text", "a lead of the CRM; a person may be entered again and again"),
    IdentifierKind("loyalty_card", 2, 5, "text", "a customer card"),
    IdentifierKind("email", 2, 5, "email", "an e-mail address"),
    IdentifierKind("phone", 2, 5, "phone", "a telephone number"),
    IdentifierKind("device_id", 1, 50, "text", "a cookie or device"),
    IdentifierKind("cookie", 1, 50, "text", "a further cookie"),
)

# Written in any case and with blanks around, these never identify anybody.
BLOCKED_IDENTIFIERS = ("", "undefined", "null", "none", "nil", "nan", "na", "n/a", "unknown", "anonymous", "0", "-1",
                       "00000000-0000-0000-0000-000000000000", "(not set)", "not set", "not provided", "(none)",
                       "(null)", "[null]", "true", "false")  # fmt: skip

# The name before the @ of mailboxes that several people read, or none.
ROLE_MAILBOXES = (
    "abuse", "accounting", "admin", "billing", "contact", "do-not-reply", "donotreply", "enquiries",
    "hello", "help", "hostmaster", "hr", "info", "invoice", "invoices", "jobs", "mail", "marketing",
    "newsletter", "no-reply", "no_reply", "noreply", "office", "orders", "postmaster", "press",
    "privacy", "root", "sales", "security", "service", "support", "team", "test", "webmaster"
)  # fmt: skip

STAGES = ("awareness", "consideration", "purchase", "retention", "advocacy")

# Ends and nodes that we add to paths; an event of such a name is shown as 'event (dropped)'.
RESERVED_NAMES = (
    "(start)", "(end)", "(converted)", "(conversion)", "(dropped)", "(open)", "(other)", "(more)", "(null)", "(none)"
)  # fmt: skip
