"""Places for a graph of steps: stages are columns, names are rows, and nothing depends on chance or on counts."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

START, END = "(start)", "(end)"
NO_STAGE = "no stage"
_MOST_COLUMNS = 5

Pair = tuple[str, str]


@dataclass(frozen=True)
class Places:
    """Where nodes stand: name -> (column from 0, row from 0), rows counted from the top; heading of each column.

    `order` is the direction of travel: an edge to a lower number leads back.
    """

    at: Mapping[str, tuple[int, float]]
    headings: Sequence[str]
    order: Mapping[str, int]

    def leads_back(self, pair: Pair) -> bool:
        """Say whether an edge goes against the direction of travel."""
        return self.order[pair[1]] < self.order[pair[0]]


def place_nodes(
    names: Iterable[str], edges: Mapping[Pair, int], stages: Mapping[str, str], stage_order: Sequence[str]
) -> Places:
    """Place the nodes of a graph.

    With stages a column is a stage, and only edges to an earlier stage lead back. Without any the nodes stand in the
    order that lets few transitions lead back, cut into columns.

    Args:
        names: the nodes.
        edges: (from, to) -> transitions.
        stages: name -> stage.
        stage_order: stages from first to last.
    """
    wanted = sorted(set(names))
    inner = [name for name in wanted if name not in (START, END)]
    if any(name in stages for name in inner):
        headed = [(stage, [name for name in inner if stages.get(name) == stage]) for stage in stage_order]
        headed.append((NO_STAGE, [name for name in inner if stages.get(name) not in stage_order]))
    else:
        ordered = order_nodes(inner, edges)
        size = max(1, math.ceil(len(ordered) / min(_MOST_COLUMNS, math.ceil(math.sqrt(len(ordered) or 1)))))
        headed = [("", ordered[at : at + size]) for at in range(0, len(ordered), size)]
    headed = [("", [START])] * (START in wanted) + headed + [("", [END])] * (END in wanted)
    columns = [(heading, members) for heading, members in headed if members]
    tallest = max((len(members) for _, members in columns), default=0)
    at = {
        name: (column, row + (tallest - len(members)) / 2)
        for column, (_, members) in enumerate(columns)
        for row, name in enumerate(members)
    }
    has_stages = any(heading for heading, _ in columns)
    numbers = range(len(at))
    order = {name: at[name][0] for name in at} if has_stages else dict(zip(at, numbers, strict=True))
    return Places(at, [heading for heading, _ in columns], order)


def order_nodes(names: Sequence[str], edges: Mapping[Pair, int]) -> list[str]:
    """Order nodes so that few transitions lead back; equal ones by name.

    Source: Eades, Lin and Smyth (1993), 'A fast and effective heuristic for the feedback arc set problem': what nothing
    comes to stands first, what nothing leaves last, else the node that most more leave than come to is next.
    """
    left, right = [], []
    rest = sorted(names)
    while rest:
        out: dict[str, int] = defaultdict(int)
        come: dict[str, int] = defaultdict(int)
        for (source, target), count in edges.items():
            if source != target and source in rest and target in rest:
                out[source] += count
                come[target] += count
        if sink := next((name for name in rest if not out[name] and come[name]), None):
            right.append(sink)
            rest.remove(sink)
            continue
        first = next((name for name in rest if not come[name]), None)
        first = first if first is not None else min(rest, key=lambda name: (come[name] - out[name], name))
        left.append(first)
        rest.remove(first)
    return left + right[::-1]
