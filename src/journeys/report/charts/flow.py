"""The geometry of a Sankey: which nodes stand where, computed here so that it is the same on every run.

Plotly scales nodes by the tightest column and reads `x` and `y` as the middle of a node; both facts are used below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from journeys.report.formats import read_rows, whole

CONVERTED, END, MORE, OTHER, OPEN, DROPPED = "(converted)", "(end)", "(more)", "(other)", "(open)", "(dropped)"
# Where a path stops. `(other)` is no end: people come back from it.
ENDS = (CONVERTED, END, MORE, OPEN, DROPPED)
NODE_THICKNESS = 12
_EMPTY_HEIGHT = 300
_ROW_HEIGHT = 22
_SMALLEST_SLOT = 12
_SMALLEST_GAP = 7
_FOOT_GAP = 26
_EDGE = 0.001

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

    `height`, `pad` (between nodes) and `scale` (per person) are in pixels; the places hold for these alone.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    height: int
    pad: float
    scale: float

    @property
    def entrant_count(self) -> int:
        """Everyone at the first step."""
        first = min((node.step_index for node in self.nodes), default=0)
        return sum(node.count for node in self.nodes if node.step_index == first)

    @property
    def step_indexes(self) -> tuple[int, ...]:
        """Columns from left to right."""
        return tuple(sorted({node.step_index for node in self.nodes}))


def lay_out(frame: pd.DataFrame, stage_rank: Mapping[str, int]) -> Flow:
    """Place the nodes of links by position.

    A name keeps its rank in every column: by stage, then by how many people it sees in all, then by name. Goals stand
    on top, `(other)` and `(more)` under the names, the open and the dropped at the foot.

    Args:
        frame: step_index, from_step, to_step, count; links without people are left out, equal ones are added up.
        stage_rank: touchpoint -> place of its stage; the others come after all stages.
    """
    counts: dict[tuple[Key, Key], int] = defaultdict(int)
    for row in read_rows(frame):
        step = whole(row["step_index"])
        counts[(step, str(row["from_step"])), (step + 1, str(row["to_step"]))] += whole(row["count"])
    counts = {pair: count for pair, count in counts.items() if count > 0}
    inflow: dict[Key, int] = defaultdict(int)
    outflow: dict[Key, int] = defaultdict(int)
    totals: dict[str, int] = defaultdict(int)
    for (source, target), count in counts.items():
        outflow[source] += count
        inflow[target] += count
        totals[source[1]] += count

    def rank(key: Key) -> tuple[int, int, int, str]:
        name = key[1]
        group = {CONVERTED: 0, OTHER: 2, MORE: 3, END: 4, OPEN: 5, DROPPED: 6}.get(name, 1)
        if outflow[key] and name != OTHER:
            group = 1
        return group, stage_rank.get(name, len(stage_rank)), -totals[name], name

    columns: dict[int, list[Key]] = defaultdict(list)
    for key in sorted({*inflow, *outflow}, key=lambda key: (key[0], rank(key))):
        columns[key[0]].append(key)
    places, pad, scale, height = _place(
        [[max(inflow[key], outflow[key]) for key in keys] for keys in columns.values()],
        [sum(key[1] in (OPEN, DROPPED) and not outflow[key] for key in keys) for keys in columns.values()],
    )
    last = max(1, len(columns) - 1)
    nodes = [
        Node(key, inflow[key], outflow[key], _inside(column / last), _inside(middle / height))
        for column, (keys, middles) in enumerate(zip(columns.values(), places, strict=True))
        for key, middle in zip(keys, middles, strict=True)
    ]
    place_of = {node.key: place for place, node in enumerate(nodes)}
    links = [Link(source, target, count) for (source, target), count in counts.items()]
    links.sort(key=lambda link: (place_of[link.source], place_of[link.target]))
    return Flow(tuple(nodes), tuple(links), height, pad, scale)


def _place(columns: list[list[int]], foot_counts: list[int]) -> tuple[list[list[float]], float, float, int]:
    """Find the largest scale at which every column fits, and the padding that makes Plotly use that scale.

    Args:
        columns: sizes of the nodes of each column from top to bottom.
        foot_counts: how many of each column's last nodes stand at the foot.

    Returns:
        The middles of the nodes of each column, the padding, the scale and the height, all in pixels.
    """
    height = _EMPTY_HEIGHT + _ROW_HEIGHT * max(map(len, columns), default=0)

    def stacks(scale: float) -> list[tuple[list[float], float, list[float], float]]:
        pairs = zip(columns, foot_counts, strict=True)
        cut = [(sizes[: len(sizes) - feet], sizes[len(sizes) - feet :]) for sizes, feet in pairs]
        return [(*_stack(upper, scale), *_stack(lower, scale)) for upper, lower in cut]

    low, high = 0.0, min((height / sum(sizes) for sizes in columns), default=0.0)
    for _ in range(40):
        scale = (low + high) / 2
        fits = all(top + foot + (_FOOT_GAP if top and foot else 0) <= height for _, top, _, foot in stacks(scale))
        low, high = (scale, high) if fits else (low, scale)
    # Plotly's own scale is min over columns of (height - (nodes - 1) * pad) / sum: solved for the padding.
    pads = [(height - low * sum(sizes)) / (len(sizes) - 1) for sizes in columns if len(sizes) > 1]
    places = [
        [*middles, *(height - foot + middle for middle in foot_middles)]
        for middles, _, foot_middles, foot in stacks(low)
    ]
    return places, round(min(pads, default=0.0), 3), low, height


def _stack(sizes: list[int], scale: float) -> tuple[list[float], float]:
    """Put boxes under each other, thin ones with room for a label: their middles and the whole height."""
    middles, top = [], 0.0
    for size in sizes:
        slot = max(size * scale, _SMALLEST_SLOT)
        middles.append(top + slot / 2)
        top += slot + _SMALLEST_GAP
    return middles, max(0.0, top - _SMALLEST_GAP)


def _inside(position: float) -> float:
    """Keep a position off 0 and 1: Plotly takes 0 as 'not given'."""
    return round(min(max(position, _EDGE), 1 - _EDGE), 5)
