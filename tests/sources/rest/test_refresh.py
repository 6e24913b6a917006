"""Refreshes over an API: events and an address book, night after night, with a server or a run that dies between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_api import Api, Asked, Reply, orders

import journeys as jn
from journeys.config import load_settings
from journeys.sources import TransientSourceError
from journeys.warehouse import find_current

CONFIG = """
[project]
name = "Shop"
[[source]]
name = "orders"
kind = "rest"
url = "${SHOP_API}"
cursor = "at"
[source.columns]
event_id = "id"
occurred_at = "at"
event = "what"
user_id = "buyer.id"
[source.request]
path = "orders"
records = "r"
cursor_param = "since"
retries = 0
[source.auth]
kind = "query"
name = "key"
token = "${SHOP_KEY}"
[source.paging]
kind = "next_link"
next = "next"
[[source]]
name = "contacts"
kind = "rest"
holds = "contacts"
url = "${SHOP_API}"
[source.columns]
occurred_at = "at"
user_id = "id"
[source.identifiers]
email = "mail.address"
[source.request]
path = "contacts"
[[touchpoint]]
name = "Browsed"
match = { event = "browsed" }
[[goal]]
name = "ordered"
match = { event = "ordered" }
"""
SECRET = "s3cr3t-Hush-77"
SIZE = 40
BOOK = [{"id": f"b{number}", "mail": {"address": f"B{number}@acme.example"}, "at": "2026-01-01"} for number in range(3)]
RUN = "import sys; sys.path.insert(0, sys.argv[1]); import pipelines_direct as p; p.refresh_plainly(sys.argv[2])"


class Shop:
    """Orders in pages of 40, and the address book of their three buyers."""

    def __init__(self, api: Api) -> None:
        self.records = orders(1, 100)
        self.hang = threading.Event()
        self.is_hung = threading.Event()
        self.status = 200
        api.answer = self.answer

    def answer(self, asked: Asked) -> Any:
        if asked.path == "/contacts":
            return BOOK
        start = int(asked.query.get("skip", 0))
        if start and self.status != 200:
            return Reply("", self.status)
        if start and self.hang.is_set():
            self.is_hung.set()
            return Reply("", seconds=30)
        kept = [each for each in self.records if each["at"] >= asked.query.get("since", "")]
        since = f"&since={asked.query['since']}" if "since" in asked.query else ""
        following = f"/orders?skip={start + SIZE}{since}" if start + SIZE < len(kept) else None
        return {"r": kept[start : start + SIZE], "next": following}


@pytest.fixture
def shop(api: Api, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("SHOP_API", api.url)
    monkeypatch.setenv("SHOP_KEY", SECRET)
    return Shop(api)


def write(folder: Path) -> Path:
    folder.mkdir()
    (folder / "journeys.toml").write_text(CONFIG)
    return folder / "journeys.toml"


def fingerprints(config: Path) -> dict[str, str]:
    snapshot = find_current(load_settings(config).warehouse.path)
    assert snapshot is not None
    return {name: listing.fingerprint for name, listing in snapshot.manifest.listings.items()}


def test_a_night_reads_what_is_new_and_counts_it_once(
    api: Api, shop: Shop, tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    config = write(tmp_path / "shop")
    refresh(config)
    assert [asked.query.get("skip") for asked in api.asked if asked.path == "/orders"] == [None, "40", "80"]
    shop.records += orders(101, 130)
    api.asked.clear()
    refresh(config)
    # The last was of 01:40, an hour before is 00:40: 91 orders, 61 of them known.
    assert {asked.query.get("since") for asked in api.asked if asked.path == "/orders"} == {"2026-01-01T00:40:00Z"}
    with jn.open(config) as log:
        events = log.table("events")
        assert sorted(int(each.partition("o")[2]) for each in events["event_id"].str.replace("orders:", "")) == [
            *range(1, 131)
        ]
        assert len(log.table("rejected_events")) == 0
        known = log.table("person_identifiers")
        assert sorted(known[known["identifier_kind"] == "email"]["identifier_value"]) == [
            f"b{number}@acme.example" for number in range(3)
        ]
        assert known["person_id"].nunique() == 3
    # Another mapping holds for the stored rows, too, of which nothing is read again.
    config.write_text(CONFIG.replace('event = "what"', 'event = { sql = "what || \' by \' || \\"buyer.id\\"" }'))
    refresh(config)
    with jn.open(config) as log:
        assert sorted(log.table("events")["event"].unique()) == ["ordered by b0", "ordered by b1", "ordered by b2"]
        assert len(log.table("events")) == 130
    secret = SECRET.encode()
    assert not [path for path in config.parent.rglob("*") if path.is_file() and secret in path.read_bytes()]


@pytest.mark.prove
def test_a_server_that_breaks_in_the_middle_leaves_the_night_before(
    shop: Shop, tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    disturbed, spared = write(tmp_path / "disturbed"), write(tmp_path / "spared")
    refresh(disturbed)
    refresh(spared)
    first = fingerprints(disturbed)
    shop.records += orders(101, 300)
    shop.status = 503
    with pytest.raises(TransientSourceError, match="source 'orders': page 2 of orders: the API is busy or broken"):
        refresh(disturbed)
    assert fingerprints(disturbed) == first
    shop.status = 200
    refresh(disturbed)
    refresh(spared)
    assert fingerprints(disturbed) == fingerprints(spared) != first


@pytest.mark.prove
def test_a_run_that_is_killed_in_the_middle_leaves_the_night_before(
    shop: Shop, tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    config = write(tmp_path / "shop")
    refresh(config)
    first = fingerprints(config)
    shop.records += orders(101, 300)
    shop.hang.set()
    command = [sys.executable, "-c", RUN, str(Path(__file__).parents[2]), str(config)]
    paths = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": paths}) as process:
        assert shop.is_hung.wait(60)
        process.send_signal(signal.SIGKILL)
    assert fingerprints(config) == first
    shop.hang.clear()
    refresh(config)
    with jn.open(config) as log:
        assert len(log.table("events")) == 300
