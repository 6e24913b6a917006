"""The alarm on persons of very many identifiers: most often one value too many that identifies nobody."""

from __future__ import annotations

import networkx as nx
import pyarrow as pa

from journeys.warehouse import Engine

_SHOWN = 5
_MOST_IDENTIFIERS = 50_000  # beyond, the search for weak places takes minutes, and any of them is weak


def find_large_persons(engine: Engine, *, alarm_size: int) -> None:
    """Write `large_persons`: person_id, identifier_count, bridges.

    `bridges` names, as text, the identifiers without which the person would fall apart (articulation points of the
    graph of links), those between the largest parts first: where to look for the value that should be blocked.

    Args:
        engine: holds `person_identifiers`, `identity_edges` and `identity_refusals`.
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
    graph = nx.Graph(read_links(engine, person_id))
    points = sorted(nx.articulation_points(graph), key=lambda point: (-graph.degree(point), point))
    return ", ".join(":".join(point) for point in points[:_SHOWN])


def read_links(engine: Engine, person_id: str) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Return the accepted links between the identifiers of a person, each end as (kind, value)."""
    rows = engine.rows(
        """
        WITH own AS (SELECT identifier_kind, identifier_value FROM person_identifiers WHERE person_id = $person_id)
        SELECT DISTINCT a_kind, a_value, b_kind, b_value FROM identity_edges
        INNER JOIN own AS a ON a.identifier_kind = a_kind AND a.identifier_value = a_value
        INNER JOIN own AS b ON b.identifier_kind = b_kind AND b.identifier_value = b_value
        WHERE rule = 'must_link' OR NOT EXISTS (
          SELECT 1 FROM identity_refusals AS refused
          WHERE (refused.identifier_kind = a_kind AND refused.identifier_value = a_value
            AND refused.other_kind = b_kind AND refused.other_value = b_value)
            OR (refused.identifier_kind = b_kind AND refused.identifier_value = b_value
            AND refused.other_kind = a_kind AND refused.other_value = a_value))
        ORDER BY 1, 2, 3, 4
        """,
        {"person_id": person_id},
    )
    return [((a_kind, a_value), (b_kind, b_value)) for a_kind, a_value, b_kind, b_value in rows]
