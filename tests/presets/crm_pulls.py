"""Nights of one part of a CRM's preset, pulled without the rest of a refresh."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from crm_tables import change_sqlite, fill_sqlite

from journeys.config import load_settings
from journeys.sources import PullReport, pull_source

CONFIG = '[project]\nname = "Acme"\n[[source]]\nname = "crm"\npreset = "{part}"\nurl = "{url}"\n{beside}'
# Contacts alone are no configuration.
OTHER = '[[source]]\nname = "other"\npreset = "ga4"\npath = "other.json"\n'
RULES = OTHER + '[[goal]]\nname = "won"\nmatch = { event = "deal won" }\n'
# Time to the minute, name, person (by the identifier that comes first) and amount, of usable rows, each id once.
_EVENTS = """
SELECT strftime(make_timestamp(occurred_at_us), '%m-%d %H:%M'), event, who, value_amount
FROM (
  SELECT *, coalesce(identifiers ->> 'contact_id', identifiers ->> 'lead_id', identifiers ->> 'email') AS who
  FROM '{file}'
)
WHERE unreadable IS NULL AND (event IS NOT NULL OR NOT is_event) AND occurred_at_us IS NOT NULL AND who IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY coalesce(event_id, properties) ORDER BY line) = 1
ORDER BY 1, 2, 3, 4
"""


@dataclass
class Pulls:
    """One part of a preset over a database, night after night."""

    folder: Path
    part: str
    url: str = "sqlite:///crm.sqlite"
    beside: str = ""
    last: PullReport | None = field(default=None)

    def night(self) -> list[tuple[object, ...]]:
        """Pull what is new; returns the events, or contacts, that it brought."""
        config = self.folder / "journeys.toml"
        config.write_text(CONFIG.format(part=self.part, url=self.url, beside=self.beside) + RULES, encoding="utf-8")
        settings = load_settings(config)
        landed = self.folder / "landed"
        before = self.last
        self.last = pull_source(settings.sources[0], settings.project, folder=landed, settings_folder=self.folder,
                                loaded_at_us=0, bookmark=before.bookmark if before else None,
                                known_rows=before.known_rows if before else None)  # fmt: skip
        with duckdb.connect() as connection:
            return connection.execute(_EVENTS.format(file=landed / "crm.parquet")).fetchall()

    def change(self, *statements: str) -> None:
        """Let the loader change its tables."""
        change_sqlite(self.folder / "crm.sqlite", *statements)


def start_pulls(folder: Path, part: str) -> Pulls:
    """Make the database of a preset's fixture, without a night.

    Args:
        folder: of the configuration.
        part: such as 'pipedrive/deal_history'.
    """
    fill_sqlite(folder / "crm.sqlite", part.partition("/")[0])
    return Pulls(folder, part)
