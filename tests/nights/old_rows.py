"""A small shop some of whose rows become too old to be kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dealt_company import read_fingerprints, read_rows
from pipelines import nightly as nightly_module

from journeys.sources import open_store

HEAD = """
[project]
name = "Old rows"
timezone = "Europe/Riga"
[warehouse]
keep_snapshots = 1
[[source]]
name = "web"
kind = "file"
path = "web-*.csv"
interaction = true
[source.columns]
event_id = "id"
occurred_at = "at"
device_id = "device"
user_id = "who"
event = "what"
[[touchpoint]]
name = "Page"
match = { event = "page" }
[[goal]]
name = "sale"
match = { event = "sale" }
[journey]
inactive_days = 5
[retention]
"""
BOOK = """
[[source]]
name = "book"
kind = "file"
path = "book-*.csv"
holds = "contacts"
[source.columns]
occurred_at = "at"
user_id = "who"
[source.identifiers]
email = "mail"
"""
COLUMNS = "id,at,device,who,what\n"


class World:
    """A small shop whose files are written night by night."""

    def __init__(self, folder: Path, refresh: Callable[..., Any], limits: str, *, more: str = "") -> None:
        self.folder, self._refresh, self.config = folder, refresh, folder / "journeys.toml"
        self.config.write_text(HEAD + limits + more, encoding="utf-8")

    def night(self, name: str = "", *lines: str, columns: str = COLUMNS, **options: Any) -> Any:
        """Write a file with these lines, and refresh."""
        if name:
            (self.folder / f"{name}.csv").write_text(columns + "".join(f"{line}\n" for line in lines), encoding="utf-8")
        return self._refresh(self.config, **options)

    def ask(self, select: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.folder / "warehouse" / "current" / "results.duckdb", read_only=True) as connection:
            return connection.execute(select).fetchall()

    def check_rebuild(self) -> None:
        """What was kept night by night is what a rebuild gives."""
        rows, fingerprints = read_rows(self.config), read_fingerprints(self.config)
        self.night(full=True)
        assert read_rows(self.config) == rows
        assert read_fingerprints(self.config) == fingerprints

    def stored(self, select: str) -> list[tuple[Any, ...]]:
        files = [str(path) for path in open_store(self.folder / "warehouse").list_files()]
        return duckdb.sql(select.replace("STORE", f"read_parquet({files})")).fetchall()


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let the next run begin at this moment."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return moment.astimezone(tz)

    monkeypatch.setattr(nightly_module, "datetime", Clock)
