"""Nights over the database of a CRM: five lines of configuration, refreshed, changed by the loader, refreshed again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from crm_tables import change_sqlite, fill_sqlite
from shop_script import Script

_PULLED = re.compile(r"^pull (\S+)\s+([\d,]+) rows", re.MULTILINE)
CONFIG = '[project]\nname = "Acme"\n[[source]]\nname = "crm"\npreset = "{preset}"\nurl = "sqlite:///crm.sqlite"\n'


@dataclass(frozen=True)
class Crm:
    """A CRM in a folder and what is published of it."""

    script: Script

    def change(self, *statements: str) -> None:
        """Let the loader change its tables."""
        change_sqlite(self.script.folder / "crm.sqlite", *statements)

    def night(self) -> dict[str, int]:
        """Refresh; returns how many rows were read of each source."""
        ended = self.script("refresh")
        ended.succeeds()
        return {name: int(count.replace(",", "")) for name, count in _PULLED.findall(ended.err)}

    def events(self) -> list[tuple[object, ...]]:
        """Time to the minute, name and person (by their strongest identifier on the row) of all events."""
        return self.script.rows(
            "SELECT strftime(occurred_at, '%m-%d %H:%M'), event, known_value FROM events ORDER BY 1, 2, 3"
        )

    def rejects(self) -> list[tuple[object, ...]]:
        """Source and reason of all rejected rows."""
        return self.script.rows("SELECT source, reason FROM rejected_events ORDER BY 1, 2")

    def persons(self) -> list[list[str]]:
        """Identifiers of each person."""
        rows = self.script.rows(
            "SELECT list_sort(list(identifier_kind || ':' || identifier_value)) FROM person_identifiers "
            "GROUP BY person_id ORDER BY 1"
        )
        return [list(row[0]) for row in rows]  # type: ignore[call-overload]

    def reached(self) -> list[int]:
        """Persons who reached each step of the only funnel."""
        rows = self.script.rows("SELECT reached_count FROM funnel_steps ORDER BY step_index")
        return [int(str(row[0])) for row in rows]


def start_crm(folder: Path, preset: str, config: str = "") -> Crm:
    """Make the database of a preset's fixture and its configuration, without a night."""
    fill_sqlite(folder / "crm.sqlite", preset)
    crm = Crm(Script(folder))
    crm.script.config.write_text(config or CONFIG.format(preset=preset), encoding="utf-8")
    return crm
