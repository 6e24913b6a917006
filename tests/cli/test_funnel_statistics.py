"""Times, trends, groups, separators and changes of a funnel over a published shop."""

from __future__ import annotations

import json
from typing import Any

import pytest
from shop_script import Script


def ask(shop: Script, *arguments: str) -> list[dict[str, Any]]:
    document = json.loads(shop(*arguments, "--format", "json").succeeds())
    assert document["definition"]["rule"]
    return document["frame"]


def test_times_of_the_configured_funnel(shop: Script) -> None:
    # a had a cart after 5 and bought after 10 minutes, b had a cart after 45; c only looked.
    cart, bought = ask(shop, "funnel-times", "shop")
    assert (cart["entrant_count"], cart["reached_count"], bought["reached_count"]) == (3, 2, 1)
    assert [cart[name] for name in ("p25_seconds", "median_seconds", "p75_seconds")] == [300, 2700, None]
    assert [bought["overall_share"], bought["survival_share"]] == pytest.approx([1 / 3, 1 / 3])
    assert bought["p75_seconds"] is None
    ended = ask(shop, "funnel-times", "shop", "--competing", "(dropped)", "--competing", "Home")
    assert [row["ended_count"] for row in ended] == [0, 0]


def test_a_trend_and_its_dates(shop: Script) -> None:
    rows = ask(shop, "funnel-trend", "--every", "day", "--steps", "Product,bought", "--window", "7d")
    assert [(row["entry_date"][:10], row["entrant_count"], row["converted_count"]) for row in rows] == [
        ("2026-03-01", 2, 1), ("2026-03-02", 1, 0)]  # fmt: skip


def test_groups_and_periods(shop: Script) -> None:
    rows = ask(shop, "compare-groups", "shop", "--by", "page")
    assert sum(row["mature_count"] for row in rows) == 3
    assert all(row["is_too_few"] and row["q_value"] is None for row in rows)
    periods = ("--before", "2026-03-01..2026-03-02", "--after", "2026-03-02..2026-03-03")
    assert [(row["period"], row["mature_count"]) for row in ask(shop, "compare-groups", "shop", *periods)] == [
        ("2026-03-01..2026-03-02", 2), ("2026-03-02..2026-03-03", 1)]  # fmt: skip
    parts = ask(shop, "funnel-change", "shop", *periods)
    assert sum(row["contribution"] for row in parts) == pytest.approx(-0.5)


def test_separators_name_what_was_met(shop: Script) -> None:
    rows = ask(shop, "separators", "shop", "--column", "page")
    kinds = {(row["kind"], row["name"], row["value"]): row["entrant_count"] for row in rows}
    assert kinds["touchpoint before entry", "Home", ""] == 1
    assert kinds["column", "page", "https://shop.example/p/1"] == 2


def test_wrong_calls_are_refused(shop: Script) -> None:
    shop("funnel-trend", "shop", "--every", "year").fails(2, "year", "month")
    shop("compare-groups", "shop").fails(2, "by=")
    shop("funnel-change", "shop").fails(2, "before=", "period")
    shop("funnel-times", "shop", "--steps", "Home,Cart").fails(2, "not both")
    shop("separators", "shop", "--column", "colour").fails(2, "colour")
    shop("funnel-times", "shop", "--competing", "Crat").fails(2, "Crat", "Cart")
