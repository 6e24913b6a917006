"""Small logs whose neighbourhoods of a touchpoint one can work out on paper."""

from __future__ import annotations

import pytest
from world import links, read_world

import journeys as jn

# as_of is 20/10:00; with 5 days, who was last seen by 15/10:00 is dropped.
SHOP = """
    ann 2/10:00 home
    ann 2/10:05 cart
    ann 2/10:10 home
    ann 2/10:20 cart
    ann 2/10:30 pay
    ann 3/10:00 help
    bob 2/10:00 mail
    bob 2/10:01 cart
    bob 2/10:02 cart
    bob 2/10:03 terms
    cid 19/10:00 cart
    cid 19/10:10 pay
    dan 20/10:00 home
"""


@pytest.fixture
def shop() -> jn.Journeys:
    return read_world(SHOP)


def test_forward_from_a_touchpoint(shop: jn.Journeys) -> None:
    answer = shop.explore(start="cart", goal="pay", inactive_days=5)
    # ann from her first cart: cart home cart pay. bob: his two carts are one. cid: cart pay.
    assert links(answer) == {
        (0, "cart", "home"): 1, (0, "cart", "terms"): 1, (0, "cart", "pay"): 1,
        (1, "home", "cart"): 1, (1, "terms", "(dropped)"): 1, (1, "pay", "(converted)"): 1,
        (2, "cart", "pay"): 1, (3, "pay", "(converted)"): 1,
    }  # fmt: skip
    assert answer.balance.values.tolist() == [
        [0, 3, 3, 0, 3, 0, 0, 0], [1, 3, 0, 3, 1, 1, 1, 0],
        [2, 1, 0, 1, 1, 0, 0, 0], [3, 1, 0, 1, 0, 1, 0, 0]]  # fmt: skip
    assert answer.definition["path_count"] == 3


def test_backward_to_a_touchpoint(shop: jn.Journeys) -> None:
    answer = shop.explore(end="pay")
    # ann: home cart home cart pay; cid: cart pay.
    assert links(answer) == {
        (-5, "(start)", "home"): 1, (-4, "home", "cart"): 1, (-3, "cart", "home"): 1, (-2, "home", "cart"): 1,
        (-2, "(start)", "cart"): 1, (-1, "cart", "pay"): 2, (0, "pay", "(end)"): 2,
    }  # fmt: skip
    short = links(shop.explore(end="pay", depth=1))
    assert short == {(-2, "(more)", "cart"): 1, (-2, "(start)", "cart"): 1, (-1, "cart", "pay"): 2,
                     (0, "pay", "(end)"): 2}  # fmt: skip


def test_both_sides_of_a_touchpoint_and_every_occurrence(shop: jn.Journeys) -> None:
    answer = shop.explore(via="cart", depth=1, occurrence="every", inactive_days=5)
    # Four carts: two of ann, one of bob, one of cid.
    assert links(answer) == {
        (-2, "(start)", "home"): 1, (-2, "(more)", "home"): 1, (-2, "(start)", "mail"): 1,
        (-1, "home", "cart"): 2, (-1, "mail", "cart"): 1, (-1, "(start)", "cart"): 1,
        (0, "cart", "home"): 1, (0, "cart", "pay"): 2, (0, "cart", "terms"): 1,
        (1, "home", "(more)"): 1, (1, "pay", "(more)"): 1, (1, "pay", "(open)"): 1, (1, "terms", "(dropped)"): 1,
    }  # fmt: skip
    assert (answer.definition["path_count"], answer.definition["unit_count"]) == (4, 3)
    assert "Every occurrence" in answer.definition["rule"]
    # Occurrences of one person are not independent.
    assert answer.frame["share_low"].isna().all()
    nodes = answer.tables["nodes"].set_index(["position", "step"])
    assert tuple(nodes.loc[(-1, "home"), ["count", "unit_count"]]) == (2, 1)


def test_several_anchors(shop: jn.Journeys) -> None:
    assert links(shop.explore(start="home", via=["cart"], end="pay")) == {
        (0, "home", "cart"): 1, (1, "cart", "home"): 1, (2, "home", "cart"): 1, (3, "cart", "pay"): 1,
        (4, "pay", "(end)"): 1,
    }  # fmt: skip
    # A list as an anchor is any of its names; in via each is a step of its own.
    assert shop.explore(start=["home", "mail"], via="cart").definition["path_count"] == 2
    assert shop.explore(start="home", via=["cart", "home", "cart"]).definition["path_count"] == 1
    assert shop.explore(start="home", via=["cart", ["terms", "home"]]).definition["path_count"] == 1
    assert shop.explore(end="pay", via=["home", "cart"]).definition["path_count"] == 1
    assert shop.explore(end="pay", via="cart").definition["path_count"] == 2
    # help comes after the goal only, and a path stops there.
    assert shop.explore(start="cart", via="help").definition["path_count"] == 1
    assert shop.explore(start="cart", via="help", goal="pay").definition["path_count"] == 0


def test_the_first_end_behind_the_rest_is_the_anchor() -> None:
    log = read_world("""
        ann 10:00 pay
        ann 10:01 mail
        ann 10:02 pay
    """)
    assert links(log.explore(end="pay", via="mail")) == {
        (-3, "(start)", "pay"): 1, (-2, "pay", "mail"): 1, (-1, "mail", "pay"): 1, (0, "pay", "(end)"): 1,
    }  # fmt: skip
    assert links(log.explore(end="pay")) == {(-1, "(start)", "pay"): 1, (0, "pay", "(end)"): 1}


def test_an_anchor_that_is_no_touchpoint_may_be_a_condition() -> None:
    log = read_world("""
        ann 10:00 view page=x
        ann 10:01 view page=y
        ann 10:02 buy page=z
        bob 10:00 view page=x
    """)
    answer = log.explore(start={"page": "y"})
    # Two views in a row are one step, which is the anchor since one of them is.
    assert links(answer) == {(0, "view", "buy"): 1, (1, "buy", "(open)"): 1}


def test_the_commonest_keep_their_name_and_counts_fall_by_name(shop: jn.Journeys) -> None:
    answer = shop.explore(start="cart", depth=1, top=1, inactive_days=5)
    assert links(answer) == {(0, "cart", "home"): 1, (0, "cart", "(other)"): 2, (1, "home", "(more)"): 1,
                             (1, "(other)", "(open)"): 1, (1, "(other)", "(dropped)"): 1}  # fmt: skip


def test_shares_have_wilson_intervals(shop: jn.Journeys) -> None:
    row = shop.explore(start="cart").frame.iloc[0]
    # 1 of 3, 95 %: .0615 to .7923.
    assert (row["share"], row["share_low"], row["share_high"]) == pytest.approx((1 / 3, 0.0615, 0.7923), abs=1e-4)


@pytest.mark.parametrize(
    "keywords",
    [{}, {"start": "basket"}, {"via": 3}, {"via": ["cart"] * 21}, {"start": "cart", "depth": 0},
     {"start": "cart", "depth": True}, {"start": "cart", "top": 0}, {"start": "cart", "occurrence": "last"},
     {"end": "pay", "goal": "pay"}, {"start": "cart", "unit": "team"}, {"start": []}, {"via": [[]]},
     {"start": "cart", "goal": "basket"}, {"start": "cart", "collapse": 2}],
)  # fmt: skip
def test_a_wrong_call_is_told(shop: jn.Journeys, keywords: dict[str, object]) -> None:
    with pytest.raises(jn.JourneysError):
        shop.explore(**keywords)


def test_nobody_is_no_error(shop: jn.Journeys) -> None:
    answer = shop.explore(start="help", via="home")
    assert answer.frame.empty
    assert answer.balance.empty
    assert [note.text for note in answer.figure().layout.annotations] == ["no data"]
