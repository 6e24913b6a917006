"""The parts of a Sankey: its trace, the names of its steps and of its last nodes, and what a hover tells."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.insights.statistics.intervals import MIN_BASE, wilson_interval
from journeys.report.charts.flow import (
    CONVERTED,
    DROPPED,
    END,
    MORE,
    NODE_THICKNESS,
    OPEN,
    OTHER,
    Flow,
    Link,
    Look,
    Node,
)  # fmt: skip
from journeys.report.formats import count_text, interval_text, share_text
from journeys.report.labels import hover_label, plain_label, text_width
from journeys.report.palette import GOOD, GREY, INK, LIGHT_GREY, MUTED, fade, touchpoint_colour

# Up to this many columns a label gets its full width; more have to share a page's width.
_WIDE_COLUMNS = 7
_LABEL_WIDTHS = (22, 16)
_COLUMN_WIDTHS = (150, 122)
_LETTER = 6.6
# A node of this many pixels has room for its count under its name.
_TWO_LINES = 27
_FONT_SIZE = 11
_WHITE = "#ffffff"
# Nodes that are no touchpoint: what is undecided is hollow, what is lost is dark.
_PLAIN_FILLS = {CONVERTED: GOOD, END: GREY, OTHER: LIGHT_GREY, MORE: _WHITE, OPEN: _WHITE, DROPPED: MUTED}
_NODE_HOVER = (
    "<b>%{customdata[0]}</b><br>step %{customdata[1]}%{customdata[2]}<br>"
    "%{customdata[3]} of %{customdata[4]} who started:<br>%{customdata[5]}<extra></extra>"
)
_LINK_HOVER = (
    "%{customdata[0]}<br><b>→ %{customdata[1]}</b><br>%{customdata[2]} of %{customdata[3]} who started:<br>"
    "%{customdata[4]}<br>of the %{customdata[5]} who came from there:<br>%{customdata[6]}<extra></extra>"
)


@dataclass(frozen=True)
class Box:
    """Where a Sankey stands on the sheet, in parts of its width and height, from the left and from the bottom."""

    left: float = 0.0
    right: float = 1.0
    bottom: float = 0.0
    top: float = 1.0


@dataclass(frozen=True)
class Paint:
    """How nodes look: what their names stand for, and the colour of each stage."""

    look: Look
    colours: Mapping[str, str]
    label_width: int

    def fill(self, node: Node) -> str:
        """Return a node's colour: that of its stage, whatever its number or step."""
        if is_plain(node):
            return _PLAIN_FILLS[node.name]
        touchpoint = self.look.touchpoint(node.name)
        stages = {touchpoint: self.look.stages[node.name]} if node.name in self.look.stages else {}
        return touchpoint_colour(touchpoint, stages, self.colours)

    def label(self, node: Node, *, is_tall: bool = False) -> str:
        """Write name and count, in two lines where there is room."""
        count = count_text(node.count)
        # The number of a re-visit is kept where its name is shortened.
        touchpoint = self.look.touchpoint(node.name)
        number = f" {plain_label(node.name.removeprefix(touchpoint))}" if node.name != touchpoint else ""
        width = self.label_width - len(number) - (0 if is_tall else len(count) + 1)
        return f"{plain_label(touchpoint, max(7, width))}{number}{'<br>' if is_tall else ' '}{count}"


def label_width(column_count: int, *, is_tight: bool = False) -> int:
    """Return the columns of text that a label gets, fewer where there are many steps or little room."""
    return _LABEL_WIDTHS[is_tight or column_count > _WIDE_COLUMNS]


def drawing_width(column_count: int, *, is_tight: bool = False) -> int:
    """Return the pixels that the columns need to be readable."""
    return _COLUMN_WIDTHS[is_tight or column_count > _WIDE_COLUMNS] * column_count


def is_plain(node: Node) -> bool:
    """Say whether a node is an end or `(other)`, and no touchpoint."""
    return node.is_end or node.name == OTHER


def room_beside(flows: Sequence[Flow], paint: Paint, last_step: int) -> int:
    """Return the pixels that the labels beside the last column need."""
    labels = [paint.label(node) for flow in flows for node in flow.nodes if node.step_index == last_step]
    return round(max(text_width(html.unescape(label)) for label in labels) * _LETTER) + NODE_THICKNESS


def sankey_trace(flow: Flow, paint: Paint, box: Box, last_step: int) -> go.Sankey:
    """Draw one flow; the labels of its last column are left to `edge_labels`.

    Args:
        flow: placed nodes and links.
        paint: how they look.
        box: where on the sheet.
        last_step: the last column of the sheet.
    """
    nodes = flow.nodes
    places = {node.key: place for place, node in enumerate(nodes)}
    fills = {node.key: paint.fill(node) for node in nodes}
    # Plotly writes the last column's labels to its left, over the flows: ours stand to its right instead.
    labels = [
        ""
        if node.step_index == last_step
        else paint.label(node, is_tall=node.count * flow.weight * flow.scale >= _TWO_LINES)
        for node in nodes
    ]
    return go.Sankey(
        arrangement="fixed",
        domain={"x": [box.left, box.right], "y": [box.bottom, box.top]},
        node={
            "align": "left",
            "sort": "input",
            "pad": flow.pad,
            "thickness": NODE_THICKNESS,
            "x": [node.x for node in nodes],
            "y": [node.y for node in nodes],
            "label": labels,
            "color": list(fills.values()),
            "line": {"width": 0.75, "color": MUTED},
            "customdata": _node_cells(flow, paint.look),
            "hovertemplate": _NODE_HOVER,
        },
        link={
            "sort": "input",
            "source": [places[link.source] for link in flow.links],
            "target": [places[link.target] for link in flow.links],
            "value": [link.count * flow.weight if flow.weight != 1 else link.count for link in flow.links],
            "color": [_link_colour(link, fills, flow) for link in flow.links],
            "customdata": _link_cells(flow),
            "hovertemplate": _LINK_HOVER,
        },
        textfont={"size": _FONT_SIZE, "color": INK},
    )


def step_headers(flow: Flow, box: Box, steps: Sequence[int]) -> list[dict[str, Any]]:
    """Write over each column which step it is; 'then' where only ends stand."""
    going_on = {node.step_index for node in flow.nodes if not node.is_end}
    last = max(1, len(steps) - 1)
    return [
        {
            "text": f"step {step}" if step in going_on else "then",
            "x": box.left + (box.right - box.left) * place / last,
            "xref": "paper",
            "xanchor": "left",
            "y": box.top,
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": 6,
            "showarrow": False,
            "font": {"size": 11, "color": MUTED},
        }
        for place, step in enumerate(steps)
        if step in {node.step_index for node in flow.nodes}
    ]


def edge_labels(flow: Flow, paint: Paint, box: Box, last_step: int) -> list[dict[str, Any]]:
    """Write the labels of the last column to its right."""
    return [
        {
            "text": paint.label(node),
            "x": box.right,
            "xref": "paper",
            "xanchor": "left",
            "xshift": NODE_THICKNESS / 2 + 3,
            "y": box.top - node.y * (box.top - box.bottom),
            "yref": "paper",
            "yanchor": "middle",
            "showarrow": False,
            "font": {"size": _FONT_SIZE},
        }
        for node in flow.nodes
        if node.step_index == last_step
    ]


def _link_colour(link: Link, fills: Mapping[tuple[int, str], str], flow: Flow) -> str:
    target = link.target[1]
    # Plotly draws what is thinner than a pixel as a line of one: it is drawn paler, else many of them hide the rest.
    paler = 0.45 if link.count * flow.weight * flow.scale < 1 else 1.0
    if target in (DROPPED, OPEN, END, MORE):
        return fade(GREY, 0.22 * paler)
    return fade(GOOD if target == CONVERTED else fills[link.source], 0.34 * paler)


def _node_cells(flow: Flow, look: Look) -> list[list[str]]:
    entrants = flow.entrant_count
    shares = _shares([node.count for node in flow.nodes], [entrants] * len(flow.nodes))
    cells = []
    for node, share in zip(flow.nodes, shares, strict=True):
        stage = look.stages.get(node.name, "")
        told = f" · {hover_label(stage)}" if stage else ""
        cells.append(
            [hover_label(node.name), str(node.step_index), told, count_text(node.count), count_text(entrants), share]
        )
    return cells


def _link_cells(flow: Flow) -> list[list[str]]:
    entrants = flow.entrant_count
    counts = {node.key: node.count for node in flow.nodes}
    from_all = _shares([link.count for link in flow.links], [entrants] * len(flow.links))
    from_there = _shares([link.count for link in flow.links], [counts[link.source] for link in flow.links])
    return [
        [hover_label(link.source[1]), hover_label(link.target[1]), count_text(link.count), count_text(entrants), of_all,
         count_text(counts[link.source]), of_those]
        for link, of_all, of_those in zip(flow.links, from_all, from_there, strict=True)
    ]  # fmt: skip


def _shares(counts: Sequence[int], bases: Sequence[int]) -> list[str]:
    """Write shares with their 95 % intervals; of a small base it is said."""
    lows, highs = wilson_interval(pd.Series(counts), pd.Series(bases))
    return [
        f"{share_text(count / base)} ({interval_text(low, high)}){', too few to compare' if base < MIN_BASE else ''}"
        for count, base, low, high in zip(counts, bases, lows, highs, strict=True)
    ]
