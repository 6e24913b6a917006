"""Connected components in SQL, against networkx."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

import networkx as nx
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.identity import components
from journeys.identity.components import find_components
from journeys.warehouse import Engine

Links = Sequence[tuple[int, int]]

LINKS = st.lists(st.tuples(st.integers(1, 14), st.integers(1, 14)), max_size=24)


@pytest.fixture(scope="module", params=[0, components.FEW_LINKS], ids=["all in rounds", "few at once"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine; small graphs are contracted to the end, or labelled at once."""
    with pytest.MonkeyPatch.context() as patch, Engine() as engine:
        patch.setattr(components, "FEW_LINKS", request.param)
        yield engine


def label(engine: Engine, links: Links) -> dict[int, int]:
    """What the product says: node -> smallest node of its component."""
    a, b = zip(*links, strict=True) if links else ((), ())
    engine.load("links", pa.table({"a_index": pa.array(a, pa.int64()), "b_index": pa.array(b, pa.int64())}))
    before = tables(engine)
    find_components(engine, "links")
    assert tables(engine) - before <= {"components"}, "inner tables are left behind"
    return dict(engine.rows("SELECT identifier_index, component_index FROM components"))


def tables(engine: Engine) -> set[str]:
    return {name for (name,) in engine.rows("SELECT table_name FROM information_schema.tables")}


def label_with_networkx(links: Links) -> dict[int, int]:
    parts = [(min(part), part) for part in nx.connected_components(nx.Graph(links))]
    return {node: smallest for smallest, part in parts for node in part}


def check(engine: Engine, links: Links) -> None:
    """Both say the same; a node that is linked with itself alone may be left out, since it is alone either way."""
    found, expected = label(engine, links), label_with_networkx(links)
    linked = {node for a, b in links if a != b for node in (a, b)}
    assert found.keys() >= linked
    assert found == {node: expected[node] for node in found}


@given(links=LINKS)
def test_components_are_those_of_networkx(engine: Engine, links: Links) -> None:
    check(engine, links)


@pytest.mark.prove
@settings(max_examples=300)
@given(links=st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), max_size=90))
def test_components_are_those_of_networkx_in_hundreds_of_graphs(engine: Engine, links: Links) -> None:
    check(engine, links)


@given(links=LINKS.filter(bool), one=st.tuples(st.integers(1, 14), st.integers(1, 14)), seed=st.integers(0, 99))
def test_one_more_link_joins_two_components_or_changes_nothing(
    engine: Engine, links: Links, one: tuple[int, int], seed: int
) -> None:
    nodes = {node for link in links for node in link}
    before = label(engine, [*links, *((node, node) for node in nodes)])
    turned = [link[::-1] for link in random.Random(seed).sample([*links, one], len(links) + 1)]
    after = label(engine, turned)
    parts = {before.get(node, node) for node in (*nodes, *one)}
    expected = len(parts) - (before.get(one[0], one[0]) != before.get(one[1], one[1]))
    assert len({after.get(node, node) for node in (*nodes, *one)}) == expected


def test_no_link_gives_no_component(engine: Engine) -> None:
    assert label(engine, []) == {}


@pytest.mark.parametrize("shape", ["chain in order", "chain in disorder", "star", "comb", "ring", "far numbers"])
def test_shapes_that_are_slow_to_spread_through(engine: Engine, shape: str) -> None:
    count, source = 3_000, random.Random(5)
    numbers = list(range(1, count + 1))
    if shape == "chain in disorder":
        source.shuffle(numbers)
    if shape == "far numbers":
        numbers = source.sample(range(1, 2_000_000_000), count)
    links = list(pairwise(numbers))
    if shape == "star":
        links = [(count, number) for number in numbers[:-1]]
    if shape == "comb":
        links += [(number, number + count) for number in numbers]
    if shape == "ring":
        links.append((numbers[-1], numbers[0]))
    found = label(engine, links)
    assert len(found) == (2 * count if shape == "comb" else count)
    assert set(found.values()) == {min(numbers)}


@pytest.mark.parametrize("size", [20_000, pytest.param(400_000, marks=pytest.mark.prove)])
def test_a_large_graph_of_chains_and_bushes(engine: Engine, size: int) -> None:
    source = random.Random(size)
    numbers = source.sample(range(1, 2 * size), size)
    places = range(1, size)
    # Every hundredth node begins a component; in the first half each node hangs on the one before, then on any.
    links = [
        (numbers[place], numbers[place - 1 if place < size // 2 else source.randrange(place - place % 100, place)])
        for place in places
        if place % 100 or place < size // 4
    ]
    source.shuffle(links)
    check(engine, links)
