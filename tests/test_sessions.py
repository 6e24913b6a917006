"""The session rule as it is called: what it takes, what it refuses, and how it says itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

import journeys as jn
from journeys.sessions import make_rule
from journeys.sources.visits import SessionRule

PLAIN = {"gap_inclusive": True, "midnight": False, "campaign": False}


def test_the_defaults_are_the_promised_ones() -> None:
    assert make_rule("30m", None, **PLAIN) == SessionRule()
    assert SessionRule().timeout_us == 1_800_000_000


def test_durations_become_microseconds() -> None:
    rule = make_rule("1.5h", timedelta(days=1), gap_inclusive=False, midnight=True, campaign=True)
    assert (rule.timeout_us, rule.max_length_us) == (5_400_000_000, 86_400_000_000)
    assert (rule.is_gap_inclusive, rule.is_midnight_split, rule.is_campaign_split) == (False, True, True)


@pytest.mark.parametrize(
    "wrong", ["30", "0m", "-5m", 30, 0, None, "", "m", "1e3s", timedelta(0), "∞h", "nan s"], ids=repr
)
def test_a_timeout_without_a_unit_or_not_positive_is_refused(wrong: object) -> None:
    with pytest.raises(jn.CallError, match="timeout"):
        make_rule(wrong, None, **PLAIN)  # type: ignore[arg-type]


def test_a_wrong_maximum_is_named_as_such() -> None:
    with pytest.raises(jn.CallError, match="max_length"):
        make_rule("30m", "long", **PLAIN)


def test_the_words_name_every_reason_that_splits() -> None:
    plain = SessionRule().words()
    assert "longer than 30m" in plain
    assert "midnight" not in plain
    assert "campaign" not in plain
    full = make_rule("45m", "12h", gap_inclusive=False, midnight=True, campaign=True).words()
    for words in ("at least 45m", "midnight", "campaign", "12h"):
        assert words in full
