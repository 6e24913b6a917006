"""What surrounds a touchpoint: paths by their position from it, as a Sankey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
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
    lay_out,
)
from journeys.report.formats import count_text, interval_text, read_rows, share_text, whole
from journeys.report.labels import hover_label, plain_label
from journeys.report.palette import GOOD, GREY, INK, LIGHT_GREY, MUTED, colour_of, fade

START = "(start)"
_PLAIN = {START: GREY, CONVERTED: GOOD, END: GREY, OTHER: LIGHT_GREY, MORE: "#ffffff", OPEN: "#ffffff", DROPPED: MUTED}
_LABEL_COLUMNS = 18
_COLUMN_WIDTH = 130
_HEADER_ROOM = 26
_RIGHT_ROOM = 118
_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]} · %{customdata[3]} of all paths<extra></extra>"
)
_LINK_HOVER = (
    "%{customdata[0]}<br><b>→ %{customdata[1]}</b><br>%{customdata[2]} · %{customdata[3]} of all paths"
    "%{customdata[4]}<extra></extra>"
)


def explore_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw paths around an anchor as a Sankey; its column is 0, those before it are negative.

    Args:
        frame: position, from_step, to_step, count, share, share_low, share_high.
        title: shown above the flows.

    Returns:
        A figure with one Sankey trace: one node per (position, name), `node.customdata[i][0]` its full name, `[1]`
        where it stands; one with a note when there are no links.
    """
    rows = [row for row in read_rows(frame) if whole(row["count"]) > 0]
    if not rows:
        return draw_nothing(title)
    first = min(whole(row["position"]) for row in rows)
    flow = lay_out(frame.assign(step_index=frame["position"] - first + 1), Look())
    total = sum(node.count for node in flow.nodes if node.step_index + first - 1 == 0)
    places = {node.key: place for place, node in enumerate(flow.nodes)}
    intervals = {
        (whole(row["position"]) - first + 1, str(row["from_step"]), str(row["to_step"])): _interval(row) for row in rows
    }
    trace = go.Sankey(
        arrangement="fixed",
        node={
            "align": "left",
            "sort": "input",
            "pad": flow.pad,
            "thickness": NODE_THICKNESS,
            "x": [node.x for node in flow.nodes],
            "y": [node.y for node in flow.nodes],
            "label": _labels(flow),
            "color": [_fill(node) for node in flow.nodes],
            "line": {"width": 0.75, "color": MUTED},
            "customdata": [
                [
                    hover_label(node.name),
                    _position_words(node.step_index + first - 1),
                    count_text(node.count),
                    share_text(node.count / total),
                ]
                for node in flow.nodes
            ],
            "hovertemplate": _HOVER,
        },
        link={
            "sort": "input",
            "source": [places[link.source] for link in flow.links],
            "target": [places[link.target] for link in flow.links],
            "value": [link.count for link in flow.links],
            "color": [_link_colour(link) for link in flow.links],
            "customdata": [_link_cells(link, total, intervals) for link in flow.links],
            "hovertemplate": _LINK_HOVER,
        },
        textfont={"size": 11, "color": INK},
    )
    steps = flow.step_indexes
    return draw(
        [trace],
        title=title,
        height=flow.height + _HEADER_ROOM + 8,
        margin={"l": 8, "r": _RIGHT_ROOM, "t": _HEADER_ROOM, "b": 8},
        annotations=[*_headers(flow, first), *_edge_labels(flow)],
        meta={"min_width": _COLUMN_WIDTH * len(steps)},
    )


def _labels(flow: Flow) -> list[str]:
    """Write each node's name and count; those of the last column stand beside it instead."""
    last = flow.step_indexes[-1]
    return ["" if node.step_index == last else _label(node) for node in flow.nodes]


def _label(node: Node) -> str:
    count = count_text(node.count)
    return f"{plain_label(node.name, max(8, _LABEL_COLUMNS - len(count) - 1))} {count}"


def _fill(node: Node) -> str:
    is_plain = node.is_end or node.name in (START, MORE, OTHER)
    return _PLAIN[node.name] if is_plain else colour_of(node.name)


def _link_colour(link: Link) -> str:
    source, target = link.source[1], link.target[1]
    if target in (DROPPED, OPEN, END, MORE) or source in (START, MORE, OTHER):
        return fade(GREY, 0.22)
    return fade(GOOD if target == CONVERTED else colour_of(source), 0.34)


def _link_cells(link: Link, total: int, intervals: Mapping[tuple[int, str, str], str]) -> list[str]:
    return [
        hover_label(link.source[1]),
        hover_label(link.target[1]),
        count_text(link.count),
        share_text(link.count / total),
        intervals.get((*link.source, link.target[1]), ""),
    ]


def _interval(row: dict[str, Any]) -> str:
    """Write the interval of a link's share as the end of a sentence; nothing where there is none."""
    text = interval_text(row["share_low"], row["share_high"])
    return f" ({text})" if text else ""


def _position_words(position: int) -> str:
    """Say where a column stands: '2 before', 'the anchor', '1 after'."""
    if position == 0:
        return "the anchor"
    return f"{abs(position)} {'before' if position < 0 else 'after'}"


def _column_words(flow: Flow, step: int, first: int) -> str:
    """Say where a column stands; one without a step of its own only says what was earlier, or comes then."""
    nodes = [node for node in flow.nodes if node.step_index == step]
    if all(node.is_end for node in nodes):
        return "then"
    return "earlier" if all(node.name in (START, MORE) for node in nodes) else _position_words(step + first - 1)


def _headers(flow: Flow, first: int) -> list[dict[str, Any]]:
    steps = flow.step_indexes
    return [
        {
            "text": _column_words(flow, step, first),
            "x": place / max(1, len(steps) - 1),
            "xref": "paper",
            "xanchor": "left",
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": 6,
            "showarrow": False,
            "font": {"size": 11, "color": MUTED},
        }
        for place, step in enumerate(steps)
    ]


def _edge_labels(flow: Flow) -> list[dict[str, Any]]:
    """Write the names of the last column to its right: Plotly would write them over the flows."""
    return [
        {
            "text": _label(node),
            "x": 1,
            "xref": "paper",
            "xanchor": "left",
            "xshift": NODE_THICKNESS / 2 + 3,
            "y": 1 - node.y,
            "yref": "paper",
            "yanchor": "middle",
            "showarrow": False,
            "font": {"size": 11},
        }
        for node in flow.nodes
        if node.step_index == flow.step_indexes[-1]
    ]
