"""A refresh over a real PostgreSQL server that is away for a while, or dies in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mid_pull import pull_and
from postgres import Postgres, start_postgres

import journeys as jn
from journeys.config import load_settings
from journeys.sources import TransientSourceError
from journeys.warehouse import find_current, find_folder

CONFIG = """
[project]
name = "Shop"
[[source]]
name = "crm"
kind = "database"
url = "${CRM_URL}"
table = "deals"
cursor = "updated_at"
[source.columns]
event_id = "id"
occurred_at = "updated_at"
event = "stage"
user_id = "contact"
[[touchpoint]]
name = "Lead"
match = { event = "new" }
[[goal]]
name = "won"
match = { event = "won" }
"""
PATHS = os.pathsep.join([str(find_folder("pipelines").parent), *filter(None, sys.path)])


def add(first: int, last: int) -> str:
    """Deals of so many hours after the start of 2026; each tenth is won, each contact has four."""
    return (
        "INSERT INTO deals SELECT n::text, timestamptz '2026-01-01' + n * interval '1 h', "
        f"CASE mod(n, 10) WHEN 0 THEN 'won' ELSE 'new' END, 'c' || n / 4 FROM generate_series({first}, {last}) AS n"
    )


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    for own in start_postgres():
        own.run("CREATE TABLE deals (id text, updated_at timestamptz, stage text, contact text)", add(1, 200))
        monkeypatch.setenv("CRM_URL", own.url.render_as_string(hide_password=False))
        yield own


def write(folder: Path) -> Path:
    folder.mkdir()
    (folder / "journeys.toml").write_text(CONFIG)
    return folder / "journeys.toml"


def fingerprints(config: Path) -> dict[str, str]:
    snapshot = find_current(load_settings(config).warehouse.path)
    assert snapshot is not None
    return {name: listing.fingerprint for name, listing in snapshot.manifest.listings.items()}


@pytest.mark.prove
def test_after_a_night_in_which_the_server_died_the_next_is_as_if_it_had_not(
    server: Postgres, tmp_path: Path, refresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.sources.database.BATCH_ROWS", 50)  # so that not all is there when the server dies
    disturbed, spared = write(tmp_path / "disturbed"), write(tmp_path / "spared")
    refresh(disturbed)
    refresh(spared)
    first = fingerprints(disturbed)
    server.run(add(201, 2_000), "CHECKPOINT")
    for night in (lambda: pull_and(lambda: refresh(disturbed), server.kill), lambda: refresh(disturbed)):
        with pytest.raises(TransientSourceError, match="source 'crm': the database could not be reached"):
            night()
        assert fingerprints(disturbed) == first
    server.start()
    refresh(disturbed)
    refresh(spared)
    assert fingerprints(disturbed) == fingerprints(spared) != first
    with jn.open(disturbed) as shop:
        assert sorted(map(int, shop.table("events")["event_id"].str.extract(r"(\d+)$")[0])) == list(range(1, 2_001))


@pytest.mark.prove
def test_a_refresh_waits_for_a_server_that_comes_back(server: Postgres, tmp_path: Path) -> None:
    config = write(tmp_path / "shop")
    server.kill()
    command = [sys.executable, "-m", "journeys.cli", "refresh", "-c", str(config)]
    with subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": PATHS}, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        limit = threading.Timer(180, process.kill)
        limit.start()
        assert process.stderr is not None
        told = []
        for line in process.stderr:
            told.append(line)
            if "tried up to 3 times more" in line and "source 'crm': the database could not be reached" in line:
                server.start()
                break
        told += process.stderr.readlines()
        limit.cancel()
    assert process.returncode == 0, "".join(told)
    with jn.open(config) as shop:
        assert len(shop.table("events")) == 200
