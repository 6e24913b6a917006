"""One company of 2,000 persons, written once for all tests that only read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from journeys.sample import CompanyParameters, CompanySummary, write_company


@dataclass(frozen=True)
class Company:
    folder: Path
    parameters: CompanyParameters
    summary: CompanySummary

    def truth(self, name: str) -> Any:
        return json.loads((self.folder / "truth" / f"{name}.json").read_text("utf-8"))

    def table(self, name: str) -> list[dict[str, Any]]:
        return pq.read_table(self.folder / "truth" / f"{name}.parquet").to_pylist()

    def web_files(self) -> list[Path]:
        return sorted((self.folder / "data" / "web").glob("*.jsonl"))

    def lines(self) -> Iterator[tuple[str, bytes]]:
        for path in self.web_files():
            for line in path.read_bytes().split(b"\n")[:-1]:
                yield path.name, line

    def events(self) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
        """Readable events: (file, line, object); broken lines are passed over."""
        for name, line in self.lines():
            try:
                value = json.loads(line.decode("utf-8"))
            except ValueError:
                continue
            if isinstance(value, dict) and "occurred_at" in value:
                yield name, line, value


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("company")
    parameters = CompanyParameters(person_count=2_000)
    return Company(folder, parameters, write_company(folder, parameters))
