"""Each setting of a funnel in a log small enough for paper."""

from __future__ import annotations

import pytest
from world import counts, levels, read_world

import journeys as jn
from journeys.errors import CallError


def test_strict_takes_only_what_follows_directly() -> None:
    # ann looks at help between; bob starts anew after a false start; cid's tied events fit in one of their orders.
    log = read_world("""
        ann 10:00 A
        ann 10:01 help
        ann 10:02 B
        bob 10:00 A
        bob 10:01 A
        bob 10:02 B
        cid 10:00 help
        cid 10:00 A
        cid 10:01 B
    """)
    assert levels(log.funnel(["A", "B"], order="strict")) == {"ann": 1, "bob": 2, "cid": 2}
    assert levels(log.funnel(["A", "B"])) == {"ann": 2, "bob": 2, "cid": 2}


def test_any_counts_different_steps_in_one_window_whatever_their_order() -> None:
    log = read_world("""
        ann 10:00 C
        ann 10:10 A
        ann 10:20 B
        bob 10:00 A
        bob 10:40 B
        bob 11:30 C
        cid 10:00 A
        cid 10:01 A
    """)
    answer = log.funnel(["A", "B", "C"], "60m", order="any")
    # bob: A and B lie within the hour, and B and C do; all three do not.
    assert levels(answer) == {"ann": 3, "bob": 2, "cid": 1}
    assert list(answer.frame["step_name"]) == ["any 1 of 3", "any 2 of 3", "any 3 of 3"]
    assert counts(answer, "reached_count") == [(3,), (2,), (1,)]


def test_each_attempt_runs_to_its_completion_or_the_end_of_its_window() -> None:
    # 10:00 completes at 10:20, the second view inside it opens nothing; 10:30 is over at 11:30; 12:00 is still open.
    log = read_world("""
        ann 10:00 view
        ann 10:10 view
        ann 10:20 buy
        ann 10:30 view
        ann 12:00 view
    """)
    answer = log.funnel(["view", "buy"], "60m", entry="each", as_of="2026-03-02 12:10")
    assert list(answer.persons.columns) == ["person_id", "furthest_step", "status", "entered_at", "attempt_index"]
    rows = [(row.attempt_index, f"{row.entered_at:%H:%M}", row.status) for row in answer.persons.itertuples()]
    assert rows == [(1, "10:00", "converted"), (2, "10:30", "dropped"), (3, "12:00", "open")]
    assert counts(answer) == [(3, 1, 1), (1, 0, 0)]
    assert counts(answer, "mature_count") == [(2,), (1,)]


def test_within_is_the_longest_time_since_the_step_before() -> None:
    # ann: 30 minutes to the cart, exactly as long as may be; bob takes a minute more.
    log = read_world("""
        ann 10:00 view
        ann 10:30 cart
        bob 10:00 view
        bob 10:31 cart
    """)
    assert levels(log.funnel(["view", jn.step("cart", within="30m")])) == {"ann": 2, "bob": 1}


def test_a_later_cart_may_be_near_enough_to_the_payment() -> None:
    # From the first cart the payment is too late; from the second it is in time, and its view is still in the window.
    log = read_world("""
        ann 10:00 view
        ann 10:05 cart
        ann 10:50 cart
        ann 10:55 pay
    """)
    steps = ["view", "cart", jn.step("pay", within="10m")]
    assert levels(log.funnel(steps, "60m")) == {"ann": 3}
    assert counts(log.funnel(steps, "60m"), "median_seconds_from_first") == [(0.0,), (3000.0,), (3300.0,)]


def test_an_optional_step_stands_apart_and_nobody_stops_there() -> None:
    log = read_world("""
        ann 10:00 view
        ann 10:05 coupon
        ann 10:10 buy
        bob 10:00 view
        bob 10:10 buy
        cid 10:00 view
        cid 10:05 coupon
    """)
    answer = log.funnel(["view", jn.step("coupon", optional=True), "buy"])
    # Over the required steps: 3 = 2 + 1 dropped. Of all three two used a coupon, and one of those bought.
    assert counts(answer) == [(3, 1, 0), (2, 0, 0), (2, 0, 0)]
    assert levels(answer) == {"ann": 3, "bob": 3, "cid": 1}
    assert [round(share, 4) for share in answer.frame["step_share"]] == [1.0, 0.6667, 0.6667]


def test_an_excluded_event_between_two_steps_spoils_that_chain_alone() -> None:
    # ann logs out between; bob too, but comes in again; cid before and after; dan at the very time of the cart.
    log = read_world("""
        ann 10:00 view
        ann 10:01 logout
        ann 10:02 cart
        bob 10:00 view
        bob 10:01 logout
        bob 10:02 view
        bob 10:03 cart
        cid 09:59 logout
        cid 10:00 view
        cid 10:01 cart
        cid 10:02 logout
        dan 10:00 view
        dan 10:01 cart
        dan 10:01 logout
    """)
    answer = log.funnel(["view", "cart"], exclude=[("logout", 1, 2)])
    assert levels(answer) == {"ann": 1, "bob": 2, "cid": 2, "dan": 2}
    # PostHog takes whoever's chosen chain is spoilt out of the whole funnel.
    posthog = log.funnel(["view", "cart"], exclude=[("logout", 1, 2)], preset="posthog")
    assert levels(posthog) == {"bob": 2, "cid": 2, "dan": 2}


def test_a_held_value_is_the_same_at_every_step_and_events_without_one_are_passed_over() -> None:
    log = read_world("""
        ann 10:00 open order=o1
        ann 10:01 open order=o2
        ann 10:02 pay order=o2
        bob 10:00 open order=o3
        bob 10:01 pay order=o4
        cid 10:00 open order=o5
        cid 10:01 pay
    """)
    assert levels(log.funnel(["open", "pay"], hold="order")) == {"ann": 2, "bob": 1, "cid": 1}
    assert levels(log.funnel(["open", "pay"])) == {"ann": 2, "bob": 2, "cid": 2}


def test_a_split_takes_the_value_at_the_chosen_step_and_its_parts_are_the_whole() -> None:
    log = read_world("""
        ann 10:00 view device=phone
        ann 10:01 buy device=desktop
        bob 10:00 view device=desktop
        cid 10:00 view
    """)
    first = log.funnel(["view", "buy"], by="device")
    assert list(first.frame.columns[:2]) == ["device", "step_index"]
    assert counts(first, "device", "reached_count") == [
        ("(none)", 1), ("(none)", 0), ("desktop", 1), ("desktop", 0), ("phone", 1), ("phone", 1)]  # fmt: skip
    last = log.funnel(["view", "buy"], by="device", by_at="last")
    assert counts(last, "device", "reached_count") == [("(none)", 1), ("(none)", 0), ("desktop", 2), ("desktop", 1)]
    second = log.funnel(["view", "buy"], by="device", by_at=2)
    assert counts(second, "device", "reached_count") == [("(none)", 2), ("(none)", 0), ("desktop", 1), ("desktop", 1)]


def test_one_event_may_serve_several_steps_only_as_in_clickhouse() -> None:
    log = read_world("""
        ann 10:00 A
        bob 10:00 A
        bob 10:01 A
    """)
    assert levels(log.funnel(["A", "A"])) == {"ann": 1, "bob": 2}
    assert levels(log.funnel(["A", "A"], preset="clickhouse")) == {"ann": 2, "bob": 2}


def test_a_setting_beside_a_preset_wins() -> None:
    log = read_world("""
        ann 10:00 A
        ann 10:50 A
        ann 11:10 B
    """)
    assert levels(log.funnel(["A", "B"], "60m", preset="mixpanel")) == {"ann": 1}
    assert levels(log.funnel(["A", "B"], "60m", preset="mixpanel", entry="best")) == {"ann": 2}


def test_who_differs_from_another_system_is_named_with_the_rule_that_decides() -> None:
    log = read_world("""
        ann 10:00 A
        ann 10:50 A
        ann 11:10 B
        bob 10:00 A
        bob 10:01 B
        cid 10:00 A
        cid 12:00 B
    """)
    answer = log.compare_presets(["A", "B"], "60m")
    found = {(r.preset, r.person_id): (r.furthest_step, r.preset_furthest_step, r.decided_by)
             for r in answer.frame.itertuples()}  # fmt: skip
    assert found == {
        ("mixpanel", "ann"): (2, 1, "which entries open a window"),
        ("retentioneering", "cid"): (1, 2, "the window"),
        ("ga4", "cid"): (1, 2, "the window"),
    }
    summary = answer.tables["presets"].set_index("preset")
    assert summary["differing_count"].to_dict() == {
        "clickhouse": 0, "posthog": 0, "mixpanel": 1, "retentioneering": 1, "ga4": 1}  # fmt: skip
    with pytest.raises(CallError):
        log.compare_presets(["A", "B"], "60m", entry="each")


def test_other_systems_count_by_their_own_rules_whatever_ours_are() -> None:
    log = read_world("""
        ann 10:00 A
        ann 10:30 A
        ann 10:45 B
        ann 11:15 C
        bob 10:00 A
        bob 10:00 B
    """)
    ours = log.compare_presets(["A", "B", "C"], "60m", entry="first", ties="increasing")
    found = {(row.preset, row.person_id): row.preset_furthest_step for row in ours.frame.itertuples()}
    assert {name: level for (name, person), level in found.items() if person == "ann"} == {
        "clickhouse": 3, "posthog": 3, "retentioneering": 3, "ga4": 3}  # fmt: skip
    assert found["posthog", "bob"] == 2
    # What is given beside the preset wins over it.
    assert levels(log.funnel(["A", "B", "C"], "60m", preset="posthog", entry="first")) == {"ann": 2, "bob": 2}


def test_a_funnel_split_by_a_column_of_its_own_name_is_refused() -> None:
    log = read_world("""
        ann 10:00 A step_name=x rank=1
        bob 10:00 A step_name=y rank=2
    """)
    for call in (lambda: log.funnel(["A"], by="step_name"), lambda: log.compare_groups(["A"], by="rank")):
        with pytest.raises(CallError, match="already"):
            call()


def test_attempts_with_an_optional_step_are_none_where_nobody_came_in() -> None:
    log = read_world("""
        ann 10:00 B
        ann 10:01 A
    """)
    answer = log.funnel(["A", jn.step("B", optional=True)], entry="each", as_of="2026-03-02 10:00:30")
    assert counts(answer) == [(0, 0, 0), (0, 0, 0)]
