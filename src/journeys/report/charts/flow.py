"""The geometry of a Sankey: which nodes stand where, computed here so that it is the same on every run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from journeys.report.charts.stack import Columns, Stacks, stack_alike
from journeys.report.formats import read_rows, whole

CONVERTED, END, MORE, OTHER, OPEN, DROPPED = "(converted)", "(end)", "(more)", "(other)", "(open)", "(dropped)"
# Where a path stops. `(other)` is no end: people come back from it.
ENDS = (CONVERTED, END, MORE, OPEN, DROPPED)
NODE_THICKNESS = 12
_EDGE = 0.001
# Groups of nodes from this on stand at the foot of their column.
_FOOT = 5

Key = tuple[int, str]


@dataclass(frozen=True)
class Link:
    """People who went from one node to a node of the next column."""

    source: Key
    target: Key
    count: int


@dataclass(frozen=True)
class Node:
    """A name at a step, with who came, who left and its place (middle, 0..1 from the left and from the top)."""

    key: Key
    inflow: int
    outflow: int
    x: float
    y: float

    @property
    def step_index(self) -> int:
        """Column, from 1."""
        return self.key[0]

    @property
    def name(self) -> str:
        """Name as in the data."""
        return self.key[1]

    @property
    def count(self) -> int:
        """Everyone at this node."""
        return max(self.inflow, self.outflow)

    @property
    def is_end(self) -> bool:
        """Nobody goes on from here, by name: a touchpoint that happens to bear such a name still has people who do."""
        return self.name in ENDS and self.outflow == 0


@dataclass(frozen=True)
class Flow:
    """Nodes in drawing order (column by column, top to bottom) and links sorted by the places of their ends.

    `height`, `pad` (between nodes) and `scale` (per weighed person) are in pixels; the places hold for these alone.
    `weight` makes a count a size: 1, or one part of all entrants.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    height: int
    pad: float
    scale: float
    weight: float

    @property
    def entrant_count(self) -> int:
        """Everyone at the first step."""
        first = min((node.step_index for node in self.nodes), default=0)
        return sum(node.count for node in self.nodes if node.step_index == first)

    @property
    def step_indexes(self) -> tuple[int, ...]:
        """Columns from left to right."""
        return tuple(sorted({node.step_index for node in self.nodes}))


@dataclass(frozen=True)
class Look:
    """What the names of a chart's steps stand for.

    Attributes:
        stages: name -> stage.
        touchpoints: name -> touchpoint, for numbered re-visits; the others are their own.
        ranks: stage -> place; names without a stage come after all.
    """

    stages: Mapping[str, str] = field(default_factory=dict)
    touchpoints: Mapping[str, str] = field(default_factory=dict)
    ranks: Mapping[str, int] = field(default_factory=dict)

    def touchpoint(self, name: str) -> str:
        """Return the touchpoint behind a name."""
        return self.touchpoints.get(name, name)

    def order(self, name: str) -> tuple[int, str, int, str]:
        """Return what names are sorted by: stage, touchpoint, number of the visit; never a count."""
        place = self.ranks.get(self.stages.get(name, ""), len(self.ranks))
        return place, self.touchpoint(name), len(name), name


def lay_out(frame: pd.DataFrame, look: Look) -> Flow:
    """Place the nodes of links by position.

    A name keeps its rank in every column and whatever the counts: by stage, then by name. Goals stand on top,
    `(other)` and `(more)` under the names, the open and the dropped at the foot.

    Args:
        frame: step_index, from_step, to_step, count; links without people are left out, equal ones are added up.
        look: the stages of the names and their order.
    """
    return lay_out_alike([frame], look)[0]


def lay_out_alike(frames: Sequence[pd.DataFrame], look: Look, *, is_share: bool = False) -> list[Flow]:
    """Place the nodes of several sets of links on one scale and with the same columns.

    Args:
        frames: as for `lay_out`.
        look: the stages of the names and their order.
        is_share: the scale is of shares of each frame's entrants; else of units.
    """
    drafts = [_Draft(frame, look, is_share=is_share) for frame in frames]
    steps = sorted({step for draft in drafts for step in draft.columns})
    stacks = stack_alike([draft.boxes() for draft in drafts])
    return [draft.finish(stack, steps) for draft, stack in zip(drafts, stacks, strict=True)]


class _Draft:
    """Counted links, their nodes in order, not yet placed."""

    def __init__(self, frame: pd.DataFrame, look: Look, *, is_share: bool) -> None:
        self.counts: dict[tuple[Key, Key], int] = defaultdict(int)
        for row in read_rows(frame):
            if (count := whole(row["count"])) > 0:
                step = whole(row["step_index"])
                self.counts[(step, str(row["from_step"])), (step + 1, str(row["to_step"]))] += count
        self.inflow: dict[Key, int] = defaultdict(int)
        self.outflow: dict[Key, int] = defaultdict(int)
        for (source, target), count in self.counts.items():
            self.outflow[source] += count
            self.inflow[target] += count
        self.columns: dict[int, list[Key]] = defaultdict(list)
        for key in sorted(
            {*self.inflow, *self.outflow}, key=lambda key: (key[0], self._group(key), look.order(key[1]))
        ):
            self.columns[key[0]].append(key)
        entrants = sum(self._size(key) for key in self.columns[min(self.columns)]) if self.columns else 0
        self.weight = 1 / entrants if is_share and entrants else 1.0

    def _group(self, key: Key) -> int:
        if self.outflow[key] and key[1] != OTHER:
            return 1
        return {CONVERTED: 0, OTHER: 2, MORE: 3, END: 4, OPEN: 5, DROPPED: 6}.get(key[1], 1)

    def _size(self, key: Key) -> int:
        return max(self.inflow[key], self.outflow[key])

    def boxes(self) -> Columns:
        """Return the sizes of the nodes, column by column."""
        return Columns(
            [[self._size(key) * self.weight for key in keys] for keys in self.columns.values()],
            [sum(self._group(key) >= _FOOT for key in keys) for keys in self.columns.values()],
        )

    def finish(self, stacks: Stacks, steps: Sequence[int]) -> Flow:
        """Place the nodes among the columns of these steps."""
        last = max(1, len(steps) - 1)
        nodes = [
            Node(
                key,
                self.inflow[key],
                self.outflow[key],
                _inside(steps.index(step) / last),
                _inside(middle / stacks.height),
            )
            for (step, keys), middles in zip(self.columns.items(), stacks.middles, strict=True)
            for key, middle in zip(keys, middles, strict=True)
        ]
        place_of = {node.key: place for place, node in enumerate(nodes)}
        links = [Link(source, target, count) for (source, target), count in self.counts.items()]
        links.sort(key=lambda link: (place_of[link.source], place_of[link.target]))
        return Flow(tuple(nodes), tuple(links), round(stacks.height), stacks.pad, stacks.scale, self.weight)


def _inside(position: float) -> float:
    """Keep a position off 0 and 1: Plotly takes 0 as 'not given'."""
    return round(min(max(position, _EDGE), 1 - _EDGE), 5)
