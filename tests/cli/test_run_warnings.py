"""What a refresh warns of although nothing failed: a goal that nobody reaches, steps that never occur."""

from __future__ import annotations

from shop_script import EVENTS, RULES, Script

CALLED = '[[goal]]\nname = "paid"\nmatch = { event = "pay" }\n'


def warnings_about(script: Script, words: str) -> list[str]:
    script("refresh").succeeds()
    return [str(text) for (text,) in script.rows("SELECT warning FROM run_warnings") if words in str(text)]


def test_a_goal_that_somebody_reaches_is_nothing_to_warn_of(script: Script) -> None:
    # Nobody pays, but journeys end at 'bought'.
    assert warnings_about(script.write(rules=RULES + CALLED), "at which journeys end") == []


def test_a_goal_that_nobody_reaches_is_told_with_those_that_are(script: Script) -> None:
    script.write(rules='[journey]\ngoal = "paid"\n' + RULES + CALLED)
    assert warnings_about(script, "at which journeys end") == [
        (
            "Goal 'paid', at which journeys end, is reached by nobody; 'bought' is, by 1. "
            "`goal` in [journey] says at which one journeys end."
        )
    ]


def test_only_the_goal_is_told_where_none_is_reached(script: Script) -> None:
    script.write([event for event in EVENTS if event[3] != "buy"])
    assert warnings_about(script, "at which journeys end") == [
        "Goal 'bought', at which journeys end, is reached by nobody; see the rule of the goal."
    ]


def test_the_steps_of_a_funnel_that_never_occur_are_told_at_once(script: Script) -> None:
    script.write([event for event in EVENTS if event[3] not in ("buy", "cart")])
    assert warnings_about(script, "Funnel") == [
        "Funnel 'shop': steps 'Cart', 'bought' never occur and count as not reached."
    ]
