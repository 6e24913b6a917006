"""What follows what as a graph: its cycles stay visible, which a Sankey has to unroll."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.insights.statistics.intervals import MIN_BASE, wilson_interval
from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.charts.caption import caption_height, write_caption
from journeys.report.charts.curves import curve
from journeys.report.charts.graph_layout import END, START, Pair, Places, place_nodes
from journeys.report.formats import count_text, interval_text, read_rows, seconds_text, share_text, whole
from journeys.report.labels import hover_label, plain_label
from journeys.report.palette import INK, LIGHT_GREY, MUTED, fade, stage_colours, touchpoint_colour

MOST_EDGES = 40
_BACK = "#d55e00"
_COLUMN_WIDTH = 170
_ROW_HEIGHT = 66
_SMALLEST_NODE, _LARGEST_NODE = 8, 26
_THINNEST, _THICKEST = 1.0, 6.0
# Room over the first and under the last row, in rows.
_ROOM = (0.5, 0.75)
_LABEL = 19
_EDGE_HOVER = (
    "%{customdata[0]}<br><b>→ %{customdata[1]}</b>%{customdata[2]}<br>%{customdata[3]} times by %{customdata[4]}<br>"
    "of the %{customdata[5]} transitions from there:<br>%{customdata[6]}<br>"
    "median time between: %{customdata[7]}<extra></extra>"
)
_NODE_HOVER = (
    "<b>%{customdata[0]}</b>%{customdata[1]}<br>left %{customdata[2]} times, come to %{customdata[3]} times<br>"
    "by itself again %{customdata[4]} of %{customdata[2]} times:<br>%{customdata[5]}<extra></extra>"
)


def graph_figure(
    frame: pd.DataFrame,
    *,
    title: str = "",
    stages: Mapping[str, str] | None = None,
    stage_order: Sequence[str] = (),
    most: int = MOST_EDGES,
) -> go.Figure:
    """Draw transitions as nodes and arrows; what leads back is dashed, orange and bent the other way.

    Nodes stand in the columns of their stages, so that they keep their place whatever the counts. Widths of arrows and
    sizes of nodes grow with the transitions. Steps without a drawn arrow are left out; the caption says how many.

    Args:
        frame: from_step, to_step, transition_count, person_count, share, median_seconds.
        title: shown above the graph.
        stages: step -> stage; without any the columns follow the commonest direction.
        stage_order: stages from first to last; without it the usual five, then by name.
        most: arrows drawn: the commonest, equal ones by name.

    Returns:
        A figure with one trace per arrow (its pair in `customdata[0][:2]`), then one of nodes; one with a note when
        there is none.
    """
    rows = [row for row in read_rows(frame) if whole(row["transition_count"]) > 0]
    if not rows:
        return draw_nothing(title)
    rows.sort(key=lambda row: (-whole(row["transition_count"]), str(row["from_step"]), str(row["to_step"])))
    counts = {_pair(row): whole(row["transition_count"]) for row in rows}
    drawn = rows[:most]
    stage_of = dict(stages or {})
    colours = stage_colours(stage_of.values(), stage_order)
    names = {name for row in drawn for name in _pair(row)}
    places = place_nodes(names, {_pair(row): counts[_pair(row)] for row in drawn}, stage_of, tuple(colours))
    largest = max(counts[_pair(row)] for row in drawn)
    leaving = _sum(counts, 0)
    traces = [
        # The widest first, so that thin arrows are not hidden under them.
        _arrow(row, places, counts[_pair(row)] / largest, leaving[str(row["from_step"])])
        for row in drawn
    ]
    fills = [_node_colour(name, stage_of, colours) for name in places.at]
    traces.append(_nodes(places, counts, stage_of, fills))
    caption = write_caption(_say(rows, len(drawn), names, has_stages=bool(set(places.headings) - {""})))
    reached = [y for trace in traces for y in trace.y]
    top, bottom = min(reached) - _ROOM[0], max(reached) + _ROOM[1]
    foot = caption_height(caption) + 8
    last = len(places.headings) - 1
    hidden = {"visible": False, "fixedrange": True}
    return draw(
        traces,
        title=title,
        height=round(_ROW_HEIGHT * (bottom - top)) + foot + 26,
        margin={"t": 26, "b": foot, "l": 8, "r": 8},
        annotations=_headings(places, colours) + caption,
        xaxis=hidden | {"range": [-0.5, last + 0.5]},
        yaxis=hidden | {"range": [round(bottom, 3), round(top, 3)]},
        hovermode="closest",
        meta={"min_width": _COLUMN_WIDTH * (last + 1)},
    )


def _pair(row: dict[str, Any]) -> Pair:
    return str(row["from_step"]), str(row["to_step"])


def _sum(counts: Mapping[Pair, int], side: int) -> dict[str, int]:
    totals: dict[str, int] = {}
    for pair, count in counts.items():
        totals[pair[side]] = totals.get(pair[side], 0) + count
    return totals


def _arrow(row: dict[str, Any], places: Places, size: float, base: int) -> go.Scatter:
    """Draw one arrow from node to node, its width by its count."""
    source, target = pair = _pair(row)
    leads_back = places.leads_back(pair)
    points = curve(places.at[source], places.at[target], leads_back=leads_back)
    width = _THINNEST + (_THICKEST - _THINNEST) * size
    colour = _BACK if leads_back else MUTED
    told = " · back" if leads_back else " · again" if source == target else ""
    cells = [hover_label(source), hover_label(target), told, count_text(row["transition_count"]),
             count_text(row["person_count"]), count_text(base), _share(whole(row["transition_count"]), base),
             seconds_text(row["median_seconds"])]  # fmt: skip
    return go.Scatter(
        mode="lines+markers",
        x=[x for x, _ in points],
        y=[y for _, y in points],
        line={
            "color": fade(colour, 0.55),
            "width": round(width, 2),
            "dash": "dash" if leads_back else "solid",
            "simplify": False,
        },
        marker={
            "symbol": "arrow",
            "angleref": "previous",
            "size": [0] * (len(points) - 1) + [round(7 + width * 1.2, 1)],
            "color": colour,
            "opacity": 0.9,
            "line": {"width": 0},
        },
        customdata=[cells] * len(points),
        hovertemplate=_EDGE_HOVER,
    )


def _nodes(places: Places, counts: Mapping[Pair, int], stage_of: Mapping[str, str], fills: Sequence[str]) -> go.Scatter:
    leaving, coming = _sum(counts, 0), _sum(counts, 1)
    met = {name: max(leaving.get(name, 0), coming.get(name, 0)) for name in places.at}
    largest = max(met.values())
    cells = []
    for name in places.at:
        left, again = leaving.get(name, 0), counts.get((name, name), 0)
        stage = f" · {hover_label(stage_of[name])}" if name in stage_of else ""
        cells.append([hover_label(name), stage, count_text(left), count_text(coming.get(name, 0)), count_text(again),
                      _share(again, left)])  # fmt: skip
    return go.Scatter(
        mode="markers+text",
        x=[column for column, _ in places.at.values()],
        y=[row for _, row in places.at.values()],
        text=[f"{plain_label(name, _LABEL)}" for name in places.at],
        textposition="bottom center",
        textfont={"size": 11, "color": INK, "shadow": "auto"},
        marker={
            "size": [
                round(_SMALLEST_NODE + (_LARGEST_NODE - _SMALLEST_NODE) * (met[name] / largest) ** 0.5, 1)
                for name in places.at
            ],
            "color": list(fills),
            "line": {"width": 1, "color": MUTED},
            "opacity": 1,
        },
        customdata=cells,
        hovertemplate=_NODE_HOVER,
        cliponaxis=False,
    )


def _node_colour(name: str, stage_of: Mapping[str, str], colours: Mapping[str, str]) -> str:
    return LIGHT_GREY if name in (START, END) else touchpoint_colour(name, stage_of, colours)


def _share(count: int, base: int) -> str:
    if not base:
        return share_text(None)
    low, high = wilson_interval(pd.Series([count]), pd.Series([base]))
    few = ", too few to compare" if base < MIN_BASE else ""
    return f"{share_text(count / base)} ({interval_text(low[0], high[0])}){few}"


def _headings(places: Places, colours: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "text": f'<span style="color:{colours.get(heading, LIGHT_GREY)}">■</span> {plain_label(heading, 18)}',
            "x": column,
            "xref": "x",
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": 4,
            "showarrow": False,
            "font": {"size": 12, "color": MUTED},
        }
        for column, heading in enumerate(places.headings)
        if heading
    ]


def _say(rows: Sequence[dict[str, Any]], drawn: int, names: set[str], *, has_stages: bool) -> list[str]:
    total = sum(whole(row["transition_count"]) for row in rows)
    shown = sum(whole(row["transition_count"]) for row in rows[:drawn])
    told = [f"All {count_text(drawn)} arrows of {count_text(total)} transitions are drawn."]
    if drawn < len(rows):
        steps = len({name for row in rows for name in _pair(row)} - names)
        told = [
            f"Drawn: the {count_text(drawn)} commonest of {count_text(len(rows))} arrows, {share_text(shown / total)} "
            f"of {count_text(total)} transitions. Hidden: {count_text(len(rows) - drawn)} arrows of at most "
            f"{count_text(rows[drawn]['transition_count'])} transitions each"
            + (f", and the {count_text(steps)} steps that have no other." if steps else ".")
        ]
    where = "to an earlier stage" if has_stages else "against the commonest direction"
    return [
        *told,
        f"Dashed orange arrows, bent the other way, lead back {where}. The wider an arrow, the more transitions.",
    ]
