"""Paths as a Sankey, unrolled by step: a node is a name at a step, so that nothing runs backwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.charts.flow import (
    CONVERTED,
    DROPPED,
    END,
    MORE,
    NODE_PAD,
    NODE_THICKNESS,
    OPEN,
    OTHER,
    Flow,
    Link,
    Node,
    lay_out,
)  # fmt: skip
from journeys.report.formats import count_text, share_text
from journeys.report.labels import HOVER_WIDTH, plain_label
from journeys.report.palette import GOOD, GREY, INK, LIGHT_GREY, MUTED, fade, stage_colours, touchpoint_colour

_LABEL_WIDTH = 17
_HEADER_ROOM = 26
_LEGEND_ROOM = 34
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
    places = {node.key: place for place, node in enumerate(flow.nodes)}
    fills = {node.key: _fill(node, stage_of, colours) for node in flow.nodes}
    counts = {node.key: node.count for node in flow.nodes}
    trace = go.Sankey(
        arrangement="fixed",
        node={
            "align": "left",
            "sort": "input",
            "pad": NODE_PAD,
            "thickness": NODE_THICKNESS,
            "x": [node.x for node in flow.nodes],
            "y": [node.y for node in flow.nodes],
            "label": [f"{plain_label(node.name, _LABEL_WIDTH)} {count_text(node.count)}" for node in flow.nodes],
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
                "%{customdata[3]} of all who started<br>%{customdata[4]} of those at this step's node<extra></extra>"
            ),
        },
        textfont={"size": 11, "color": INK},
    )
    shown = {stage_of[node.name] for node in flow.nodes if node.name in stage_of}
    legend = [stage for stage in colours if stage in shown]
    return draw(
        [trace],
        title=title,
        height=flow.height + _HEADER_ROOM + (_LEGEND_ROOM if legend else 0) + 8,
        margin={"l": 2, "r": 2, "t": _HEADER_ROOM, "b": (_LEGEND_ROOM if legend else 0) + 8},
        annotations=_headers(flow) + _legend(legend, colours),
        meta={"column_count": len(flow.step_indexes)},
    )


def _fill(node: Node, stage_of: Mapping[str, str], colours: Mapping[str, str]) -> str:
    if node.is_end or node.name == OTHER:
        return _PLAIN_FILLS[node.name]
    return touchpoint_colour(node.name, stage_of, colours)


def _link_colour(link: Link, fills: Mapping[tuple[int, str], str]) -> str:
    target = link.target[1]
    if target in (DROPPED, OPEN, END, MORE):
        return fade(GREY, 0.22)
    return fade(GOOD if target == CONVERTED else fills[link.source], 0.34)


def _node_cells(node: Node, entrants: int, stage_of: Mapping[str, str]) -> list[str]:
    stage = stage_of.get(node.name, "")
    return [
        plain_label(node.name, HOVER_WIDTH),
        str(node.step_index),
        f" · {plain_label(stage, HOVER_WIDTH)}" if stage else "",
        count_text(node.count),
        share_text(node.count / entrants),
    ]


def _link_cells(link: Link, entrants: int, counts: Mapping[tuple[int, str], int]) -> list[str]:
    return [
        plain_label(link.source[1], HOVER_WIDTH),
        plain_label(link.target[1], HOVER_WIDTH),
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
                "xanchor": "right" if place == last else "left",
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "yshift": 6,
                "showarrow": False,
                "font": {"size": 11, "color": MUTED},
            }
        )
    return headers


def _legend(stages: Sequence[str], colours: Mapping[str, str]) -> list[dict[str, Any]]:
    if not stages:
        return []
    parts = [f'<span style="color:{colours[stage]}">■</span> {plain_label(stage, 24)}' for stage in stages]
    return [
        {
            "text": "   ".join(parts),
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 0,
            "yref": "paper",
            "yanchor": "top",
            "yshift": -14,
            "align": "left",
            "showarrow": False,
            "font": {"size": 12, "color": MUTED},
        }
    ]
