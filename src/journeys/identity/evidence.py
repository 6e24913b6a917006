"""What somebody said about who is who: overrides, as tables the models read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from journeys.privacy import protect_value
from journeys.sources.identifiers import normalise
from journeys.warehouse import Engine

if TYPE_CHECKING:
    from journeys.config import Settings

_LINK_COLUMNS = ("link", "a_kind", "a_value", "b_kind", "b_value", "author", "reason")
_GROUP_COLUMNS = ("identifier_kind", "identifier_value", "group_name")


def load_overrides(engine: Engine, settings: Settings) -> None:
    """Write the overrides, their values made alike as those of the data are.

    `override_links`: link ('must' or 'cannot'), a_kind, a_value, b_kind, b_value, author, reason; a stands before b.
    `must_groups`: identifier_kind, identifier_value, group_name: what must-links hold together.
    """
    kinds = {kind.name: kind for kind in settings.identity.kinds}
    rows: list[tuple[str, ...]] = []
    for override in settings.identity.overrides:
        ends = []
        for kind, given in ((override.a_kind, override.a_value), (override.b_kind, override.b_value)):
            value, reason = normalise(kinds[kind], protect_value(kind, given, settings), settings.identity)
            assert value is not None, f"refused when the configuration was read: {reason}"
            ends.append((kind, value))
        a, b = sorted(ends)
        rows.append((override.link, *a, *b, override.author, override.reason))
    _load_texts(engine, "override_links", _LINK_COLUMNS, rows)
    _load_texts(engine, "must_groups", _GROUP_COLUMNS, _group(rows))


def load_no_overrides(engine: Engine) -> None:
    """Write the tables of `load_overrides` without a row."""
    _load_texts(engine, "override_links", _LINK_COLUMNS, [])
    _load_texts(engine, "must_groups", _GROUP_COLUMNS, [])


def _group(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    import networkx as nx

    graph = nx.Graph([(row[1:3], row[3:5]) for row in rows if row[0] == "must"])
    groups: list[tuple[str, ...]] = []
    for members in nx.connected_components(graph):
        name = ":".join(min(members))
        groups += [(kind, value, name) for kind, value in sorted(members)]
    return groups


def _load_texts(engine: Engine, name: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    engine.load(
        name, pa.table({column: pa.array(cells, pa.string()) for column, cells in zip(columns, values, strict=True)})
    )
