"""Logs that lack what a rule asks for: everything still works, and the run says what it missed."""

from __future__ import annotations

import json

import pytest
from shop_script import RULES, Script

READING = (
    *("check", "sessions", "transitions", "paths", "variants", "rework", "complexity", "step-matrix"),
    *("touchpoints", "report"),
)
ONE = [("1", "a", "2026-03-01T10:00:00Z", "other", "u", "")]
GOAL_ONLY = RULES[RULES.index("[[goal]]") : RULES.index("[[funnel]]")]


@pytest.mark.parametrize(
    ("events", "rules"),
    [
        pytest.param(ONE, RULES, id="one event that no rule knows"),
        pytest.param(
            [("1", "a", "2026-03-01T10:00:00Z", "buy", "u", "5")],
            RULES,
            id="one event, the goal",
            marks=pytest.mark.prove,
        ),
        pytest.param(
            None, RULES.replace('event = "buy"', 'event = "never"'), id="no event of the goal", marks=pytest.mark.prove
        ),
        pytest.param(None, GOAL_ONLY, id="neither touchpoints nor funnels", marks=pytest.mark.prove),
    ],
)
def test_every_command_still_works(script: Script, events: list[tuple[str, ...]] | None, rules: str) -> None:
    if events is None:
        script.write(rules=rules)
    else:
        script.write(events, rules=rules)
    assert "nan" not in script("refresh").succeeds()
    for command in READING:
        assert "nan" not in script(command).succeeds(), command
    for words in (("identity",), ("identity", "--sensitivity")):
        assert "nan" not in script(*words).succeeds(), words
        json.loads(script(*words, "--format", "json").succeeds())
    for command in READING[1:-1]:
        assert set(json.loads(script(command, "--format", "json").succeeds())) == {"frame", "definition"}


def test_a_goal_that_never_occurs_is_told_by_the_nightly_run(script: Script) -> None:
    script.write(rules=RULES.replace('event = "buy"', 'event = "never"'))
    ended = script("refresh")
    ended.succeeds()
    assert "bought" in ended.err
    assert "bought" in script("check").succeeds()
    script("funnel").fails(2, "'bought'", "--missing zero")
    frame = json.loads(script("funnel", "--missing", "zero", "--format", "json").succeeds())["frame"]
    assert [row["reached_count"] for row in frame] == [3, 2, 0]


def test_a_funnel_step_that_never_occurs_is_told_by_the_nightly_run(script: Script) -> None:
    script.write(rules=RULES.replace('"Cart", "bought"]', '"Crat", "bought"]'))
    ended = script("refresh")
    ended.succeeds()
    assert "Crat" in ended.err
    assert "Crat" in (script.folder / "report.html").read_text(encoding="utf-8")
    script("funnel", "shop").fails(2, "'Crat'", "did you mean 'Cart'")
    frame = json.loads(script("funnel", "shop", "--missing", "zero", "--format", "json").succeeds())["frame"]
    assert [row["reached_count"] for row in frame] == [3, 0, 0]


def test_a_configuration_without_a_goal_is_2(script: Script) -> None:
    script.write(rules="")
    script("refresh").fails(2, "[[goal]]")


def test_no_funnel_to_name_says_how_to_ask(script: Script) -> None:
    script.write(rules=GOAL_ONLY)("refresh").succeeds()
    script("funnel").fails(2, "--steps")
    script("funnel", "shop").fails(2, "[[funnel]]")
