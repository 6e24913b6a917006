"""`journeys effects` over a published shop."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from shop_script import Script


def test_the_table_names_every_touchpoint_and_why_it_was_not_judged(shop: Script) -> None:
    document = json.loads(shop("effects", "--format", "json").succeeds())
    rows = {row["touchpoint"]: row for row in document["frame"]}
    # a met all three and bought; b looked and had a cart; c only looked; d and e only landed.
    assert {name: (row["person_count"], row["converted_count"]) for name, row in rows.items()} == {
        "Home": (3, 1), "Product": (3, 1), "Cart": (2, 1)}  # fmt: skip
    assert {row["verdict"] for row in rows.values()} == {"on the way"}
    assert all(row["is_too_few"] and row["odds_ratio"] is None for row in rows.values())
    assert document["definition"]["label"] == "adjusted"


def test_a_few_touchpoints_can_be_asked_about(shop: Script, tmp_path: Path) -> None:
    target = tmp_path / "effects.parquet"
    shop("effects", "--among", "Cart", "--among", "Home", "--goal", "bought", "-o", target).succeeds()
    assert sorted(pd.read_parquet(target)["touchpoint"]) == ["Cart", "Home"]


def test_wrong_names_are_refused(shop: Script) -> None:
    shop("effects", "--among", "Crat").fails(2, "Crat", "Cart")
    shop("effects", "--adjust-for", "colour").fails(2, "adjust-for", "colour")
    shop("effects", "--unit", "planet").fails(2, "planet", "person")
