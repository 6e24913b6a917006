"""Paths in groups, with numbered re-visits and with a floor: answers that one can work out on paper."""

from __future__ import annotations

import pytest
from world import links, read_world

import journeys as jn

# Position 1: phone has A 3, desk has B 2 and A 1. Position 2: phone has B 2, C 1; desk has D 2.
DEVICES = """
    ann 10:00 A device=phone
    ann 10:01 B device=desk
    bob 10:00 A device=phone
    bob 10:01 B device=phone
    cid 10:00 A device=phone
    cid 10:01 C device=phone
    dan 10:00 B device=desk
    dan 10:01 D device=desk
    eve 10:00 B device=desk
    eve 10:01 D device=phone
    fay 10:00 A device=desk
"""
CIRCLE = """
    ann 10:00 A
    ann 10:01 B
    ann 10:02 A
    ann 10:03 B
    ann 10:04 A
    bob 10:00 A
    bob 10:01 A
    bob 10:02 B
"""


def group_links(answer: jn.PathResult) -> dict[tuple, int]:
    return {tuple(row[:4]): row[4] for row in answer.frame.itertuples(index=False, name=None)}


def test_a_path_belongs_to_the_value_at_its_first_step() -> None:
    answer = read_world(DEVICES).paths(by="device")
    assert list(answer.frame.columns)[:4] == ["device", "step_index", "from_step", "to_step"]
    assert group_links(answer) == {
        ("desk", 1, "A", "(open)"): 1,
        ("desk", 1, "B", "D"): 2,
        ("desk", 2, "D", "(open)"): 2,
        ("phone", 1, "A", "B"): 2,
        ("phone", 1, "A", "C"): 1,
        ("phone", 2, "B", "(open)"): 2,
        ("phone", 2, "C", "(open)"): 1,
    }
    shares = dict(zip(group_links(answer), answer.frame["share"], strict=True))
    assert shares["phone", 1, "A", "B"] == pytest.approx(2 / 3)
    assert answer.balance.values.tolist() == [
        ["desk", 1, 3, 2, 0, 0, 1], ["desk", 2, 2, 0, 0, 0, 2], ["phone", 1, 3, 3, 0, 0, 0], ["phone", 2, 3, 0, 0, 0, 3]
    ]  # fmt: skip


def test_what_one_group_names_all_groups_name() -> None:
    answer = read_world(DEVICES).paths(by="device", top=1)
    # phone names A and B, desk B and D: fay's A is rare on desk and has its name all the same; cid's C has none.
    assert group_links(answer) == {
        ("desk", 1, "A", "(open)"): 1,
        ("desk", 1, "B", "D"): 2,
        ("desk", 2, "D", "(open)"): 2,
        ("phone", 1, "A", "B"): 2,
        ("phone", 1, "A", "(other)"): 1,
        ("phone", 2, "B", "(open)"): 2,
        ("phone", 2, "(other)", "(open)"): 1,
    }
    coverage = answer.tables["coverage"]
    assert coverage[["device", "entrant_count", "named_count", "more_count"]].values.tolist() == [
        ["desk", 3, 3, 0], ["phone", 3, 2, 0]
    ]  # fmt: skip


def test_values_that_were_not_asked_for_are_the_rest_and_name_nothing() -> None:
    answer = read_world(DEVICES).paths(by="device", groups=["phone"], top=1)
    assert group_links(answer) == {
        ("(rest)", 1, "A", "(open)"): 1,
        ("(rest)", 1, "(other)", "(other)"): 2,
        ("(rest)", 2, "(other)", "(open)"): 2,
        ("phone", 1, "A", "B"): 2,
        ("phone", 1, "A", "(other)"): 1,
        ("phone", 2, "B", "(open)"): 2,
        ("phone", 2, "(other)", "(open)"): 1,
    }


def test_a_missing_value_is_a_group_of_its_own() -> None:
    answer = read_world("ann 10:00 A device=phone\nbob 10:00 A").paths(by="device")
    assert set(answer.frame["device"]) == {"(none)", "phone"}


def test_revisits_bear_their_number() -> None:
    answer = read_world(CIRCLE).paths(revisits=True)
    # bob's two A in a row are one step.
    assert links(answer) == {
        (1, "A", "B"): 2,
        (2, "B", "A (2)"): 1,
        (2, "B", "(open)"): 1,
        (3, "A (2)", "B (2)"): 1,
        (4, "B (2)", "A (3)"): 1,
        (5, "A (3)", "(open)"): 1,
    }
    stages = answer.tables["stages"]
    named = dict(zip(stages["step_name"], stages["touchpoint"], strict=True))
    assert named == {"A": "A", "A (2)": "A", "A (3)": "A", "B": "B", "B (2)": "B"}


def test_repeats_in_a_row_are_revisits_where_they_are_steps() -> None:
    answer = read_world("ann 10:00 A\nann 10:01 A").paths(revisits=True, collapse=False)
    assert links(answer) == {(1, "A", "A (2)"): 1, (2, "A (2)", "(open)"): 1}


def test_a_touchpoint_with_the_name_of_a_revisit_is_an_error_and_never_added_to_it() -> None:
    frame = read_world(CIRCLE).table("events")[["user_id", "occurred_at", "event"]]
    frame.loc[frame["user_id"] == "bob", "event"] = "A (2)"
    log = jn.from_events(frame, person="user_id", occurred_at="occurred_at", event="event")
    with pytest.raises(jn.JourneysError, match=r"'A \(2\)'"):
        log.paths(revisits=True)


def test_links_under_the_floor_lead_to_other_and_ends_are_shown() -> None:
    log = read_world("""
        ann 10:00 A
        ann 10:01 B
        ann 10:02 D
        bob 10:00 A
        bob 10:01 B
        cid 10:00 A
        cid 10:01 C
        cid 10:02 D
        dan 10:00 E
        dan 10:01 B
        dan 10:02 D
    """)
    # dan's E and cid's C are alone. At step 3 D is met from B by ann alone, and from (other) by cid and dan.
    answer = log.paths(floor=2)
    assert links(answer) == {
        (1, "A", "B"): 2,
        (1, "A", "(other)"): 1,
        (1, "(other)", "(other)"): 1,
        (2, "B", "(other)"): 1,
        (2, "B", "(open)"): 1,
        (2, "(other)", "D"): 2,
        (3, "(other)", "(open)"): 1,
        (3, "D", "(open)"): 2,
    }
    # bob alone is named throughout.
    coverage = answer.tables["coverage"].iloc[0]
    assert (coverage["entrant_count"], coverage["named_count"], coverage["named_share"]) == (4, 1, 0.25)


def test_coverage_counts_who_is_never_in_other_and_who_goes_on() -> None:
    answer = read_world(CIRCLE).paths(depth=2)
    assert answer.tables["coverage"][["entrant_count", "named_count", "more_count"]].values.tolist() == [[2, 2, 1]]


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"by": "browser"}, "browser"),
        ({"by": "count"}, "column of this name"),
        ({"by": ""}, "name of a column"),
        ({"by": 3}, "name of a column"),
        ({"by": "device", "groups": ["tv"]}, "'tv'"),
        ({"by": "device", "groups": "phone"}, "no list"),
        ({"by": "device", "groups": []}, "different values"),
        ({"by": "device", "groups": ["phone", "phone"]}, "different values"),
        ({"by": "device", "groups": [1]}, "no text"),
        ({"groups": ["phone"]}, "needs by="),
        ({"floor": 0}, "floor"),
        ({"floor": True}, "floor"),
        ({"revisits": "yes"}, "revisits"),
    ],
)
def test_what_cannot_be_asked_is_said(keywords: dict, words: str) -> None:
    with pytest.raises(jn.JourneysError, match=words):
        read_world(DEVICES).paths(**keywords)


def test_a_column_may_have_a_hostile_name_and_hostile_values() -> None:
    hostile = "x'); DROP TABLE events; --\"<b>"
    frame = read_world(DEVICES).table("events")[["user_id", "occurred_at", "event"]].assign(**{hostile: hostile})
    log = jn.from_events(frame, person="user_id", occurred_at="occurred_at", event="event")
    answer = log.paths(by=hostile, groups=[hostile])
    assert set(answer.frame[hostile]) == {hostile}
    assert "<b>" not in answer.figure().layout.annotations[0].text.removeprefix("<b>")
