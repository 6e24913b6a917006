"""Connected components of a graph of links, by contraction in SQL."""

from __future__ import annotations

from journeys.warehouse import Engine, select_model

# Odd, well spread and coprime to the prime of node_labels.sql; their product with a 32-bit number fits 64 bits.
_FACTORS = (1_540_483_477, 668_265_261, 374_761_393, 1_274_126_177, 951_274_213)
_MOST_ROUNDS = 64


def find_components(engine: Engine, links: str) -> None:
    """Write `components` (identifier_index, component_index): what hangs together, by its smallest index.

    Rounds of contraction, each of two joins and two groupings; their number grows with the logarithm of the longest
    chain, and the work halves from round to round.

    Args:
        engine: holds the links and takes the table.
        links: a table of `a_index`, `b_index`, numbers below 4,294,967,291; each at most a link to itself or twice.
    """
    engine.save("open_links", f"SELECT a_index, b_index FROM {links}")
    rounds = 0
    while engine.row_count("open_links"):
        assert rounds < _MOST_ROUNDS, "contraction halves the links each round"
        engine.save("node_labels", *select_model("node_labels", {"factor": _FACTORS[rounds % len(_FACTORS)]}))
        engine.save("contracted_links", *select_model("contracted_links"))
        engine.run("DROP TABLE open_links")
        engine.run("ALTER TABLE contracted_links RENAME TO open_links")
        engine.run(f"ALTER TABLE node_labels RENAME TO {_labels(rounds)}")
        rounds += 1
    engine.save("later_labels", "SELECT CAST(0 AS BIGINT) AS node, CAST(0 AS BIGINT) AS label LIMIT 0")
    for number in reversed(range(rounds)):
        engine.run(f"ALTER TABLE {_labels(number)} RENAME TO node_labels")
        engine.save("traced_labels", *select_model("traced_labels", {"round": number}))
        engine.run("DROP TABLE node_labels")
        engine.run("DROP TABLE later_labels")
        engine.run("ALTER TABLE traced_labels RENAME TO later_labels")
    engine.save("components", *select_model("components"))
    for name in ("open_links", "later_labels"):
        engine.run(f"DROP TABLE {name}")


def _labels(number: int) -> str:
    return f"node_labels_{number}"
