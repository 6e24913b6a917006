"""Connected components of a graph of links, by contraction in SQL."""

from __future__ import annotations

import pyarrow as pa

from journeys.warehouse import Engine, select_model

# What few links are left is labelled at once: a round on them costs more in statements than in work.
FEW_LINKS = 20_000
_MOST_ROUNDS = 200


def find_components(engine: Engine, links: str) -> None:
    """Write `components` (identifier_index, component_index): what hangs together, by its smallest index.

    Rounds of contraction: every node takes the name of its lowest neighbour, the links between equal names vanish, and
    the next round looks at the names that are left, until few are. The number of rounds grows with the logarithm of the
    longest chain, and each is smaller than the one before. After Bögeholz, Brand and Todor, In-database connected
    component analysis (ICDE 2020), and the hooking and jumping of Shiloach and Vishkin (1982).

    Args:
        engine: holds the links and takes the table.
        links: a table of `a_index`, `b_index`, numbers from 1 to 2,147,483,646; no link may stand twice.
    """
    engine.run(f"CREATE OR REPLACE TEMP VIEW plain_links AS SELECT a_index, b_index FROM {links}")
    engine.save("open_links", *select_model("shuffled_links"))
    rounds = 0
    while engine.row_count("open_links") > FEW_LINKS:
        assert rounds < _MOST_ROUNDS, "contraction leaves fewer links each round"
        _label(engine, rounds)
        engine.save("contracted_links", *select_model("contracted_links"))
        _rename(engine, "contracted_links", "open_links")
        engine.run(f"ALTER TABLE node_labels RENAME TO {_labels(rounds)}")
        rounds += 1
    _label_few(engine)
    for number in reversed(range(rounds)):
        engine.run(f"ALTER TABLE {_labels(number)} RENAME TO node_labels")
        engine.save("traced_labels", *select_model("traced_labels"))
        engine.run("DROP TABLE node_labels")
        _rename(engine, "traced_labels", "later_labels")
    engine.save("components", *select_model("components"))
    for name in ("open_links", "later_labels"):
        engine.run(f"DROP TABLE {name}")
    engine.run("DROP VIEW plain_links")


def _label(engine: Engine, rounds: int) -> None:
    """Name the nodes of a round; later rounds jump oftener, which only an unlucky order of numbers needs."""
    engine.save("node_labels", *select_model("lower_labels"))
    for _ in range(1 + rounds // 4):
        engine.save("jumped_labels", *select_model("jumped_labels"))
        _rename(engine, "jumped_labels", "node_labels")


def _label_few(engine: Engine) -> None:
    """Write `later_labels` of the links that are left: each node is called after the lowest of its component."""
    from networkx.utils import UnionFind

    groups = UnionFind()
    for low, high in engine.rows("SELECT low, high FROM open_links"):
        groups.union(low, high)
    labels = [(node, lowest) for group in groups.to_sets() for lowest in [min(group)] for node in group - {lowest}]
    engine.load(
        "later_labels",
        pa.table(
            {
                "node": pa.array([node for node, _ in labels], pa.int32()),
                "label": pa.array([label for _, label in labels], pa.int32()),
            }
        ),
    )


def _rename(engine: Engine, old: str, new: str) -> None:
    engine.run(f"DROP TABLE {new}")
    engine.run(f"ALTER TABLE {old} RENAME TO {new}")


def _labels(number: int) -> str:
    return f"node_labels_{number}"
