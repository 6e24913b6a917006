"""Why one person counts, or not: every candidate event is chosen, or told the rule that refused it."""

from __future__ import annotations

from world import read_world

import journeys as jn


def reasons(log: jn.Journeys, steps: list, window: str | None = None, **settings: object) -> dict[tuple[str, int], str]:
    """Per clock time and step what the funnel says of the event; chosen events say so."""
    frame = log.explain("ann", steps, window, **settings).frame
    return {
        (f"{row.occurred_at:%H:%M}", row.step_index): "chosen" if row.is_chosen else row.reason
        for row in frame.itertuples()
    }


def test_the_chosen_chain_and_what_is_behind_it() -> None:
    log = read_world("""
        ann 09:00 cart
        ann 10:00 view
        ann 10:10 view
        ann 10:20 cart
        ann 10:30 cart
        ann 12:00 pay
        bob 10:00 pay
    """)
    assert reasons(log, ["view", "cart", "pay"], "60m") == {
        ("09:00", 2): "no chain has reached step 1 (view) before it",
        ("10:00", 1): "a chain through it starts earlier and completes no earlier",
        ("10:10", 1): "chosen",
        ("10:20", 2): "chosen",
        ("10:30", 2): "a chain through it completes later",
        ("12:00", 3): "the window of 1h was over",
    }


def test_a_shallower_chain_is_behind_a_deeper_one() -> None:
    log = read_world("""
        ann 10:00 view
        ann 10:10 buy
        ann 10:20 view
    """)
    assert reasons(log, ["view", "buy"])[("10:20", 1)] == "a chain through it ends at step 1, the counted one is deeper"


def test_the_rule_that_refuses_is_named() -> None:
    text = """
        ann 10:00 view
        ann 10:05 help
        ann 10:10 buy
        ann 11:00 view
    """
    log = read_world(text)
    buy = ("10:10", 2)
    assert reasons(log, ["view", "buy"], order="strict")[buy] == "another event stands between (order='strict')"
    assert reasons(log, ["view", "buy"], exclude=[("help", 1, 2)])[buy] == "'help' stands between steps 1 and 2"
    within = ["view", jn.step("buy", within="5m")]
    assert reasons(log, within)[buy] == "step 2 came later than 5m after the step before"
    later = read_world(text.rstrip() + "\n        ann 11:05 buy")
    assert reasons(later, ["view", "buy"], "6m", entry="first")[("11:05", 2)] == "only the first entry opens a window"


def test_ties_and_events_that_serve_another_step() -> None:
    log = read_world("""
        ann 10:00 A
        ann 10:00 B
    """)
    assert reasons(log, ["A", "B"], ties="increasing")[("10:00", 2)] == "it is not strictly later (ties='increasing')"
    both = reasons(log, [["A", "B"], "B"])
    assert both[("10:00", 2)] == "chosen"


def test_attempts_say_what_became_of_the_events_around_them() -> None:
    log = read_world("""
        ann 09:00 buy
        ann 10:00 view
        ann 10:10 view
        ann 10:20 buy
        ann 10:30 buy
    """)
    assert reasons(log, ["view", "buy"], "60m", entry="each") == {
        ("09:00", 2): "no attempt has begun before it",
        ("10:00", 1): "chosen",
        ("10:10", 1): "attempt 1 was running, and it opens no new one",
        ("10:20", 2): "chosen",
        ("10:30", 2): "attempt 1 was over, and it opens none",
    }


def test_events_that_are_not_looked_at_say_why() -> None:
    log = read_world("""
        ann 10:00 view order=o1
        ann 10:01 view
        ann 10:02 view order=o2
        ann 10:03 buy order=o2
        ann 11:00 buy order=o2
    """)
    assert reasons(log, ["view", "buy"], hold="order", as_of="2026-03-02 10:30") == {
        ("10:00", 1): "the counted chain has another 'order'",
        ("10:01", 1): "it has no 'order' to hold",
        ("10:02", 1): "chosen",
        ("10:03", 2): "chosen",
        ("11:00", 2): "it is later than as_of",
    }


def test_a_person_who_never_came_in_and_the_chosen_events_are_those_counted() -> None:
    log = read_world("""
        ann 10:00 buy
        bob 10:00 view
        bob 10:05 buy
    """)
    assert reasons(log, ["view", "buy"]) == {("10:00", 2): "step 1 (view) never occurred"}
    answer = log.explain("bob", ["view", "buy"])
    assert list(answer.frame["is_chosen"]) == [True, True]
    assert answer.definition["parameters"]["person"] == "bob"
    assert len(answer.figure().data) == 1


def test_later_entries_are_refused_as_such() -> None:
    log = read_world("""
        ann 10:00 A
        ann 12:00 A
        ann 12:10 B
    """)
    found = reasons(log, ["A", "B"], "60m", entry="first")
    assert found[("12:00", 1)] == found[("12:10", 2)] == "only the first entry opens a window"


def test_who_is_taken_out_of_the_whole_funnel_is_told_so() -> None:
    log = read_world("""
        ann 10:00 A
        ann 10:01 X
        ann 10:02 B
        bob 10:00 A
    """)
    found = reasons(log, ["A", "B"], "60m", preset="posthog", exclude=[("X", 1, 2)])
    assert set(found.values()) == {"an excluded event takes out of the whole funnel"}
    assert "ann" not in set(log.funnel(["A", "B"], "60m", preset="posthog", exclude=[("X", 1, 2)]).persons["person_id"])


def test_contacts_are_counted_over_the_events_that_count() -> None:
    log = read_world("""
        p1 10:00 A co=acme
        p2 10:01 A co=acme h=x
        p1 10:02 B co=acme h=x
        p2 10:03 B co=acme h=x
    """, account="co")  # fmt: skip
    asked = {"unit": "account", "contacts": 2, "hold": "h"}
    assert log.funnel(["A", "B"], **asked).persons.empty
    frame = log.explain("acme", ["A", "B"], **asked).frame
    assert not frame["is_chosen"].any()
    assert list(frame["reason"]) == [
        "it has no 'h' to hold",
        "fewer than 2 contacts had met it by then",
        "fewer than 2 contacts had met it by then",
        "step 1 (A) never occurred",
    ]
