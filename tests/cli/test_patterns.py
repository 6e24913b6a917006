"""The commands about waits, walks, patterns and needless steps over one published shop."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from shop_script import Script


def frame_of(shop: Script, *arguments: object) -> pd.DataFrame:
    ended = shop(*arguments, "--format", "json")
    document = json.loads(ended.succeeds())
    assert ended.err == ""
    assert {"rule", "as_of", "parameters", "data_fingerprint"} <= set(document["definition"])
    return pd.DataFrame(document["frame"])


def test_waits_are_those_of_the_transitions(shop: Script) -> None:
    waits, moves = frame_of(shop, "waits"), frame_of(shop, "transitions")
    for column in ("from_step", "to_step", "transition_count", "person_count", "median_seconds"):
        assert waits[column].tolist() == moves[column].tolist()


def test_a_walk_stops_at_the_configured_goal(shop: Script) -> None:
    frame = frame_of(shop, "explore", "--start", "Cart")
    assert {(row.position, row.from_step, row.to_step): row.count for row in frame.itertuples(index=False)}[
        0, "Cart", "bought"
    ] == 1
    assert "(converted)" in set(frame["to_step"])
    back = frame_of(shop, "explore", "--end", "Cart", "--depth", "1")
    assert set(back["position"]) == {-2, -1, 0}
    both = frame_of(shop, "explore", "--via", "Product,Cart", "--occurrence", "every", "--top", "2")
    assert both.query("position == 0")["count"].sum() == 2
    either = frame_of(shop, "explore", "--start", "Home, Cart")
    assert set(either.query("position == 0")["from_step"]) <= {"Home", "Cart"}


def test_patterns_and_needless_steps_use_the_configured_goal(shop: Script) -> None:
    frame = frame_of(shop, "patterns", "--min-persons", "1", "--length", "2")
    assert "Product > Cart" in set(frame["pattern"])
    # Nobody of this shop repeats a step before buying.
    assert frame_of(shop, "needless", "--minimal-effect", "0.1").empty
    assert "'bought'" in shop("needless").succeeds()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explore",), ["[explore]", "needs an anchor"]),
        (("explore", "--start", "Basket"), ["[unknown-step]", "Basket"]),
        (("explore", "--start", "Cart", "--depth", "0"), ["[explore]", "depth"]),
        (("explore", "--end", "Cart", "--goal", "bought"), ["[explore]", "backward"]),
        (("patterns", "--length", "0"), ["[patterns]", "length"]),
        (("needless", "--minimal-effect", "2"), ["[minimal-effect]"]),
        (("waits", "--unit", "team"), ["[unit]"]),
    ],
)
def test_a_wrong_call_ends_with_two(shop: Script, arguments: tuple[str, ...], words: list[str]) -> None:
    shop(*arguments).fails(2, *words)
