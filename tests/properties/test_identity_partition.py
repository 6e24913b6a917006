"""Who is who through the whole way from files, guards off: what hangs together is one person, whatever the order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import chain

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from identity_logs import draw_cases, draw_overrides, draw_rows, logs, resolve
from reference_identity import NO_GUARDS, STRENGTHS, Identifier, Row, Rules

STRICT = {"email": 2, "contact_id": 2, "device_id": 2, "cookie": 1}


def hang_together(rows: Sequence[Row]) -> set[frozenset[Identifier]]:
    graph: nx.Graph = nx.Graph()
    for row in rows:
        nx.add_star(graph, sorted(row.identifiers.items()))
    return {frozenset(part) for part in nx.connected_components(graph)}


@settings(max_examples=5)
@given(rows=logs())
def test_persons_are_what_hangs_together(rows: list[Row]) -> None:
    assert resolve(rows, NO_GUARDS).parts() == hang_together(rows)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(100, 106))])
def test_persons_are_what_hangs_together_in_hundreds_of_logs(seed: int) -> None:
    rows = list(chain.from_iterable(draw_cases(seed, 300)))
    found = resolve(rows, NO_GUARDS)
    assert found.parts() == hang_together(rows)
    assert found.guarded == {}
    assert found.refused == set()


@pytest.mark.parametrize("seed", [2, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(200, 204))])
def test_one_more_row_never_gives_more_persons_and_parts_nobody(seed: int) -> None:
    cases = [case for case in draw_cases(seed, 300) if len(case) > 1]
    before = resolve([row for case in cases for row in case[:-1]], NO_GUARDS)
    after = resolve([row for case in cases for row in case], NO_GUARDS)
    assert all(any(part <= larger for larger in after.parts()) for part in before.parts())
    assert len({after.persons[one] for one in before.persons}) < len(set(before.persons.values()))


@pytest.mark.parametrize("seed", [3, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(300, 304))])
def test_neither_the_order_of_rows_nor_their_files_matter_nor_asking_again(seed: int) -> None:
    source = random.Random(seed)
    cases = draw_cases(seed, 150)
    overrides = [one for case in cases for one in draw_overrides(source, case, most=2)]
    rules = Rules(hub_degree=2, limits=STRICT, overrides=overrides)
    rows = list(chain.from_iterable(cases))
    once = resolve(rows, rules)
    assert once.guarded
    assert once.refused
    turned = Rules(hub_degree=2, limits=STRICT, overrides=overrides[::-1])
    shuffled = resolve(source.sample(rows, len(rows)), turned, deal=lambda row: row.event_id[-1], times=2)
    assert shuffled == once


@settings(max_examples=4)
@given(rows=logs(), seed=st.integers(0, 99))
def test_shuffled_rows_give_the_same_persons(rows: list[Row], seed: int) -> None:
    shuffled = random.Random(seed).sample(rows, len(rows))
    assert resolve(shuffled, Rules(hub_degree=1)) == resolve(rows, Rules(hub_degree=1))


def test_nobody_elses_rows_change_an_id() -> None:
    cases = draw_cases(4, 200)
    everybody = resolve(list(chain.from_iterable(cases)), Rules())
    half = resolve(list(chain.from_iterable(cases[::2])), Rules())
    assert half.persons == {one: everybody.persons[one] for one in half.persons}
    assert half.events == {event: everybody.events[event] for event in half.events}


@pytest.mark.parametrize("seed", [5, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(500, 504))])
def test_later_rows_give_no_new_id_to_whom_a_system_of_ours_knew(seed: int) -> None:
    source = random.Random(seed)
    cases = draw_cases(seed, 200, most=6)
    late = [
        Row(row.source, f"{row.event_id}-late", row.minute + 100_000, row.identifiers)
        for number in range(len(cases))
        for row in draw_rows(source, case=f"c{number:04d}", most=4)
    ]
    before = resolve(list(chain.from_iterable(cases)), NO_GUARDS)
    after = resolve([*chain.from_iterable(cases), *late], NO_GUARDS)
    known = {person for one, person in before.persons.items() if STRENGTHS[one[0]] == 3}
    changed = {one for one in before.persons if after.persons[one] != before.persons[one]}
    assert changed, "some persons have grown together"
    for one in before.persons:
        if before.persons[one] in known:
            assert after.persons[one] in known
