"""How a person's identifiers hang together: the accepted evidence, and what the guards refused of it."""

from __future__ import annotations

from typing import Any

from journeys.identity.explanation import Evidence, Link, Member, Refusal, moment_text
from journeys.warehouse import Engine

_OWN = "SELECT identifier_kind, identifier_value FROM person_identifiers WHERE person_id = $person_id"


def read_refusals(engine: Engine, person_id: str) -> tuple[Refusal, ...]:
    """Return what the guards refused around a person's identifiers, by guard, the most frequent first."""
    rows = engine.rows(
        f"""
        WITH own AS ({_OWN}),
        touching AS (
          SELECT identity_refusals.* FROM identity_refusals INNER JOIN own
            ON own.identifier_kind = identity_refusals.identifier_kind
            AND own.identifier_value = identity_refusals.identifier_value
          WHERE guard <> 'blocked'
          UNION
          SELECT identity_refusals.* FROM identity_refusals INNER JOIN own
            ON own.identifier_kind = identity_refusals.other_kind
            AND own.identifier_value = identity_refusals.other_value
        )
        SELECT guard, identifier_kind || ':' || identifier_value, other_kind || ':' || other_value, source, event_count,
          reason
        FROM touching ORDER BY guard, event_count DESC, 2, 3, source
        """,
        {"person_id": person_id},
    )
    return tuple(Refusal(*row) for row in rows)


def read_members(engine: Engine, person_id: str, identifier: str, refused: tuple[Refusal, ...]) -> tuple[Member, ...]:
    """Return a person's identifiers with their chains from one of them.

    Args:
        engine: shows the tables of the snapshot.
        person_id: the person.
        identifier: the one asked for, as KIND:VALUE.
        refused: what the guards refused around the person's identifiers: no chain leads over it.

    Returns:
        The identifier asked for, then those fewest links away, then those that no accepted evidence leads to.
    """
    links = _find_links(engine, person_id, identifier, refused)
    rows = engine.rows(
        f"""
        WITH own AS ({_OWN})
        SELECT own.identifier_kind || ':' || own.identifier_value AS identifier, first_seen_us, last_seen_us,
          event_count, is_composite, guard
        FROM own
        INNER JOIN identifiers ON identifiers.identifier_kind = own.identifier_kind
          AND identifiers.identifier_value = own.identifier_value
        LEFT JOIN guarded_identifiers ON guarded_identifiers.identifier_kind = own.identifier_kind
          AND guarded_identifiers.identifier_value = own.identifier_value
        ORDER BY identifiers.strength DESC, first_seen_us NULLS LAST, identifier
        """,
        {"person_id": person_id},
    )
    members = [
        Member(name, moment_text(first), moment_text(last), count, is_composite, guard, links.get(name))
        for name, first, last, count, is_composite, guard in rows
    ]
    place = {name: index for index, name in enumerate([identifier, *links])}
    return tuple(sorted(members, key=lambda member: place.get(member.identifier, len(place))))


def _find_links(engine: Engine, person_id: str, identifier: str, refused: tuple[Refusal, ...]) -> dict[str, Link]:
    """Return for each identifier reached the last link of the shortest accepted chain to it, nearest first."""
    import networkx as nx

    parted = {frozenset((each.identifier, each.other)) for each in refused}
    rows = engine.rows(
        f"""
        WITH own AS ({_OWN})
        SELECT a_kind || ':' || a_value AS a, b_kind || ':' || b_value AS b, source, rule, first_seen_us, last_seen_us,
          event_count
        FROM identity_edges
        INNER JOIN own AS own_a ON own_a.identifier_kind = a_kind AND own_a.identifier_value = a_value
        INNER JOIN own AS own_b ON own_b.identifier_kind = b_kind AND own_b.identifier_value = b_value
        ORDER BY a, b, rule, source
        """,
        {"person_id": person_id},
    )
    graph: Any = nx.Graph()
    graph.add_node(identifier)
    for a, b, source, rule, first, last, count in rows:
        # A must-link stands whatever the guards say.
        if rule == "must_link" or frozenset((a, b)) not in parted:
            known = graph.get_edge_data(a, b, {"evidence": ()})["evidence"]
            graph.add_edge(
                a, b, evidence=(*known, Evidence(source, rule, moment_text(first), moment_text(last), count))
            )
    return {to: Link(start, to, graph.edges[start, to]["evidence"]) for start, to in nx.bfs_edges(graph, identifier)}
