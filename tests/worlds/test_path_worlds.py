"""Small logs whose transitions, paths and touchpoints one can work out on paper."""

from __future__ import annotations

import math

import pytest
from world import links, read_world

import journeys as jn

# as_of is 20/10:00 (the last event); with 5 days, who was last seen by 15/10:00 is dropped.
SHOP = """
    ann 2/10:00 home
    ann 2/10:10 product
    ann 2/10:10 product
    ann 2/10:30 pay
    ann 3/10:00 help
    bob 2/10:00 home
    bob 15/10:00 product
    cid 2/10:00 product
    cid 15/10:01 home
    dan 20/10:00 pay
"""


def test_transitions_count_pairs_persons_shares_and_times() -> None:
    frame = read_world(SHOP).transitions().frame
    rows = {tuple(row[:2]): row[2:] for row in frame.itertuples(index=False, name=None)}
    day = 86_400.0
    assert rows == {
        # home > product: ann after 600 s, bob after 13 days; the median is their middle.
        ("home", "product"): (2, 2, 1.0, (600.0 + 13 * day) / 2),
        # out of product: product (ann), pay (ann), home (cid).
        ("product", "product"): (1, 1, pytest.approx(1 / 3), 0.0),
        ("product", "pay"): (1, 1, pytest.approx(1 / 3), 1200.0),
        ("product", "home"): (1, 1, pytest.approx(1 / 3), 13 * day + 60.0),
        ("pay", "help"): (1, 1, 1.0, 23.5 * 3600),
    }
    assert list(frame.columns) == ["from_step", "to_step", "transition_count", "person_count", "share",
                                   "median_seconds"]  # fmt: skip


def test_collapsed_repeats_are_gone_and_boundaries_come_on_request() -> None:
    log = read_world(SHOP)
    collapsed = log.transitions(collapse=True).frame
    assert ("product", "product") not in set(zip(collapsed["from_step"], collapsed["to_step"], strict=True))
    assert set(log.transitions().frame["from_step"]) == {"home", "product", "pay"}
    frame = log.transitions(boundaries=True).frame
    rows = {(row.from_step, row.to_step): row.transition_count for row in frame.itertuples()}
    # ann and bob start at home, cid at product, dan at pay.
    assert {key: n for key, n in rows.items() if "(" in key[0]} == {
        ("(start)", "home"): 2, ("(start)", "product"): 1, ("(start)", "pay"): 1}  # fmt: skip
    assert {key: n for key, n in rows.items() if "(" in key[1]} == {
        ("help", "(end)"): 1, ("product", "(end)"): 1, ("home", "(end)"): 1, ("pay", "(end)"): 1}  # fmt: skip


def test_paths_balance_and_stop_at_the_first_goal() -> None:
    answer = read_world(SHOP).paths(goal="pay", inactive_days=5)
    # ann: home product pay (help comes after the goal). bob: dropped, 15/10:00 + 5 d = as_of. cid: open by a minute.
    assert links(answer) == {
        (1, "home", "product"): 2,
        (1, "product", "home"): 1,
        (1, "pay", "(converted)"): 1,
        (2, "product", "pay"): 1,
        (2, "product", "(dropped)"): 1,
        (2, "home", "(open)"): 1,
        (3, "pay", "(converted)"): 1,
    }
    assert answer.balance.values.tolist() == [[1, 4, 3, 1, 0, 0], [2, 3, 1, 0, 1, 1], [3, 1, 0, 1, 0, 0]]
    assert list(answer.balance.columns) == ["step_index", "entrant_count", "continued_count", "converted_count",
                                            "dropped_count", "open_count"]  # fmt: skip
    shares = dict(zip(links(answer), answer.frame["share"], strict=True))
    assert shares[1, "home", "product"] == 0.5
    assert shares[3, "pay", "(converted)"] == 0.25


def test_depth_ends_in_more_and_top_in_other() -> None:
    log = read_world("""
        ann 10:00 A
        ann 10:01 B
        ann 10:02 C
        bob 10:00 A
        bob 10:01 C
        cid 10:00 A
        cid 10:01 D
        dan 10:00 B
    """)
    # Position 2 has B, C, D once each: equal counts by name keep B.
    answer = log.paths(depth=2, top=1)
    assert links(answer) == {
        (1, "A", "B"): 1,
        (1, "A", "(other)"): 2,
        (1, "(other)", "(open)"): 1,
        (2, "B", "(more)"): 1,
        (2, "(other)", "(open)"): 2,
    }
    # Who goes on past the depth is continued.
    assert answer.balance.values.tolist() == [[1, 4, 3, 0, 0, 1], [2, 3, 1, 0, 0, 2]]


def test_start_and_end_cut_paths_and_leave_others_out() -> None:
    answer = read_world(SHOP).paths(start="product", end="pay", inactive_days=5)
    # Only ann goes from product to pay; her two products in a row are one step; pay is no goal here.
    assert links(answer) == {(1, "product", "pay"): 1, (2, "pay", "(end)"): 1}
    assert answer.balance.values.tolist() == [[1, 1, 1, 0, 0, 0], [2, 1, 1, 0, 0, 0]]
    # As a goal the same step converts.
    answer = read_world(SHOP).paths(start="product", goal="pay", end="pay", inactive_days=5)
    assert links(answer) == {(1, "product", "pay"): 1, (2, "pay", "(converted)"): 1}


def test_an_end_is_the_next_such_step_after_the_start() -> None:
    log = read_world("""
        ann 10:00 A
        ann 10:01 B
        ann 10:02 A
        ann 10:03 C
        bob 10:00 A
        bob 10:01 B
    """)
    # bob comes to no second A and is left out.
    assert links(log.paths(start="A", end="A")) == {(1, "A", "B"): 1, (2, "B", "A"): 1, (3, "A", "(end)"): 1}
    # Without a start the first event may be the end.
    assert links(log.paths(end="A")) == {(1, "A", "(end)"): 2}


def test_a_goal_met_twice_is_one_conversion_and_what_follows_it_does_not_count() -> None:
    log = read_world("""
        ann 10:00 home
        ann 10:10 pay
        ann 10:20 help
        ann 10:30 pay
        bob 10:00 home
    """)
    assert log.paths(goal="pay").balance["converted_count"].sum() == 1
    assert log.funnel(["pay"]).frame["reached_count"][0] == 1
    frame = log.touchpoints("pay").frame
    # help comes after the goal only: no contact before it, so no row; neither is the goal.
    assert list(frame["touchpoint"]) == ["home"]
    assert frame["person_count"][0] == 2


def test_touchpoints_of_the_shop() -> None:
    frame = read_world(SHOP).touchpoints("pay", inactive_days=5).frame.set_index("touchpoint")
    assert set(frame.index) == {"home", "product"}
    # Contacts before the first pay. ann: home product product; bob: home product; cid: product home; dan: none.
    product = frame.loc["product"]
    assert (product["person_count"], product["reach_share"]) == (3, 0.75)
    # Last contact: product for ann (converted) and bob (dropped); home for cid (open).
    assert (product["exit_count"], product["dropped_count"], product["open_count"]) == (2, 1, 0)
    home = frame.loc["home"]
    assert (home["exit_count"], home["dropped_count"], home["open_count"]) == (1, 0, 1)
    # ann of three; all converted: ann and dan of four; without product only dan, 1 of 1: lift (1/3) / 1.
    assert (product["converted_count"], product["conversion_share"]) == (1, pytest.approx(1 / 3))
    assert (product["baseline_share"], product["lift"]) == (0.5, pytest.approx(1 / 3))


def test_lift_is_missing_when_nobody_is_without_the_touchpoint() -> None:
    log = read_world("""
        ann 10:00 home
        ann 10:10 pay
        bob 10:00 home
    """)
    assert math.isnan(log.touchpoints("pay").frame["lift"][0])


def test_sessions_as_the_unit_of_paths() -> None:
    # ann: two sessions; the first ended more than 30 minutes before as_of (12:00): dropped; the second is open.
    log = read_world("""
        ann 10:00 A
        ann 10:10 B
        ann 12:00 A
    """)
    answer = log.paths(unit="session")
    assert links(answer) == {(1, "A", "B"): 1, (1, "A", "(open)"): 1, (2, "B", "(dropped)"): 1}
    frame = log.transitions(unit="session").frame
    assert list(frame.itertuples(index=False, name=None)) == [("A", "B", 1, 1, 1.0, 600.0)]


RESERVED = ("(start)", "(end)", "(converted)", "(dropped)", "(open)", "(other)", "(more)")


@pytest.mark.parametrize("name", RESERVED)
def test_an_event_named_like_an_end_is_not_counted_as_that_end(name: str) -> None:
    """Whether such names are refused, renamed or kept apart: a link's count is of one kind only."""
    text = f"""
        ann 2/10:00 A
        ann 2/10:05 {name}
        bob 2/10:00 A
        cid 2/10:00 A
        cid 2/10:05 G
        dan 30/10:00 B
    """
    try:
        log = read_world(text)
        answer = log.paths(goal="G", inactive_days=5)
        transitions = log.transitions(boundaries=True).frame
    except jn.JourneysError:
        return
    for balance in answer.balance.itertuples():
        for end in ("converted", "dropped", "open"):
            found = [n for (step, _, to), n in links(answer).items() if (step, to) == (balance.step_index, f"({end})")]
            assert sum(found) == getattr(balance, f"{end}_count")
    # Nothing was cut, so nobody went on unseen.
    assert not {to for _, _, to in links(answer)} & {"(end)", "(other)", "(more)"}
    starts = transitions[transitions["from_step"] == "(start)"]
    assert starts["transition_count"].sum() == 4
    assert transitions[transitions["to_step"] == "(end)"]["transition_count"].sum() == 4
