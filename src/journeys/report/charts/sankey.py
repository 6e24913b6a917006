"""Paths as a Sankey, unrolled by step: a node is a name at a step, so that nothing runs backwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing, key_height, name_colours
from journeys.report.charts.caption import caption_height, coverage_text, write_caption
from journeys.report.charts.flow import Flow, Look, lay_out
from journeys.report.charts.sankey_marks import (
    Box,
    Paint,
    drawing_width,
    edge_labels,
    is_plain,
    label_width,
    room_beside,
    sankey_trace,
    step_headers,
)  # fmt: skip
from journeys.report.formats import read_rows
from journeys.report.palette import stage_colours

EDGE_ROOM = 8
HEADER_ROOM = 26


def sankey_figure(
    links: pd.DataFrame,
    *,
    title: str = "",
    stages: Mapping[str, str] | None = None,
    stage_order: Sequence[str] = (),
    touchpoints: Mapping[str, str] | None = None,
    coverage: pd.DataFrame | None = None,
) -> go.Figure:
    """Draw paths by position as a Sankey.

    Args:
        links: step_index (of from_step, from 1), from_step, to_step, count, share; `(converted)`, `(dropped)`,
            `(open)`, `(more)` and `(end)` end a path, `(other)` gathers the rest of its step.
        title: shown above the flows.
        stages: name -> stage; colours and orders the nodes. Names without a stage keep a colour of their own.
        stage_order: stages from first to last; without it the usual five, then by name.
        touchpoints: name -> touchpoint, for numbered re-visits, which look like their first visit.
        coverage: how many journeys the named steps tell, for the caption; none writes none.

    Returns:
        A figure with one Sankey trace: one node per (step, name), `node.customdata[i][0]` its full name, `[1]` its
        step; one with a note when there are no links.
    """
    look, colours = read_look(stages, stage_order, touchpoints)
    flow = lay_out(links, look) if len(links) else None
    if flow is None or not flow.links:
        return draw_nothing(title)
    steps = flow.step_indexes
    paint = Paint(look, colours, label_width(len(steps)))
    box, last = Box(), steps[-1]
    legend = name_legend([flow], paint)
    legend_room = key_height(legend)
    rows = read_rows(coverage) if coverage is not None else []
    caption = write_caption([coverage_text(row, drawn_steps([flow])) for row in rows], under=legend_room)
    foot = legend_room + caption_height(caption) + 8
    return draw(
        [sankey_trace(flow, paint, box, last)],
        title=title,
        height=flow.height + HEADER_ROOM + foot,
        margin={"l": EDGE_ROOM, "r": room_beside([flow], paint, last), "t": HEADER_ROOM, "b": foot},
        annotations=step_headers(flow, box, steps) + edge_labels(flow, paint, box, last) + legend + caption,
        meta={"min_width": drawing_width(len(steps))},
    )


def read_look(
    stages: Mapping[str, str] | None, stage_order: Sequence[str], touchpoints: Mapping[str, str] | None
) -> tuple[Look, dict[str, str]]:
    """Give each stage its place and colour: by the order of the stages, never by counts."""
    stage_of = dict(stages or {})
    colours = stage_colours(stage_of.values(), stage_order)
    return Look(stage_of, dict(touchpoints or {}), {stage: place for place, stage in enumerate(colours)}), colours


def name_legend(flows: Sequence[Flow], paint: Paint) -> list[dict[str, object]]:
    """Write which colour is which stage."""
    names = {node.name for flow in flows for node in flow.nodes if not is_plain(node)}
    return name_colours(names, paint.look.stages, paint.colours)


def drawn_steps(flows: Sequence[Flow]) -> int:
    """Return the last step that people go on from or end at."""
    return max(link.source[0] for flow in flows for link in flow.links)
