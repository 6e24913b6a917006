"""Worlds of companies: who did what when, in lines; persons are given, accounts and journeys are worked out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

import journeys as jn
from journeys.config import Settings, load_settings
from journeys.identity.accounts import build_accounts
from journeys.paths.journeys import build_journeys
from journeys.paths.log import EventLog
from journeys.warehouse import Engine
from journeys.warehouse.conditions import read_facts

AS_OF_US = 1_780_000_000_000_000
CONFIG = """
[project]
name = "World"
[warehouse]
path = "warehouse"
[[source]]
name = "web"
kind = "file"
path = "web.csv"
[source.columns]
occurred_at = "at"
user_id = "who"
event = "what"
[journey]
goal = "buy"
inactive_days = 30
[[touchpoint]]
name = "research"
match = { event = "research" }
[[touchpoint]]
name = "offer"
match = { event = "offer" }
[[goal]]
name = "buy"
match = { event = "buy" }
[identity]
"""


def us(day: str, clock: str) -> int:
    """A minute of March 2026 (days beyond the month run on)."""
    hour, minute = clock.split(":")
    start = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    return int(start + (int(day) - 1) * 86_400 + int(hour) * 3_600 + int(minute) * 60) * 1_000_000


def read_settings(folder: Path, identity: str = "") -> Settings:
    """The configuration of all worlds, with further lines of `[identity]`."""
    path = folder / "journeys.toml"
    path.write_text(CONFIG + identity, encoding="utf-8")
    return load_settings(path)


class AccountWorld:
    """A world with its tables, built from lines `day/hh:mm person event|(contact) [account=..] [email=..]`."""

    def __init__(self, text: str, settings: Settings) -> None:
        self.engine, self.settings = Engine(), settings
        rows, mails = _read(text)
        everything = pd.DataFrame(rows).astype({"account_id": "string", "event": "string"})
        self.engine.load("rows", everything)
        empty = "CAST(NULL AS VARCHAR)"
        columns = f"""
            event_id, 'u' || CHR(31) || user_id AS stream_id, 'web' AS source,
            CAST(1 AS INTEGER) AS source_index, CAST(NULL AS DECIMAL(38, 6)) AS sequence,
            occurred_at_us, {empty} AS device_id, user_id, 'user_id' AS known_kind, user_id AS known_value, account_id
        """
        self.engine.save(
            "events",
            f"""
            SELECT {columns}, event, {empty} AS channel, {empty} AS source_session_id, FALSE AS is_bot,
              {empty} AS bot_reason,
              CAST(1.5 AS DOUBLE) AS value_amount, '{{}}' AS properties
            FROM rows WHERE event IS NOT NULL
            """,
        )
        self.engine.save("contact_rows", f"SELECT {columns} FROM rows WHERE event IS NULL")
        self.engine.save("event_persons", "SELECT event_id, user_id AS person_id, 'user_id' AS known_by FROM events")
        identifiers = pd.DataFrame(mails, columns=["event_id", "identifier_value", "person_id"], dtype="string")
        self.engine.load("mails", identifiers)
        self.engine.save("row_identifiers", "SELECT event_id, 'email' AS identifier_kind, identifier_value FROM mails")
        self.engine.save(
            "person_identifiers",
            """
            SELECT DISTINCT person_id, 'email' AS identifier_kind, identifier_value FROM mails
            UNION ALL SELECT DISTINCT user_id, 'user_id', user_id FROM rows
            """,
        )
        self.engine.save(
            "session_events",
            f"SELECT {empty} AS event_id, {empty} AS session_id, 1 AS event_index, {empty} AS split_reason, "
            f"{empty} AS start_reason, 1 AS visit_index LIMIT 0",
        )
        self.engine.save("sessions", f"SELECT {empty} AS session_id, {empty} AS channel LIMIT 0")
        build_accounts(self.engine, settings)
        build_journeys(self.engine, settings, as_of_us=AS_OF_US)

    @property
    def log(self) -> jn.Journeys:
        """The world, ready to be asked."""
        log = EventLog(self.engine, AS_OF_US, "UTC", read_facts(self.engine, "events", properties="properties"))
        return jn.Journeys(log, rejects=pd.DataFrame(), repeat_count=0, settings=self.settings)

    def table(self, select: str) -> set[tuple[object, ...]]:
        """The rows of a SELECT, without an order."""
        rows = self.engine.rows(select)
        assert len(rows) == len(set(rows))
        return set(rows)

    def account_of_events(self) -> dict[str, str]:
        """The account of each event that has one, events being named by their line."""
        return dict(self.engine.rows("SELECT event_id, account_id FROM event_accounts"))


def _read(text: str) -> tuple[list[dict[str, object]], list[tuple[str, str, str]]]:
    rows, mails = [], []
    for number, line in enumerate(text.strip().splitlines(), start=1):
        at, person, event, *more = line.split()
        given = dict(each.split("=") for each in more)
        day, _, clock = at.partition("/")
        name = f"e{number}"
        rows.append({"event_id": name, "occurred_at_us": us(day, clock), "user_id": person,
                     "event": None if event == "(contact)" else event, "account_id": given.get("account")})  # fmt: skip
        if "email" in given:
            mails.append((name, given["email"], person))
    return rows, mails
