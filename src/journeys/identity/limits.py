"""Limits per person: a component that cannot be one person is put together again, strongest evidence first.

Like Kruskal's algorithm: links are taken in the order of their strength, and one that would give a person more
identifiers of a kind than a person may have, or join two that somebody forbade, is refused. The order is total and
knows nothing of the order of rows, so that the same evidence always gives the same persons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter

import pyarrow as pa

from journeys.warehouse import Engine, build


class Parts:
    """Identifiers that grow together into persons, within the limits.

    Args:
        kinds: kind of each identifier, by index.
        limits: most identifiers of a kind that one person has.
        forbidden: for an identifier, those of the others it must not be linked with.
    """

    def __init__(
        self, kinds: Mapping[int, str], limits: Mapping[str, int], forbidden: Mapping[int, frozenset[int]]
    ) -> None:
        self._limits = limits
        self._forbidden = forbidden
        self._parent = {index: index for index in kinds}
        self._members = {index: [index] for index in kinds}
        self._counts = {index: Counter([kind]) for index, kind in kinds.items()}

    def find(self, index: int) -> int:
        """Return the part an identifier is in."""
        root = index
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[index] != root:
            self._parent[index], index = root, self._parent[index]
        return root

    def join(self, a: int, b: int) -> None:
        """Make one part of the two that hold these identifiers."""
        larger, smaller = self.find(a), self.find(b)
        if larger == smaller:
            return
        if len(self._members[larger]) < len(self._members[smaller]):
            larger, smaller = smaller, larger
        self._parent[smaller] = larger
        self._members[larger] += self._members.pop(smaller)
        self._counts[larger] += self._counts.pop(smaller)

    def find_objection(self, a: int, b: int) -> tuple[str, str] | None:
        """Say which guard refuses to join the parts of these identifiers, and why; None when nothing does."""
        one, other = self.find(a), self.find(b)
        if one == other:
            return None
        smaller, larger = sorted((one, other), key=lambda root: len(self._members[root]))
        for member in self._members[smaller] if self._forbidden else ():
            if any(self.find(each) == larger for each in self._forbidden.get(member, ())):
                return "cannot_link", "would join two identifiers that an override keeps apart"
        for kind, count in sorted(self._counts[smaller].items()):
            there = self._counts[larger][kind]
            if there and count + there > self._limits[kind]:
                return "limit", f"would give a person {count + there} of kind {kind}, allowed {self._limits[kind]}"
        return None

    def label(self) -> dict[int, int]:
        """Return for each identifier the smallest index of its part."""
        smallest = {root: min(members) for root, members in self._members.items()}
        return {index: smallest[self.find(index)] for index in self._parent}


def apply_limits(engine: Engine) -> None:
    """Cut the components that cannot be one person.

    Reads `components`, `candidate_links`, `numbered_identifiers`, `identifier_kinds` and `override_links`; writes
    `cut_components` (identifier_index, component_index) for the identifiers of those components, and `refused_links`
    (a_index, b_index, guard, reason).
    """
    build(engine, ["crowded_links"])
    kinds = _read_kinds(engine)
    limits = dict(engine.rows("SELECT identifier_kind, person_limit FROM identifier_kinds"))
    forbidden = _read_forbidden(engine)
    labels: dict[int, int] = {}
    refused: list[tuple[int, int, str, str]] = []
    links = engine.rows("SELECT component_index, a_index, b_index, is_must FROM crowded_links ORDER BY 1, link_rank")
    for _, component in groupby(links, key=itemgetter(0)):
        own = list(component)
        members = {index for _, a, b, _ in own for index in (a, b)}
        apart = {index: forbidden[index] & members for index in forbidden.keys() & members}
        parts = Parts({index: kinds[index] for index in members}, limits, apart)
        refused += _grow(parts, own)
        labels |= parts.label()
    engine.load(
        "cut_components",
        pa.table(
            {
                "identifier_index": pa.array(list(labels), pa.int64()),
                "component_index": pa.array(list(labels.values()), pa.int64()),
            }
        ),
    )
    columns = list(zip(*refused, strict=True)) if refused else [(), (), (), ()]
    types = (pa.int64(), pa.int64(), pa.string(), pa.string())
    names = ("a_index", "b_index", "guard", "reason")
    engine.load(
        "refused_links",
        pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, types, strict=True)}),
    )
    engine.run("DROP TABLE crowded_links")


def _grow(parts: Parts, links: Iterable[tuple[int, int, int, bool]]) -> list[tuple[int, int, str, str]]:
    """Take the links in their order; return those that were refused."""
    refused = []
    for _, a, b, is_must in links:
        objection = None if is_must else parts.find_objection(a, b)
        if objection:
            refused.append((a, b, *objection))
        else:
            parts.join(a, b)
    return refused


def _read_kinds(engine: Engine) -> dict[int, str]:
    return dict(
        engine.rows(
            """
            SELECT identifier_index, identifier_kind FROM numbered_identifiers WHERE identifier_index IN (
              SELECT a_index FROM crowded_links UNION SELECT b_index FROM crowded_links)
            """
        )
    )


def _read_forbidden(engine: Engine) -> dict[int, frozenset[int]]:
    """Return, for each identifier that an override keeps apart from others, those others."""
    rows = engine.rows(
        """
        SELECT DISTINCT a.identifier_index, b.identifier_index
        FROM override_links
        INNER JOIN numbered_identifiers AS a ON a.identifier_kind = a_kind AND a.identifier_value = a_value
        INNER JOIN numbered_identifiers AS b ON b.identifier_kind = b_kind AND b.identifier_value = b_value
        WHERE link = 'cannot'
        """
    )
    apart: dict[int, set[int]] = {}
    for a, b in rows:
        apart.setdefault(a, set()).add(b)
        apart.setdefault(b, set()).add(a)
    return {index: frozenset(others) for index, others in apart.items()}
