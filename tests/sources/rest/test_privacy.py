"""Records of an API are protected before they are kept, inner values too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rest_api import Api, orders

from journeys.config import load_settings
from journeys.privacy import pull_protected

CONFIG = """
[project]
name = "Shop"
[[source]]
name = "orders"
kind = "rest"
url = "${SHOP_API}"
columns = { event_id = "id", occurred_at = "at", event = "what", user_id = "buyer.id" }
identifiers = { email = "buyer.email" }
[privacy]
personal = ["user_id", "email"]
scrub = true
[[goal]]
name = "ordered"
match = { event = "ordered" }
"""


def test_inner_values_become_tokens(
    api: Api, nights: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_API", api.url)
    monkeypatch.setenv("JOURNEYS_PRIVACY_KEY", "k" * 40)
    buyer = {"id": "anna-17", "email": "anna@acme.example"}
    api.answer = lambda _: [order | {"buyer": buyer, "note": "ask anna@acme.example"} for order in orders(1, 2)]
    (tmp_path / "journeys.toml").write_text(CONFIG)
    settings = load_settings(tmp_path / "journeys.toml")
    pull_protected(settings.sources[0], settings, folder=tmp_path / "landed", loaded_at_us=1_780_000_000_000_000)
    landed = tmp_path / "landed" / "orders.parquet"
    rows = duckdb.sql(f"SELECT user_id, properties FROM '{landed}'").fetchall()
    assert len(rows) == 2
    for user_id, properties in rows:
        assert user_id.startswith("p-")
        assert json.loads(properties)["buyer"]["id"] == user_id
        assert "anna" not in properties
    assert [path.name for path in landed.parent.iterdir()] == ["orders.parquet"]
