"""The flow over a small sample company: what it publishes, and that nothing new changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import journeys as jn
from journeys.sample import CompanyParameters, write_company

PROMISED_TABLES = (
    "events", "rejected_events", "identifiers", "person_identifiers", "persons", "accounts", "person_accounts",
    "sessions", "session_events", "touchpoints", "journeys", "transitions", "funnel_steps", "touchpoint_stats",
    "key_figures", "data_quality", "gate_verdicts", "runs",
)  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, refresh: Callable[..., Any]) -> Path:
    folder = tmp_path_factory.mktemp("company")
    write_company(folder, CompanyParameters(person_count=300))
    refresh(folder / "journeys.toml")
    return folder


def test_a_second_refresh_with_nothing_new_changes_nothing(company: Path, refresh: Callable[..., Any]) -> None:
    def published() -> dict[str, str]:
        files = [company / "report.html", *(company / "warehouse" / "snapshots").rglob("*.*")]
        return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}

    before = published()
    assert refresh(company / "journeys.toml").is_new is False
    assert published() == before
    assert not (company / "warehouse" / "work").exists()


def test_every_promised_table_is_there(company: Path) -> None:
    with jn.open(company / "journeys.toml") as shop:
        for name in PROMISED_TABLES:
            assert len(shop.table(name)), name
