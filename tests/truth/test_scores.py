"""The scores themselves, on worlds that one can count on paper."""

from __future__ import annotations

import pytest
from scores import (
    count_majority_events,
    count_right_events,
    count_right_pairs,
    group_by,
    measure_b_cubed,
    pairs_of,
)

# Ann has a laptop and a phone; the tablet is hers and Bob's; the kiosk is nobody's.
OWNERS = {"laptop": {"ann"}, "phone": {"ann"}, "tablet": {"ann", "bob"}, "bob": {"bob"}}
# Four events of Ann's and two of Bob's.
TRUTH = {"e1": "ann", "e2": "ann", "e3": "ann", "e4": "ann", "e5": "bob", "e6": "bob"}


def test_a_pair_is_right_when_its_members_share_a_person() -> None:
    assert count_right_pairs([["laptop", "phone", "tablet"]], OWNERS) == (3, 3)
    assert count_right_pairs([["laptop", "phone", "bob"], ["tablet"]], OWNERS) == (1, 3)
    assert count_right_pairs([["tablet", "bob"], ["laptop", "kiosk"]], OWNERS) == (1, 2)


def test_two_things_of_nobody_are_no_right_pair() -> None:
    assert count_right_pairs([["kiosk", "crawler"]], OWNERS) == (0, 1)


def test_pairs_and_groups() -> None:
    assert pairs_of([["a", "b", "c"], ["d"]]) == {frozenset("ab"), frozenset("ac"), frozenset("bc")}
    assert sorted(map(sorted, group_by({"a": 1, "b": 2, "c": 1}))) == [["a", "c"], ["b"]]


def test_merging_everybody_loses_the_events_of_the_smaller_one() -> None:
    merged = dict.fromkeys(TRUTH, "x")
    assert count_right_events(merged, TRUTH) == count_majority_events(merged, TRUTH) == 4
    assert measure_b_cubed(merged, TRUTH) == pytest.approx(((4 * 4 + 2 * 2) / 6 / 6, 1.0))


def test_splitting_a_person_loses_the_events_of_the_smaller_part() -> None:
    split = {"e1": "x", "e2": "x", "e3": "x", "e4": "y", "e5": "z", "e6": "z"}
    assert count_right_events(split, TRUTH) == 5
    assert count_majority_events(split, TRUTH) == 6
    assert measure_b_cubed(split, TRUTH) == pytest.approx((1.0, (3 * 3 / 4 + 1 / 4 + 2) / 6))


def test_an_event_given_to_somebody_else_is_wrong_whoever_asks() -> None:
    stray = {"e1": "x", "e2": "x", "e3": "x", "e4": "z", "e5": "z", "e6": "z"}
    assert count_right_events(stray, TRUTH) == count_majority_events(stray, TRUTH) == 5
