"""A sample company whose rows arrive over many nights: late ones, repeats, and a CRM that fills up."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from journeys.config import load_settings
from journeys.sample import CompanyParameters, write_company
from journeys.warehouse import find_current

# Where and when a row was read, and the run's own name and times, are not part of what is known.
PLACES = {"file", "reading", "line", "loaded_at", "loaded_at_us", "snapshot_id"}
# They say what happened night by night.
HISTORIES = {"runs", "person_aliases", "gate_verdicts", "removed_rows"}


class DealtCompany:
    """A sample company, dealt to nights: `arrive(night)` puts there what has arrived until then.

    Args:
        folder: takes the company.
        persons: its size.
        night_count: nights over which its rows arrive; most come in the order of time, some early or late.
        seed: of the company and the dealing.
    """

    def __init__(self, folder: Path, *, persons: int, night_count: int, seed: int) -> None:
        self.folder, self.night_count = folder, night_count
        self.random = random.Random(seed)
        write_company(folder, CompanyParameters(person_count=persons, seed=seed))
        self.config = folder / "journeys.toml"
        self.web = folder / "data" / "web"
        lines = [
            line for path in sorted(self.web.glob("*.jsonl")) for line in path.read_bytes().splitlines(keepends=True)
        ]
        self.hands: list[list[bytes]] = [[] for _ in range(night_count)]
        for place, line in enumerate(lines):
            night = self.random.gauss(place / len(lines) * night_count, 1.3)
            self.hands[min(night_count - 1, max(0, int(night)))].append(line)
        self.crm = folder / "data" / "crm.sqlite"
        self.whole_crm = self.crm.read_bytes()
        shutil.rmtree(self.web)
        self.web.mkdir()

    def arrive(self, night: int, *, as_night: int | None = None) -> None:
        """Put the web lines of one night there, and of the CRM what it has by `as_night` (else the same night)."""
        lines = self.hands[night]
        self.random.shuffle(lines)
        (self.web / f"{self.random.randrange(10**6):06d}-{night}.jsonl").write_bytes(b"".join(lines))
        self.fill_crm(night if as_night is None else as_night)

    def fill_crm(self, night: int) -> None:
        """Leave of the CRM what it has by a night: rows come in the order of their last change, as a cursor expects."""
        self.crm.write_bytes(self.whole_crm)
        with closing(sqlite3.connect(self.crm)) as connection:
            for table in ("deal_stage_history", "activities"):
                moments = [row[0] for row in connection.execute(f"SELECT updated_at FROM {table} ORDER BY 1")]
                last = moments[(len(moments) - 1) * (night + 1) // self.night_count]
                connection.execute(f"DELETE FROM {table} WHERE updated_at > ?", (last,))
            connection.commit()

    def arrive_whole(self) -> None:
        """Put everything there at once."""
        for night in range(self.night_count):
            self.arrive(night, as_night=self.night_count - 1)


def read_fingerprints(config: Path) -> dict[str, str]:
    """The fingerprint of every kept table of the published snapshot."""
    snapshot = find_current(load_settings(config).warehouse.path)
    assert snapshot is not None
    return {name: listing.fingerprint for name, listing in snapshot.manifest.listings.items()}


def read_rows(config: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the published snapshot, sorted, without where and when it was read."""
    return dict(_read_tables(config))


def _read_tables(config: Path) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    snapshot = find_current(load_settings(config).warehouse.path)
    assert snapshot is not None
    with duckdb.connect(snapshot.results, read_only=True) as connection:
        names = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
        ).fetchall()
        for (name,) in names:
            if name in HISTORIES:
                continue
            columns = [row[0] for row in connection.execute(f'DESCRIBE "{name}"').fetchall() if row[0] not in PLACES]
            listed = ", ".join(f'"{column}"' for column in columns)
            yield name, sorted(connection.execute(f'SELECT {listed} FROM "{name}"').fetchall(), key=repr)


def check_equal(one: Path, other: Path) -> None:
    """Two published configurations have the same rows in every table, and the same fingerprints."""
    rows, expected = read_rows(one), read_rows(other)
    assert rows.keys() == expected.keys()
    differing = [name for name in rows if rows[name] != expected[name]]
    assert differing == [], {name: (rows[name][:3], expected[name][:3]) for name in differing}
    assert read_fingerprints(one) == read_fingerprints(other)
    assert len(rows["persons"]) > 10
