"""Paths as a Sankey, unrolled by step: a node is a name at a step, so that nothing runs backwards."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing, key_height, name_colours
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
    Node,
    lay_out,
)  # fmt: skip
from journeys.report.formats import count_text, share_text
from journeys.report.labels import hover_label, plain_label, text_width
from journeys.report.palette import GOOD, GREY, INK, LIGHT_GREY, MUTED, fade, stage_colours, touchpoint_colour

# Up to this many columns a label gets its full width; more have to share a page's width.
_WIDE_COLUMNS = 7
_LABEL_WIDTHS = (22, 17)
_COLUMN_WIDTHS = (150, 122)
_LETTER = 6.6
# A node of this many pixels has room for its count under its name.
_TWO_LINES = 27
_EDGE_ROOM = 8
_HEADER_ROOM = 26
_FONT_SIZE = 11
_WHITE = "#ffffff"
# Nodes that are no touchpoint: what is undecided is hollow, what is lost is dark.
_PLAIN_FILLS = {CONVERTED: GOOD, END: GREY, OTHER: LIGHT_GREY, MORE: _WHITE, OPEN: _WHITE, DROPPED: MUTED}


def sankey_figure(
    links: pd.DataFrame,
    *,
    title: str = "",
    stages: Mapping[str, str] | None = None,
    stage_order: Sequence[str] = (),
) -> go.Figure:
    """Draw paths by position as a Sankey.

    Args:
        links: step_index (of from_step, from 1), from_step, to_step, count, share; `(converted)`, `(dropped)`,
            `(open)`, `(more)` and `(end)` end a path, `(other)` gathers the rest of its step.
        title: shown above the flows.
        stages: touchpoint -> stage; colours and orders the nodes. Names without a stage keep a colour of their own.
        stage_order: stages from first to last; without it the usual five, then by name.

    Returns:
        A figure with one Sankey trace: one node per (step, name), `node.customdata[i][0]` its full name, `[1]` its
        step; one with a note when there are no links.
    """
    stage_of = dict(stages or {})
    colours = stage_colours(stage_of.values(), stage_order)
    ranks = {stage: place for place, stage in enumerate(colours)}
    flow = lay_out(links, {name: ranks[stage] for name, stage in stage_of.items()}) if len(links) else None
    if flow is None or not flow.links:
        return draw_nothing(title)
    entrants = flow.entrant_count
    steps = flow.step_indexes
    label_width, column_width = (widths[len(steps) > _WIDE_COLUMNS] for widths in (_LABEL_WIDTHS, _COLUMN_WIDTHS))
    labels = [_label(node, label_width, is_tall=node.count * flow.scale >= _TWO_LINES) for node in flow.nodes]
    # Plotly writes the last column's labels to its left, over the flows: ours stand to its right instead.
    beside = [(node, _label(node, label_width)) for node in flow.nodes if node.step_index == steps[-1]]
    room = round(max(text_width(html.unescape(label)) for _, label in beside) * _LETTER) + NODE_THICKNESS
    places = {node.key: place for place, node in enumerate(flow.nodes)}
    fills = {node.key: _fill(node, stage_of, colours) for node in flow.nodes}
    counts = {node.key: node.count for node in flow.nodes}
    trace = go.Sankey(
        arrangement="fixed",
        node={
            "align": "left",
            "sort": "input",
            "pad": flow.pad,
            "thickness": NODE_THICKNESS,
            "x": [node.x for node in flow.nodes],
            "y": [node.y for node in flow.nodes],
            "label": labels[: -len(beside)] + [""] * len(beside),
            "color": list(fills.values()),
            "line": {"width": 0.75, "color": MUTED},
            "customdata": [_node_cells(node, entrants, stage_of) for node in flow.nodes],
            "hovertemplate": (
                "<b>%{customdata[0]}</b><br>step %{customdata[1]}%{customdata[2]}<br>"
                "%{customdata[3]} · %{customdata[4]} of all who started<extra></extra>"
            ),
        },
        link={
            "sort": "input",
            "source": [places[link.source] for link in flow.links],
            "target": [places[link.target] for link in flow.links],
            "value": [link.count for link in flow.links],
            "color": [_link_colour(link, fills) for link in flow.links],
            "customdata": [_link_cells(link, entrants, counts) for link in flow.links],
            "hovertemplate": (
                "%{customdata[0]}<br><b>→ %{customdata[1]}</b><br>%{customdata[2]} · "
                "%{customdata[3]} of all who started<br>%{customdata[4]} of those who came from there<extra></extra>"
            ),
        },
        textfont={"size": _FONT_SIZE, "color": INK},
    )
    legend = name_colours({node.name for node in flow.nodes if not _is_plain(node)}, stage_of, colours)
    legend_room = key_height(legend)
    return draw(
        [trace],
        title=title,
        height=flow.height + _HEADER_ROOM + legend_room + 8,
        margin={"l": _EDGE_ROOM, "r": room, "t": _HEADER_ROOM, "b": legend_room + 8},
        annotations=_headers(flow) + _edge_labels(beside) + legend,
        meta={"min_width": column_width * len(steps)},
    )


def _fill(node: Node, stage_of: Mapping[str, str], colours: Mapping[str, str]) -> str:
    if _is_plain(node):
        return _PLAIN_FILLS[node.name]
    return touchpoint_colour(node.name, stage_of, colours)


def _label(node: Node, width: int, *, is_tall: bool = False) -> str:
    count = count_text(node.count)
    if is_tall:
        return f"{plain_label(node.name, width)}<br>{count}"
    return f"{plain_label(node.name, max(8, width - len(count) - 1))} {count}"


def _is_plain(node: Node) -> bool:
    return node.is_end or node.name == OTHER


def _link_colour(link: Link, fills: Mapping[tuple[int, str], str]) -> str:
    target = link.target[1]
    if target in (DROPPED, OPEN, END, MORE):
        return fade(GREY, 0.22)
    return fade(GOOD if target == CONVERTED else fills[link.source], 0.34)


def _node_cells(node: Node, entrants: int, stage_of: Mapping[str, str]) -> list[str]:
    stage = stage_of.get(node.name, "")
    return [
        hover_label(node.name),
        str(node.step_index),
        f" · {hover_label(stage)}" if stage else "",
        count_text(node.count),
        share_text(node.count / entrants),
    ]


def _link_cells(link: Link, entrants: int, counts: Mapping[tuple[int, str], int]) -> list[str]:
    return [
        hover_label(link.source[1]),
        hover_label(link.target[1]),
        count_text(link.count),
        share_text(link.count / entrants),
        share_text(link.count / counts[link.source]),
    ]


def _headers(flow: Flow) -> list[dict[str, Any]]:
    steps = flow.step_indexes
    last = len(steps) - 1
    headers = []
    for place, step in enumerate(steps):
        goes_on = any(node.step_index == step and not node.is_end for node in flow.nodes)
        headers.append(
            {
                "text": f"step {step}" if goes_on else "then",
                "x": place / max(1, last),
                "xref": "paper",
                "xanchor": "left",
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "yshift": 6,
                "showarrow": False,
                "font": {"size": 11, "color": MUTED},
            }
        )
    return headers


def _edge_labels(beside: Sequence[tuple[Node, str]]) -> list[dict[str, Any]]:
    return [
        {
            "text": label,
            "x": 1,
            "xref": "paper",
            "xanchor": "left",
            "xshift": NODE_THICKNESS / 2 + 3,
            "y": 1 - node.y,
            "yref": "paper",
            "yanchor": "middle",
            "showarrow": False,
            "font": {"size": _FONT_SIZE},
        }
        for node, label in beside
    ]
