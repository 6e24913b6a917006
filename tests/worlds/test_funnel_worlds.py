"""Small logs whose funnels one can work out on paper."""

from __future__ import annotations

import pytest
from world import counts, levels, read_world


def test_tie_in_time() -> None:
    # Cart and catalog share a minute and cart was written first: together they still satisfy catalog > cart.
    log = read_world("""
        ann 10:00 cart
        ann 10:00 catalog
        bob 10:00 catalog
        bob 10:01 cart
    """)
    assert levels(log.funnel(["catalog", "cart"])) == {"ann": 2, "bob": 2}
    # Strictly later only: ann has a catalog and no cart after it.
    assert levels(log.funnel(["catalog", "cart"], ties="increasing")) == {"ann": 1, "bob": 2}


def test_one_event_serves_one_step() -> None:
    log = read_world("""
        ann 10:00 A
        bob 10:00 A
        bob 10:00 A
    """)
    assert levels(log.funnel(["A", "A"])) == {"ann": 1, "bob": 2}
    assert levels(log.funnel([["A", "B"], "A"], missing="zero")) == {"ann": 1, "bob": 2}


def test_funnel_restart_that_a_greedy_walk_gets_wrong() -> None:
    # Window 60 minutes. From 10:00 pay at 11:10 is too late; from 10:30 it is 40 minutes.
    text = """
        ann 10:00 catalog
        ann 10:30 catalog
        ann 10:40 cart
        ann 11:10 pay
    """
    log = read_world(text)
    answer = log.funnel(["catalog", "cart", "pay"], "60m")
    assert levels(answer) == {"ann": 3}
    assert str(answer.persons["entered_at"][0]) == "2026-03-02 10:30:00"
    # cart is 10, pay 40 minutes after the chosen start.
    assert counts(answer, "median_seconds_from_first") == [(0.0,), (600.0,), (2400.0,)]
    # Only the first entry: cart within the hour, pay not.
    first = log.funnel(["catalog", "cart", "pay"], "60m", entry="first")
    assert levels(first) == {"ann": 2}
    assert str(first.persons["entered_at"][0]) == "2026-03-02 10:00:00"


def test_the_earlier_start_is_still_needed_after_a_new_one() -> None:
    # catalog 10:00 > cart 10:50 > pay 10:59 is whole; the restart at 10:51 has no cart after it.
    log = read_world("""
        ann 10:00 catalog
        ann 10:50 cart
        ann 10:51 catalog
        ann 10:59 pay
    """)
    assert levels(log.funnel(["catalog", "cart", "pay"], "60m")) == {"ann": 3}


def test_the_chosen_chain_completes_earliest_then_starts_latest() -> None:
    # Whole chains end at 10:20 (from 10:00 and from 10:05) and at 10:40: the latest start of the earliest end.
    log = read_world("""
        ann 10:00 A
        ann 10:05 A
        ann 10:20 B
        ann 10:30 A
        ann 10:40 B
    """)
    answer = log.funnel(["A", "B"])
    assert str(answer.persons["entered_at"][0]) == "2026-03-02 10:05:00"
    assert counts(answer, "median_seconds_from_first") == [(0.0,), (900.0,)]


def test_exact_window_counts_and_a_second_more_does_not() -> None:
    log = read_world("""
        ann 10:00:00 A
        ann 11:00:00 B
        bob 10:00:00 A
        bob 11:00:01 B
    """)
    assert levels(log.funnel(["A", "B"], "1h")) == {"ann": 2, "bob": 1}


def test_the_window_counts_from_step_one() -> None:
    # Each step follows within 40 minutes, but C is 80 minutes after A.
    log = read_world("""
        ann 10:00 A
        ann 10:40 B
        ann 11:20 C
    """)
    assert levels(log.funnel(["A", "B", "C"], "1h")) == {"ann": 2}
    assert levels(log.funnel(["A", "B", "C"], "80m")) == {"ann": 3}
    assert levels(log.funnel(["A", "B", "C"])) == {"ann": 3}


OPEN = """
    ann 10:00 A
    bob 11:00 A
    cid 10:00 A
    cid 11:30 A
    dan 10:00 A
    dan 10:30 B
    end 12:00 X
"""


def test_open_or_dropped_exactly_at_the_deadline() -> None:
    log = read_world(OPEN)  # as_of is 12:00, of `end`
    # Window 1 h. ann: 11:00 <= 12:00 dropped. bob: 12:00 <= 12:00, its last moment has been seen: dropped.
    # cid: the latest entry ends at 12:30: open. dan: converted.
    answer = log.funnel(["A", "B"], "1h")
    status = dict(zip(answer.persons["person_id"], answer.persons["status"], strict=True))
    assert status == {"ann": "dropped", "bob": "dropped", "cid": "open", "dan": "converted"}
    assert counts(answer) == [(4, 2, 1), (1, 0, 0)]
    # A second earlier bob is still open.
    earlier = log.funnel(["A", "B"], "1h", as_of="2026-03-02 11:59:59")
    assert dict(zip(earlier.persons["person_id"], earlier.persons["status"], strict=True))["bob"] == "open"


def test_first_entry_decides_openness_under_first_and_maturity_always() -> None:
    log = read_world(OPEN)
    # Under `first` cid's window was over at 11:00.
    assert counts(log.funnel(["A", "B"], "1h", entry="first")) == [(4, 3, 0), (1, 0, 0)]
    # Mature: first entry + 1 h <= 12:00, all four; 1 of 4 went on.
    assert counts(log.funnel(["A", "B"], "1h"), "mature_count", "step_share", "overall_share") == [
        (4, 1.0, 1.0),
        (1, 0.25, 0.25),
    ]
    # Window 90 m: mature until 10:30 at the latest, so ann, cid and dan: 1 of 3.
    assert counts(log.funnel(["A", "B"], "90m"), "mature_count", "overall_share") == [
        (3, 1.0),
        (1, pytest.approx(1 / 3)),
    ]


def test_nobody_is_open_without_a_window_and_all_are_mature() -> None:
    assert counts(
        read_world(OPEN).funnel(["A", "B"]), "reached_count", "dropped_count", "open_count", "mature_count"
    ) == [
        (4, 3, 0, 4),
        (1, 0, 0, 1),
    ]


def test_who_is_counted_as_of_a_time() -> None:
    log = read_world(OPEN)
    # At 10:30, included: ann, cid, dan have A, dan has B.
    assert counts(log.funnel(["A", "B"], as_of="2026-03-02 10:30"), "reached_count") == [(3,), (1,)]
    assert counts(log.funnel(["A", "B"], as_of="2026-03-02 10:29:59"), "reached_count") == [(3,), (0,)]
    # Nobody yet: counts are zero and shares are missing, not zero.
    empty = log.funnel(["A", "B"], as_of="2026-03-01").frame
    assert list(empty["reached_count"]) == [0, 0]
    assert empty["overall_share"].isna().all()


def test_step_two_before_step_one_is_no_conversion_and_no_entry() -> None:
    log = read_world("""
        ann 10:00 B
        ann 10:01 A
        bob 10:00 B
    """)
    answer = log.funnel(["A", "B"])
    assert levels(answer) == {"ann": 1}
    assert counts(answer) == [(1, 1, 0), (0, 0, 0)]


def test_a_step_can_be_several_names_and_steps_may_overlap() -> None:
    log = read_world("""
        ann 10:00 cart
        ann 10:01 basket
        bob 10:00 basket
        bob 10:01 pay
        cid 10:00 pay
    """)
    assert counts(log.funnel([["cart", "basket"], ["basket", "pay"]]), "reached_count") == [(2,), (2,)]
    assert list(log.funnel([["cart", "basket"]]).frame["step_name"]) == ["cart or basket"]


def test_median_of_an_even_number_is_the_middle() -> None:
    # 1 and 4 minutes: 150 seconds.
    log = read_world("""
        ann 10:00 A
        ann 10:01 B
        bob 10:00 A
        bob 10:04 B
    """)
    assert counts(log.funnel(["A", "B"]), "median_seconds_from_first") == [(0.0,), (150.0,)]


def test_microcase_reanchor() -> None:
    # A 13:00, A 13:30, B 13:45, C 14:15 within one hour: 3 from the second A, 2 from the first.
    log = read_world("""
        ann 13:00 A
        ann 13:30 A
        ann 13:45 B
        ann 14:15 C
    """)
    assert levels(log.funnel(["A", "B", "C"], "1h")) == {"ann": 3}
    assert levels(log.funnel(["A", "B", "C"], "1h", entry="first")) == {"ann": 2}


def test_one_event_is_a_whole_log() -> None:
    log = read_world("ann 10:00 A")
    assert counts(log.funnel(["A"])) == [(1, 0, 0)]
    assert log.transitions().frame.empty
    assert log.paths(depth=1).balance.values.tolist() == [[1, 1, 0, 0, 0, 1]]
    touchpoints = log.touchpoints("A").frame
    assert touchpoints.empty  # the only event is the goal itself
