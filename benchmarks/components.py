"""Connected components in SQL beside scipy's, over the same links in the same database.

Usage: python benchmarks/components.py [LINKS]   (default 1,149,999; seeded)

scipy gets the links out of the database as arrays, and its answer is written back as a table, as a program has to do
whose data live there; what its function alone takes on arrays that lie ready is shown too. Links between numbers
without gaps spare scipy a numbering; evidence is not like that: it links texts such as 'device_id:4f1c...', and there
both have to number them first and name them at the end. Ratios are to scipy with its tables: 2.0 takes twice as long.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from compare import compare
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from journeys.identity.components import find_components
from journeys.warehouse import Engine

LINKS = 1_149_999
NODES = 900_001
COMPONENTS = 1_069
# The longest chain takes a third of all nodes, twenty more take a quarter; the rest are bushes.
LONGEST_SHARE, LONG_SHARE, LONG_COUNT = 1 / 3, 1 / 4, 20
ROUNDS = 7

Ints = NDArray[np.int64]
Labels = NDArray[np.int32]


@dataclass(frozen=True)
class Graph:
    """Links between numbered nodes, and how many nodes and components there are."""

    title: str
    a: Ints
    b: Ints
    node_count: int
    component_count: int


def make_chains_and_bushes(link_count: int) -> Graph:
    """Long chains and bushes with cycles, numbered at random and in random order."""
    random = np.random.default_rng(3)
    nodes = NODES * link_count // LINKS
    components = max(LONG_COUNT + 2, COMPONENTS * link_count // LINKS)
    sizes = _size_components(random, nodes, components)
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    place = np.arange(nodes)
    is_chain = place < sizes[: LONG_COUNT + 1].sum()
    any_earlier = start + (random.random(nodes) * (place - start)).astype(np.int64)
    parent = np.where(is_chain, place - 1, any_earlier)
    child = place[place > start]
    bushes = place[~is_chain & (np.repeat(sizes, sizes) > 1)]
    near = random.choice(bushes, 2 * (link_count - len(child)))
    far = start[near] + (random.random(len(near)) * np.repeat(sizes, sizes)[near]).astype(np.int64)
    # A link is one number, so that none is drawn twice.
    trees = parent[child] * nodes + child
    cycles = np.setdiff1d((np.minimum(near, far) * nodes + np.maximum(near, far))[near != far], trees)
    links = np.r_[trees, random.choice(cycles, link_count - len(trees), replace=False)]
    number = random.permutation(nodes) + 1
    order = random.permutation(link_count)
    a, b = np.divmod(links[order], nodes)
    return Graph("chains and bushes, numbered at random", number[a], number[b], nodes, components)


def make_one_chain(link_count: int) -> Graph:
    """One chain numbered from end to end: the easiest for scipy, which then reads memory in order."""
    a = np.arange(1, link_count + 1)
    return Graph("one chain, numbered in order", a, a + 1, link_count + 1, 1)


def make_stars(link_count: int) -> Graph:
    """What identifiers look like: persons with one to five devices and addresses, numbered at random."""
    random = np.random.default_rng(4)
    leaves = random.integers(1, 6, link_count)
    leaves = leaves[: int(np.searchsorted(np.cumsum(leaves), link_count)) + 1]
    leaves[-1] -= leaves.sum() - link_count
    hubs = np.repeat(np.arange(len(leaves)), leaves)
    nodes = len(leaves) + link_count
    number = random.permutation(nodes) + 1
    return Graph("stars, numbered at random", number[hubs], number[len(leaves) :], nodes, len(leaves))


def label_with_scipy(a: Ints, b: Ints) -> Labels:
    """Give each number from 0 on the label of its component."""
    size = int(max(a.max(), b.max())) + 1
    links = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(size, size))
    return connected_components(links, directed=False)[1]


def find_with_scipy(engine: Engine) -> str:
    """Do what `find_components` does by way of arrays; return the table's name."""
    links = engine.frame("SELECT a_index, b_index FROM links")
    a, b = links["a_index"].to_numpy(), links["b_index"].to_numpy()
    return load_components(engine, a, b, label_with_scipy(a, b))


def load_components(engine: Engine, a: Ints, b: Ints, labels: Labels) -> str:
    """Write the linked nodes with the smallest number of their component as a table; return its name."""
    is_linked = np.zeros(len(labels), dtype=np.bool_)
    is_linked[a] = is_linked[b] = True
    nodes = np.flatnonzero(is_linked)
    smallest = np.unique(labels, return_index=True)[1]
    engine.load("scipy_components", pa.table({"identifier_index": nodes, "component_index": smallest[labels[nodes]]}))
    return "scipy_components"


def show(graph: Graph) -> None:
    """Compare on one graph and print the ratios."""
    engine = Engine()
    engine.load("links", pa.table({"a_index": graph.a, "b_index": graph.b}))

    def find_with_sql() -> str:
        find_components(engine, "links")
        return "components"

    def same(expected: str, answer: str | Labels) -> bool:
        table = answer if isinstance(answer, str) else load_components(engine, graph.a, graph.b, answer)
        facts = [describe(engine, name) for name in (expected, table)]
        assert facts[0][:2] == (graph.node_count, graph.component_count), "not the graph that was meant"
        return facts[0] == facts[1]

    title = f"{graph.title}: {len(graph.a):,} links, {graph.node_count:,} nodes, {graph.component_count:,} components"
    candidates = {
        "scipy, arrays out and a table back": lambda: find_with_scipy(engine),
        "scipy's function alone": lambda: label_with_scipy(graph.a, graph.b),
        "journeys, in SQL": find_with_sql,
    }
    print(compare(title, candidates, same=same, rounds=ROUNDS), flush=True)


def show_texts(graph: Graph) -> None:
    """Compare on links between texts, as evidence has them, and print the ratios."""
    engine = Engine()
    engine.load("numbers", pa.table({"a": graph.a, "b": graph.b}))
    name = "'device_id:' || SUBSTR(MD5(CAST({} AS VARCHAR)), 1, 20)"
    engine.save("evidence", f"SELECT {name.format('a')} AS a_text, {name.format('b')} AS b_text FROM numbers")

    def same(expected: str, answer: str) -> bool:
        facts = [describe(engine, name, "identifier", "component") for name in (expected, answer)]
        assert facts[0][:2] == (graph.node_count, graph.component_count), "not the graph that was meant"
        return facts[0] == facts[1]

    candidates = {
        "scipy, pandas to number the texts": lambda: name_with_scipy(engine),
        "journeys, in SQL": lambda: name_with_sql(engine),
    }
    title = f"{graph.title}, texts: {len(graph.a):,} links, {graph.node_count:,} nodes"
    print(compare(title, candidates, same=same, rounds=ROUNDS), flush=True)


def name_with_scipy(engine: Engine) -> str:
    """Label each text with the smallest one of its component by way of arrays; return the table's name."""
    evidence = engine.frame("SELECT a_text, b_text FROM evidence")
    codes, texts = pd.factorize(pd.concat([evidence["a_text"], evidence["b_text"]]), sort=True)
    a, b = np.split(codes, 2)
    labels = label_with_scipy(a, b)
    smallest = np.unique(labels, return_index=True)[1]
    named = pd.DataFrame({"identifier": texts, "component": texts[smallest[labels]]})
    engine.load("scipy_names", named)
    return "scipy_names"


def name_with_sql(engine: Engine) -> str:
    """Do the same as the models of `sql/2_identity` do: number the identifiers, find components, name them."""
    engine.save(
        "numbered",
        """
        WITH ends AS (SELECT a_text AS text FROM evidence UNION SELECT b_text AS text FROM evidence)
        SELECT text, ROW_NUMBER() OVER (ORDER BY text) AS identifier_index FROM ends
        """,
    )
    engine.save(
        "links",
        """
        SELECT a.identifier_index AS a_index, b.identifier_index AS b_index FROM evidence
        INNER JOIN numbered AS a ON a.text = a_text INNER JOIN numbered AS b ON b.text = b_text
        """,
    )
    find_components(engine, "links")
    engine.save(
        "sql_names",
        """
        SELECT own.text AS identifier, first.text AS component FROM components
        INNER JOIN numbered AS own ON own.identifier_index = components.identifier_index
        INNER JOIN numbered AS first ON first.identifier_index = components.component_index
        """,
    )
    return "sql_names"


def describe(
    engine: Engine, table: str, node: str = "identifier_index", component: str = "component_index"
) -> tuple[int, int, str]:
    """Nodes, components, and a text that changes with any label."""
    count = engine.value(f"SELECT COUNT(DISTINCT {component}) FROM {table}")
    return engine.row_count(table), count, engine.fingerprint(table, [node, component])


def _size_components(random: np.random.Generator, nodes: int, components: int) -> Ints:
    """The longest chain, the long ones, and the rest cut at random places."""
    long = [int(nodes * LONGEST_SHARE), *[int(nodes * LONG_SHARE / LONG_COUNT)] * LONG_COUNT]
    rest, count = nodes - sum(long), components - len(long)
    # Twos, so that everybody has a link.
    spare = np.sort(random.choice(np.arange(1, rest - 2 * count), count - 1, replace=False))
    return np.r_[long, np.diff(np.r_[0, spare, rest - 2 * count]) + 2]


def main() -> None:
    """Print the comparisons."""
    count = int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else LINKS
    for make in (make_chains_and_bushes, make_stars, make_one_chain):
        graph = make(count)
        show(graph)
        show_texts(graph)


if __name__ == "__main__":
    main()
