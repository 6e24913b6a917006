"""Every setting of a funnel on the command line, one person explained, and other systems' counts."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from shop_script import RULES, Script

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
    opened = ask(shop, "funnel", *STEPS, "--entry", "open")
    assert opened[["reached_count", "entered_count", "continued_count"]].values.tolist() == [
        [3, 3, 2], [2, 0, 1], [1, 0, 0]]  # fmt: skip
    assert list(ask(shop, "funnel", *STEPS, "--entry", "open", "--preset", "ga4")["reached_count"]) == [3, 2, 1]
    split = ask(shop, "funnel", *STEPS, "--by", "url", "--by-at", 1)
    assert split.groupby("url")["reached_count"].first().to_dict() == {
        "https://shop.example/p/1": 2, "https://shop.example/p/2": 1}  # fmt: skip


def test_a_night_keeps_and_shows_open_funnels_beside_closed_ones(script: Script) -> None:
    opened = '[[funnel]]\nname = "anywhere"\nsteps = ["Home", "Product", "Cart"]\nwindow = "30m"\nentry = "open"\n'
    script.write(rules=RULES + opened)
    script("refresh").succeeds()
    kept = script.rows(
        "SELECT funnel, reached_count, entered_count, continued_count, mature_entrant_count FROM funnel_steps "
        "ORDER BY funnel, step_index"
    )
    # Home: a, d, e; only a looks at a product in time. Product: a, b, c; b's cart comes 45 minutes later. Cart: a, b.
    assert kept == [("anywhere", 3, 3, 1, 4), ("anywhere", 3, 2, 1, 4), ("anywhere", 2, 1, 0, 4),
                    *(("shop", reached, None, None, None) for reached in (3, 2, 1))]  # fmt: skip
    verdicts = script.rows("SELECT subject, status FROM gate_verdicts WHERE subject LIKE 'steps of funnel%'")
    assert sorted(verdicts) == [("steps of funnel anywhere", "passed"), ("steps of funnel shop", "passed")]
    for name in ("anywhere", "shop"):
        rows = ask(script, "funnel", name)
        assert ("entered_count" in rows) == (name == "anywhere")
        assert "Cart" in script("funnel", name).succeeds()
    page = script.folder / "page.html"
    script("report", "-o", page).succeeds()
    assert page.read_text(encoding="utf-8").count(">Entered here</th>") == 1


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
        (("presets", "shop", "--entry", "open"), ("[open-entry]", "its two steps")),
        (("funnel-times", "shop", "--entry", "open"), ("[open-entry]", "its two steps")),
        (("explain", "--person", "nobody", "--funnel", "shop", "--entry", "open"), ("[open-entry]", "its two steps")),
        (("funnel", "shop", "--entry", "open", "--order", "any"), ("[funnel-setting]", "needs an order")),
        (("funnel", "shop", "--entry", "open", "--exclude", "Cart:1:3"), ("[funnel-setting]", "neighbouring")),
    ],
)
def test_a_wrong_call_says_what_is_allowed(shop: Script, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    shop(*arguments).fails(2, *words)
