"""Every setting of a funnel on the command line, one person explained, and other systems' counts."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from shop_script import Script

STEPS = ("--steps", "Product,Cart,bought", "--window", "7d")


def ask(shop: Script, *arguments: object) -> pd.DataFrame:
    """The rows of a JSON answer."""
    return pd.DataFrame(json.loads(shop(*arguments, "--format", "json").succeeds())["frame"])


def test_settings_of_a_funnel_are_options(shop: Script) -> None:
    # a: view, cart, buy directly after each other; b: view and cart 45 minutes apart; c: a view.
    assert list(ask(shop, "funnel", *STEPS, "--order", "strict")["reached_count"]) == [3, 2, 1]
    assert list(ask(shop, "funnel", *STEPS, "--order", "any")["reached_count"]) == [3, 2, 1]
    assert list(ask(shop, "funnel", *STEPS, "--entry", "each")["reached_count"]) == [3, 2, 1]
    assert list(ask(shop, "funnel", *STEPS, "--exclude", "Cart:1:3")["reached_count"]) == [3, 2, 0]
    assert list(ask(shop, "funnel", *STEPS, "--preset", "clickhouse")["reached_count"]) == [3, 2, 1]
    split = ask(shop, "funnel", *STEPS, "--by", "url", "--by-at", 1)
    assert split.groupby("url")["reached_count"].first().to_dict() == {
        "https://shop.example/p/1": 2, "https://shop.example/p/2": 1}  # fmt: skip


def test_a_person_is_explained_by_the_named_funnel_or_by_steps(shop: Script) -> None:
    persons = shop_persons(shop)
    for given in (("--funnel", "shop"), STEPS):
        rows = ask(shop, "explain", "--person", persons[3], *given)
        assert list(rows["step_name"]) == ["Product", "Cart", "bought"]
        assert rows["is_chosen"].all()
    alone = ask(shop, "explain", "--person", persons[3], "--funnel", "shop", "--exclude", "Cart:1:3")
    assert (
        dict(zip(alone["step_name"], alone["reason"], strict=True))["bought"] == "'Cart' stands between steps 1 and 3"
    )


def shop_persons(shop: Script) -> dict[int, str]:
    """A person for each furthest step of the configured funnel."""
    import journeys as jn

    with jn.open(shop.folder / "journeys.toml") as log:
        persons = log.funnel("shop").persons
    return dict(zip(persons["furthest_step"], persons["person_id"], strict=True))


def test_other_systems_agree_on_a_log_without_hard_cases(shop: Script) -> None:
    assert ask(shop, "presets", "shop").empty
    late = ask(shop, "presets", "--steps", "Product,Cart", "--window", "30m")
    assert set(late["preset"]) == {"retentioneering", "ga4"}
    assert set(late["decided_by"]) == {"the window"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("funnel", "shop", "--order", "sorted"), ("[funnel-setting]", "'sorted'", "'strict'")),
        (("funnel", "shop", "--exclude", "Cart"), ("[exclude]", "'Cart'", "NAME:I:J")),
        (("funnel", "shop", "--exclude", "Cart:2:1"), ("[funnel-setting]", "1 <= i < j <= 3")),
        (("funnel", "shop", "--preset", "excel"), ("[preset]", "'excel'", "'posthog'")),
        (("funnel", "shop", "--by", "url", "--by-at", "9"), ("[funnel-setting]", "from 1 to 3")),
        (("explain", "--person", "nobody", "--funnel", "shop"), ("[explain]", "'nobody'")),
        (("explain", "--person", "nobody", "--funnel", "shp"), ("[unknown-funnel]", "shop")),
        (("presets", "shop", "--entry", "each"), ("[compare]", "'best'")),
    ],
)
def test_a_wrong_call_says_what_is_allowed(shop: Script, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    shop(*arguments).fails(2, *words)
