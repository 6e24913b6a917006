"""Finished nights that gates are held up to: a few events with their persons, sessions, touchpoints and journeys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from journeys.config import Settings, load_settings
from journeys.report.gates import Verdict, judge_gates
from journeys.warehouse import Engine, Manifest, Snapshot
from journeys.warehouse.snapshots import SCHEMA_VERSION

# Half past midnight on Tuesday in Riga, and still Monday in UTC.
STARTED = datetime(2026, 3, 9, 22, 30, tzinfo=UTC)
MONDAY = date(2026, 3, 9)
OLD = datetime(2026, 3, 1, tzinfo=UTC)
THIS, BEFORE = "20260309T223000Z", "20260308T223000Z"
_COLUMNS = ("received_at", "sequence", "device_id", "user_id", "account_id", "source_session_id", "traffic_source",
            "medium", "campaign", "url", "referrer", "user_agent", "value_amount", "currency")  # fmt: skip

CONFIG = """
[project]
name = "Gates"
timezone = "Europe/Riga"
[[source]]
name = "web"
kind = "file"
path = "web.csv"
[source.columns]
event_id = "id"
occurred_at = "at"
event = "name"
device_id = "visitor"
url = "page"
[source.identifiers]
email = "mail"
[[source]]
name = "poll"
kind = "file"
path = "poll.csv"
required = false
[source.columns]
occurred_at = "at"
event = "name"
user_id = "user"
[[source]]
name = "book"
kind = "file"
path = "book.csv"
holds = "contacts"
[source.columns]
occurred_at = "at"
user_id = "user"
[source.identifiers]
email = "mail"
[[goal]]
name = "bought"
match = { event = "buy" }
[gates]
"""


def read_gates(folder: Path, gates: str = "fewest = 5") -> Settings:
    """The configuration with these lines in [gates]."""
    file = folder / "journeys.toml"
    file.write_text(CONFIG + gates, encoding="utf-8")
    return load_settings(file)


@dataclass(frozen=True)
class Event:
    """One event; `day` is that of the project's calendar, at noon UTC."""

    source: str = "web"
    day: date = MONDAY
    device_id: str | None = "d"
    email: str | None = None
    touchpoint: str | None = "Home"
    is_bot: bool = False
    is_new: bool = True


def write_night(engine: Engine, events: Iterable[Event], *, quality: Sequence[tuple[str, int, int]] = ()) -> None:
    """Write all tables of a night: each event is a session, a person's and, with a touchpoint, a journey of its own.

    Args:
        engine: takes the tables.
        events: the events.
        quality: `(source, read, duplicate)` where it is another than the events tell.
    """
    rows = [
        {
            **dict.fromkeys(_COLUMNS),
            "event_id": f"e{place}",
            "source": each.source,
            "device_id": each.device_id,
            "is_bot": each.is_bot,
            "is_interaction": each.source == "web",
            "local_date": each.day,
            "occurred_at_us": int(datetime(*each.day.timetuple()[:3], 12, tzinfo=UTC).timestamp()) * 1_000_000,
            "loaded_at": (STARTED if each.is_new else OLD).replace(tzinfo=None),
            "email": each.email,
            "touchpoint": each.touchpoint,
        }
        for place, each in enumerate(events)
    ]
    names = [*_COLUMNS, "event_id", "source", "is_bot", "is_interaction", "local_date", "occurred_at_us", "loaded_at",
             "email", "touchpoint"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(_COLUMNS, "str") | {"email": "str"})
    engine.load("all_events", frame)
    engine.save("events", "SELECT * EXCLUDE (email, touchpoint) REPLACE (CAST(local_date AS DATE) AS local_date) "
                          "FROM all_events")  # fmt: skip
    selects = {
        "contact_rows": "SELECT 'book' AS source LIMIT 0",
        "row_identifiers": "SELECT event_id, 'email' AS identifier_kind, email AS identifier_value FROM all_events "
        "WHERE email IS NOT NULL",
        "event_persons": "SELECT event_id, 'p' || event_id AS person_id FROM all_events",
        "person_identifiers": "SELECT 'p' || event_id AS person_id FROM all_events",
        "person_aliases": "SELECT '' AS snapshot_id, '' AS old_person_id, '' AS new_person_id, '' AS change LIMIT 0",
        "session_events": "SELECT event_id, 's' || event_id AS session_id FROM all_events WHERE is_interaction",
        "sessions": "SELECT 's' || event_id AS session_id, 1 AS event_count FROM all_events WHERE is_interaction",
        "person_events": "SELECT event_id, touchpoint FROM all_events",
        "touchpoints": "SELECT event_id, 'j' || event_id AS journey_id FROM all_events "
        "WHERE touchpoint IS NOT NULL AND NOT is_bot",
        "journeys": "SELECT journey_id, 1 AS step_count FROM touchpoints",
        "funnel_steps": "SELECT '' AS funnel LIMIT 0",
        "data_quality": "SELECT source, CASE source WHEN 'web' THEN 1 ELSE 2 END AS source_index, "
        "COUNT(*) AS read_count, COUNT(*) AS accepted_count, 0 AS duplicate_count, 0 AS rejected_count, "
        "MAX(occurred_at_us) AS last_us FROM all_events GROUP BY source",
    }
    for name, select in selects.items():
        engine.save(name, select)
    for source, read, duplicate in quality:
        engine.run(f"UPDATE data_quality SET read_count = {read}, duplicate_count = {duplicate}, "
                   f"rejected_count = {read} - {duplicate} - accepted_count WHERE source = '{source}'")  # fmt: skip


def write_before(folder: Path, events: Iterable[Event], *, version: int = SCHEMA_VERSION) -> Snapshot:
    """Publish a snapshot of the night before."""
    folder.mkdir()
    with Engine(folder / "results.duckdb") as engine:
        write_night(engine, events)
    return Snapshot(folder, Manifest(BEFORE, version, "", "", "", "", 0))


def judge(engine: Engine, settings: Settings, previous: Snapshot | None = None) -> tuple[Verdict, ...]:
    """Judge the night of `STARTED`."""
    return judge_gates(engine, settings, snapshot_id=THIS, started_at=STARTED, previous=previous)


def only(verdicts: Iterable[Verdict], gate: str) -> list[Verdict]:
    """The verdicts of one gate."""
    return [each for each in verdicts if each.gate == gate]


def mondays(*counts: int, source: str = "web", last: date = MONDAY) -> list[Event]:
    """So many events on a day, on the same weekday a week before, and so on."""
    return [Event(source, last - timedelta(weeks=week)) for week, count in enumerate(counts) for _ in range(count)]
