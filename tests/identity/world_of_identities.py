"""How a world of identities is written: one row per line, `web|book dd/hh:mm kind=value ... [event=name]`.

`web` is a log of events, `book` an address book. The rows go through the product from the source file to the persons.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from journeys.config import load_settings
from journeys.identity import build_persons
from journeys.identity.aliases import NO_ALIASES, record_aliases
from journeys.sessions import build_sessions
from journeys.sources import pull_source
from journeys.sources.events import build_events
from journeys.warehouse import Engine

CONFIG = """
[project]
name = "World"
[warehouse]
path = "warehouse"
[[source]]
name = "web"
kind = "file"
path = "web.jsonl"
interaction = true
[source.columns]
event_id = "id"
occurred_at = "at"
device_id = "device_id"
user_id = "user_id"
account_id = "account_id"
event = "event"
url = "url"
[source.identifiers]
email = "email"
contact_id = "contact_id"
phone = "phone"
cookie = "cookie"
loyalty_card = "card"
[[source]]
name = "book"
kind = "file"
path = "book.jsonl"
holds = "contacts"
required = false
[source.columns]
occurred_at = "at"
user_id = "user_id"
device_id = "device_id"
account_id = "account_id"
[source.identifiers]
email = "email"
contact_id = "contact_id"
phone = "phone"
loyalty_card = "card"
[[goal]]
name = "buy"
match = { event = "buy" }
"""
LOADED_AT_US = 1_798_761_600_000_000


class World:
    """A world and its tables.

    Args:
        folder: where its files go.
        text: its rows.
        identity: lines of `[identity]` and its tables.
        device: what the web log's device is, as in `[source.columns]`.
        rule: one of the rules; the configured one if none is given.
    """

    def __init__(
        self, folder: Path, text: str, *, identity: str = "", rule: str | None = None, device: str = '"device_id"'
    ) -> None:
        config = folder / "journeys.toml"
        own = CONFIG.replace('device_id = "device_id"', f"device_id = {device}", 1)
        config.write_text(own + identity, encoding="utf-8")
        self.settings = load_settings(config)
        self.engine = Engine()
        self.events: list[str] = []
        self._write(folder, text)
        for old in folder.glob("landing/*.parquet"):
            old.unlink()
        for source in self.settings.sources:
            if (folder / str(source.path)).stat().st_size:
                pull_source(
                    source,
                    self.settings.project,
                    folder=folder / "landing",
                    settings_folder=folder,
                    loaded_at_us=LOADED_AT_US,
                )
        build_events(self.engine, self.settings, sorted(folder.glob("landing/*.parquet")))
        build_persons(self.engine, self.settings, rule=rule)

    def _write(self, folder: Path, text: str) -> None:
        lines: dict[str, list[str]] = {"web": [], "book": []}
        for line in text.strip().splitlines():
            source, at, *cells = line.split()
            day, _, clock = at.partition("/")
            month = 3 + (int(day) - 1) // 28
            row: dict[str, object] = {"at": f"2026-{month:02d}-{(int(day) - 1) % 28 + 1:02d}T{clock}:00Z"}
            for cell in cells:
                name, _, value = cell.partition("=")
                row[name] = json.loads(value[1:]) if value.startswith("#") else value
            if source == "web":
                row.setdefault("event", "view")
                row.setdefault("id", f"e{len(self.events) + 1}")
                self.events.append(str(row["id"]))
            lines[source].append(json.dumps(row))
        for name, rows in lines.items():
            (folder / f"{name}.jsonl").write_text("".join(row + "\n" for row in rows), encoding="utf-8")

    def persons(self) -> list[set[str]]:
        """Who is who: the identifiers of each person as `kind:value`, in order."""
        found = defaultdict(set)
        for person, kind, value in self.engine.rows(
            "SELECT person_id, identifier_kind, identifier_value FROM person_identifiers"
        ):
            found[person].add(f"{kind}:{value}")
        return sorted(found.values(), key=sorted)

    def who(self) -> list[str]:
        """For each web event, in order of its line, a name of its person: its strongest identifiers."""
        names = {}
        for person, kind, value in self.engine.rows(
            """
            SELECT person_id, person_identifiers.identifier_kind, person_identifiers.identifier_value
            FROM person_identifiers INNER JOIN identifiers
              ON identifiers.identifier_kind = person_identifiers.identifier_kind
              AND identifiers.identifier_value = person_identifiers.identifier_value
            ORDER BY strength, identifiers.identifier_kind, identifiers.identifier_value DESC
            """
        ):
            names[person] = f"{kind}:{value}"
        done = dict(self.engine.rows("SELECT event_id, person_id FROM event_persons"))
        return [names[done[event]] for event in self.events if event in done]

    def known_by(self) -> list[str]:
        """For each web event, in order of its line, how its person is known."""
        done = dict(self.engine.rows("SELECT event_id, known_by FROM event_persons"))
        return [done[event] for event in self.events]

    def refusals(self) -> set[tuple[str, str, str]]:
        """What the guards refused: guard, identifier, other identifier ('' for none)."""
        rows = self.engine.rows(
            "SELECT DISTINCT guard, identifier_kind, identifier_value, other_kind, other_value FROM identity_refusals"
        )
        return {
            (guard, f"{kind}:{value}", f"{other}:{end}" if other else "") for guard, kind, value, other, end in rows
        }

    def ids(self) -> dict[str, str]:
        """The person_id of each identifier."""
        rows = self.engine.rows("SELECT identifier_kind || ':' || identifier_value, person_id FROM person_identifiers")
        return dict(rows)

    def sessions(self) -> list[tuple[int, str]]:
        """Events and split reason of each session, in order of time."""
        build_sessions(self.engine)
        return self.engine.rows("SELECT event_count, split_reason FROM sessions ORDER BY started_at_us, session_id")

    def aliases(self, before: World) -> set[tuple[str, str, str]]:
        """Former ids since another world: old id, new id, change."""
        self.engine.load("previous_person_identifiers", before.engine.frame("SELECT * FROM person_identifiers"))
        self.engine.save("previous_person_aliases", NO_ALIASES)
        record_aliases(self.engine, snapshot_id="second", changed_at=datetime(2026, 7, 1, tzinfo=UTC))
        return set(self.engine.rows("SELECT old_person_id, new_person_id, change FROM person_aliases"))
