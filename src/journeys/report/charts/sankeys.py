"""Two or more groups as Sankeys on one scale: the same columns, order, names and colours in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.errors import CallError
from journeys.report.charts.canvas import draw, draw_nothing, key_height
from journeys.report.charts.caption import caption_height, coverage_text, write_caption
from journeys.report.charts.flow import Flow, lay_out_alike
from journeys.report.charts.sankey import EDGE_ROOM, HEADER_ROOM, drawn_steps, name_legend, read_look
from journeys.report.charts.sankey_marks import (
    Box,
    Paint,
    drawing_width,
    edge_labels,
    label_width,
    room_beside,
    sankey_trace,
    step_headers,
)  # fmt: skip
from journeys.report.formats import count_text, read_rows, whole
from journeys.report.labels import clean_text, plain_label
from journeys.report.palette import INK

SCALES = ("share", "count")
_REST = "(rest)"
_DRAWN_GROUPS = 2
# Panels of so few columns stand beside each other on a page; longer ones under each other, step under step.
_COLUMNS_BESIDE = 3
_GROUP_ROOM = 24
_GAP = 30


def sankeys_figure(
    links: pd.DataFrame,
    *,
    by: str,
    groups: Sequence[str] | None = None,
    scale: str = "share",
    title: str = "",
    stages: Mapping[str, str] | None = None,
    stage_order: Sequence[str] = (),
    touchpoints: Mapping[str, str] | None = None,
    coverage: pd.DataFrame | None = None,
) -> go.Figure:
    """Draw the paths of groups beside or under each other, on one scale.

    Args:
        links: the columns of `sankey_figure` and the group's.
        by: the group's column.
        groups: which to draw, in this order; none is the two with the most journeys, '(rest)' last.
        scale: 'share': a pixel is the same share of each group's journeys; 'count': the same number of journeys.
        title: shown above all.
        stages: as for `sankey_figure`.
        stage_order: as for `sankey_figure`.
        touchpoints: as for `sankey_figure`.
        coverage: as for `sankey_figure`, with the group's column.

    Returns:
        A figure with one Sankey trace per group; one with a note when there are no links.

    Raises:
        CallError: a group is not in the frame, or the scale is unknown.
    """
    if scale not in SCALES:
        raise CallError("scale", "scale is not known", found=repr(scale), allowed=", ".join(map(repr, SCALES)))
    sizes = _group_sizes(links, by)
    chosen = _choose(sizes, groups)
    if not chosen:
        return draw_nothing(title)
    look, colours = read_look(stages, stage_order, touchpoints)
    flows = lay_out_alike([links[links[by] == name] for name in chosen], look, is_share=scale == "share")
    steps = sorted({step for flow in flows for step in flow.step_indexes})
    is_beside = len(steps) <= _COLUMNS_BESIDE
    paint = Paint(look, colours, label_width(len(steps), is_tight=is_beside))
    room = room_beside(flows, paint, steps[-1])
    width = drawing_width(len(steps), is_tight=is_beside)
    boxes, height, all_width = _beside(flows, width, room) if is_beside else _under(flows, width)
    legend = name_legend(flows, paint)
    legend_room = key_height(legend)
    texts = _say(chosen, sizes, scale) + _say_coverage(coverage, by, chosen, drawn_steps(flows))
    caption = write_caption(texts, under=legend_room)
    foot = legend_room + caption_height(caption) + 8
    notes: list[dict[str, Any]] = []
    for name, flow, box in zip(chosen, flows, boxes, strict=True):
        notes += [_heading(by, name, flow, box), *step_headers(flow, box, steps)]
        notes += edge_labels(flow, paint, box, steps[-1])
    return draw(
        [sankey_trace(flow, paint, box, steps[-1]) for flow, box in zip(flows, boxes, strict=True)],
        title=title,
        height=height + HEADER_ROOM + _GROUP_ROOM + foot,
        margin={"l": EDGE_ROOM, "r": room, "t": HEADER_ROOM + _GROUP_ROOM, "b": foot},
        annotations=notes + legend + caption,
        meta={"min_width": all_width},
    )


def _group_sizes(links: pd.DataFrame, by: str) -> dict[str, int]:
    """Count the entrants of each group: all who leave the first step."""
    if links.empty:
        return {}
    first = links[links["step_index"] == links["step_index"].min()]
    return {str(name): whole(count) for name, count in first.groupby(by)["count"].sum().items() if whole(count)}


def _choose(sizes: Mapping[str, int], groups: Sequence[str] | None) -> list[str]:
    if groups is None:
        return sorted(sizes, key=lambda name: (name == _REST, -sizes[name], name))[:_DRAWN_GROUPS]
    unknown = [name for name in groups if name not in sizes]
    if unknown or not groups or len(set(groups)) != len(groups):
        raise CallError("groups", "groups is no list of different groups of the answer", found=repr(list(groups)),
                        allowed=", ".join(map(repr, sorted(sizes))))  # fmt: skip
    return list(groups)


def _beside(flows: Sequence[Flow], width: int, room: int) -> tuple[list[Box], int, int]:
    """Place panels beside each other: their boxes, and the height and the least width in pixels of all of them."""
    tallest = max(flow.height for flow in flows)
    gap = room + _GAP
    inner = len(flows) * (width + gap) - gap
    step = (width + gap) / inner
    lefts = [place * step for place in range(len(flows))]
    boxes = [
        Box(left, min(1.0, left + width / inner), 1 - flow.height / tallest)
        for left, flow in zip(lefts, flows, strict=True)
    ]
    return boxes, tallest, inner + room + EDGE_ROOM


def _under(flows: Sequence[Flow], width: int) -> tuple[list[Box], int, int]:
    """Place panels under each other, step under step; as `_beside`."""
    gap = HEADER_ROOM + _GROUP_ROOM + _GAP
    height = sum(flow.height + gap for flow in flows) - gap
    tops = [sum(flow.height + gap for flow in flows[:place]) for place in range(len(flows))]
    boxes = [
        Box(top=1 - top / height, bottom=max(0.0, 1 - (top + flow.height) / height))
        for top, flow in zip(tops, flows, strict=True)
    ]
    return boxes, height, width


def _heading(by: str, name: str, flow: Flow, box: Box) -> dict[str, Any]:
    return {
        "text": f"<b>{plain_label(by, 20)}: {plain_label(name, 30)}</b>  {count_text(flow.entrant_count)} journeys",
        "x": box.left,
        "xref": "paper",
        "xanchor": "left",
        "y": box.top,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": HEADER_ROOM,
        "showarrow": False,
        "font": {"size": 13, "color": INK},
    }


def _say(chosen: Sequence[str], sizes: Mapping[str, int], scale: str) -> list[str]:
    what = "shares of each group's journeys" if scale == "share" else "numbers of journeys"
    told = [f"One scale: equal heights are equal {what}. A step named in one group is named in all."]
    left_out = len(sizes) - len(chosen)
    if left_out:
        count = sum(count for name, count in sizes.items() if name not in chosen)
        told.append(f"{left_out} more group{'s' if left_out > 1 else ''} of {count_text(count)} journeys not drawn.")
    return told


def _say_coverage(coverage: pd.DataFrame | None, by: str, chosen: Sequence[str], steps: int) -> list[str]:
    rows = {str(row[by]): row for row in read_rows(coverage)} if coverage is not None else {}
    return [f"{clean_text(name)[:30]}: {coverage_text(rows[name], steps)}" for name in chosen if name in rows]
