"""The alarm on persons of very many identifiers: most often one value too many that identifies nobody."""

from __future__ import annotations

import pyarrow as pa

from journeys.warehouse import Engine

_SHOWN = 5
_MOST_IDENTIFIERS = 50_000  # beyond, the search for weak places takes minutes, and any of them is weak


def find_large_persons(engine: Engine, *, alarm_size: int) -> None:
    """Write `large_persons`: person_id, identifier_count, bridges.

    `bridges` names, as text, the identifiers without which the person would fall apart (articulation points of the
    graph of links), those between the largest parts first: where to look for the value that should be blocked.

    Args:
        engine: holds `person_identifiers` and `identity_edges`.
        alarm_size: a person of more identifiers is written.
    """
    sizes = engine.rows(
        "SELECT person_id, COUNT(*) FROM person_identifiers GROUP BY person_id HAVING COUNT(*) > $alarm_size "
        "ORDER BY 2 DESC, 1",
        {"alarm_size": alarm_size},
    )
    bridges = [_name_bridges(engine, person) if size <= _MOST_IDENTIFIERS else "" for person, size in sizes]
    engine.load(
        "large_persons",
        pa.table(
            {
                "person_id": pa.array([person for person, _ in sizes], pa.string()),
                "identifier_count": pa.array([size for _, size in sizes], pa.int64()),
                "bridges": pa.array(bridges, pa.string()),
            }
        ),
    )


def _name_bridges(engine: Engine, person_id: str) -> str:
    import networkx as nx

    # A refused link has both ends in one person only where a rule gives a shared device to its owner.
    links = engine.rows(
        """
        WITH own AS (SELECT identifier_kind, identifier_value FROM person_identifiers WHERE person_id = $person_id)
        SELECT DISTINCT a_kind || ':' || a_value, b_kind || ':' || b_value FROM identity_edges
        INNER JOIN own AS a ON a.identifier_kind = a_kind AND a.identifier_value = a_value
        INNER JOIN own AS b ON b.identifier_kind = b_kind AND b.identifier_value = b_value
        ORDER BY 1, 2
        """,
        {"person_id": person_id},
    )
    graph = nx.Graph(links)
    points = sorted(nx.articulation_points(graph), key=lambda point: (-graph.degree(point), point))
    return ", ".join(points[:_SHOWN])
