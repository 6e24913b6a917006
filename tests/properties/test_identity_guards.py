"""Guards, overrides and rules, against a second implementation on random logs."""

from __future__ import annotations

import random
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from identity_logs import Found, draw_cases, draw_overrides, logs, resolve
from reference_identity import Override, Row, Rules, find_persons

STRICT = {"email": 2, "contact_id": 2, "device_id": 2, "cookie": 1}
RULES = ("device_split", "last_known", "first_known", "none")
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(100, 108))]


def check(rows: list[Row], rules: Rules) -> Found:
    """The product and the second implementation say the same of every identifier, event, guard and refused link."""
    found, expected = resolve(rows, rules), find_persons(rows, rules)
    assert found.guarded == expected.guarded
    assert found.refused == expected.refused
    assert found.persons == expected.persons
    assert found.events == expected.events
    return found


@settings(max_examples=5)
@given(rows=logs(), seed=st.integers(0, 999), hub_degree=st.integers(1, 3))
def test_small_logs(rows: list[Row], seed: int, hub_degree: int) -> None:
    overrides = draw_overrides(random.Random(seed), rows, most=4)
    check(rows, Rules(hub_degree=hub_degree, limits=STRICT, overrides=overrides))


@pytest.mark.prove
@settings(max_examples=50)
@given(rows=logs(most=40), seed=st.integers(0, 999), hub_degree=st.integers(1, 6))
def test_larger_logs(rows: list[Row], seed: int, hub_degree: int) -> None:
    overrides = draw_overrides(random.Random(seed), rows, most=8)
    check(rows, Rules(hub_degree=hub_degree, limits=STRICT, overrides=overrides))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_usual_guards_in_hundreds_of_logs(seed: int) -> None:
    found = check(list(chain.from_iterable(draw_cases(seed, 300))), Rules())
    assert found.refused
    assert {known_by for _, known_by in found.events.values()} == {
        "user_id", "contact_id", "email", "cookie", "device_id", "earlier in the visit", "later in the visit"
    }  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_strict_guards_and_overrides_in_hundreds_of_logs(seed: int) -> None:
    source = random.Random(seed)
    cases = draw_cases(seed, 200, most=30)
    overrides = [one for case in cases for one in draw_overrides(source, case, most=5)]
    found = check(list(chain.from_iterable(cases)), Rules(hub_degree=2, limits=STRICT, overrides=overrides))
    assert {(one[0], guard) for one, guard in found.guarded.items()} >= {
        ("device_id", "shared"), ("cookie", "shared"), ("device_id", "hub"), ("email", "hub")
    }  # fmt: skip


@pytest.mark.parametrize("rule", RULES[1:])
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(400, 402))])
def test_the_other_rules_in_hundreds_of_logs(rule: str, seed: int) -> None:
    check(list(chain.from_iterable(draw_cases(seed, 200))), Rules(rule))


def test_a_person_whom_must_links_made_too_large_still_gets_identifiers_of_other_kinds() -> None:
    """Two users where one is allowed: by somebody's word. The contact, met later, is the same person's all the same."""
    rows = [
        Row("book", "1", 0, {"user_id": "u0", "email": "a@x.example"}),
        Row("book", "2", 5, {"user_id": "u1"}),
        Row("book", "3", 10, {"contact_id": "c0", "email": "a@x.example", "loyalty_card": "l0"}),
        Row("web", "4", 15, {"device_id": "d0", "user_id": "u0"}),
    ]
    found = check(rows, Rules(overrides=[Override("must", ("user_id", "u0"), ("user_id", "u1"))]))
    assert len(found.parts()) == 1
    assert found.refused == set()
