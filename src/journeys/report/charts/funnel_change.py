"""What changed between two periods of a funnel: from the share before to the share after, factor by factor."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.charts.differences import points_text
from journeys.report.formats import count_text, number, read_rows, share_text, whole
from journeys.report.labels import LABEL_WIDTH, clean_text, hover_label, plain_label, shorten, text_width
from journeys.report.palette import GREY, INK, MAIN, MUTED

_ROW_HEIGHT = 38
_LETTER = 6.9
_LESS = "#d55e00"
_END_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]} of %{customdata[2]} completed: %{customdata[3]}<extra></extra>"
)
_PART_HOVER = (
    "<b>%{customdata[0]}</b><br>brings %{customdata[1]} (%{customdata[2]} to %{customdata[3]})%{customdata[4]}"
    "<extra></extra>"
)


def change_figure(frame: pd.DataFrame, *, total: pd.DataFrame, title: str = "") -> go.Figure:
    """Draw a waterfall: the share before, what each factor brings with its 95 % interval, the share after.

    Args:
        frame: the columns of a funnel's change.
        total: its table `total`.
        title: shown above the chart.
    """
    if frame.empty or total.empty:
        return draw_nothing(title)
    rows, whole_row = read_rows(frame), read_rows(total)[0]
    before, after = float(whole_row["before_share"]), float(whole_row["after_share"])
    parts = [float(row["contribution"]) for row in rows]
    edges = list(accumulate(parts, initial=before))
    names = ["before", *(_name(row) for row in rows), "after"]
    places = list(range(len(names)))
    left = round(_LETTER * max(text_width(shorten(name, LABEL_WIDTH)) for name in names)) + 20
    ends = [edge + (number(row[side]) or 0.0) for edge, row in zip(edges, rows, strict=False)
            for side in ("contribution_low", "contribution_high")]  # fmt: skip
    reached = [0.0, before, after, *edges, *ends]
    span = max(reached) - min(reached) or 0.01
    marks = [share_text(before), *(points_text(part) for part in parts), share_text(after)]
    tops = [before, *(max(edge, edge + part) for edge, part in zip(edges, parts, strict=False)), after]
    return draw(
        [_end_bars(whole_row, len(rows)), _part_bars(rows, edges)],
        title=title,
        height=_ROW_HEIGHT * len(names) + 44,
        margin={"t": 8, "b": 30, "l": left, "r": 16},
        barmode="overlay",
        xaxis={"range": [min(reached) - 0.02 * span, max(reached) + 0.3 * span], "tickformat": ".0%", "nticks": 5,
               "fixedrange": True, "tickangle": 0, "showline": False},
        yaxis={"tickvals": places, "ticktext": [plain_label(name, LABEL_WIDTH) for name in names],
               "range": [len(names) - 0.4, -0.6], "showgrid": False, "fixedrange": True, "ticks": "",
               "ticklabelstandoff": 6, "automargin": False},
        annotations=[_mark(text, max(top, *_sides(rows, edges, place)), place)
                     for text, top, place in zip(marks, tops, places, strict=True)],
    )  # fmt: skip


def _name(row: dict[str, Any]) -> str:
    return (
        "who came" if whole(row["step_index"]) == 1 else f"{whole(row['step_index'])}. {clean_text(row['step_name'])}"
    )


def _sides(rows: list[dict[str, Any]], edges: list[float], place: int) -> tuple[float, float]:
    """The ends of the interval drawn at a place; nothing at the first and the last."""
    if not 1 <= place <= len(rows):
        return 0.0, 0.0
    row, edge = rows[place - 1], edges[place - 1]
    return edge + (number(row["contribution_low"]) or 0.0), edge + (number(row["contribution_high"]) or 0.0)


def _end_bars(total: dict[str, Any], part_count: int) -> go.Bar:
    return go.Bar(
        orientation="h",
        x=[float(total["before_share"]), float(total["after_share"])],
        y=[0, part_count + 1],
        width=0.6,
        marker={"color": GREY},
        customdata=[[name, count_text(total[f"{name}_converted_count"]), count_text(total[f"{name}_count"]),
                     share_text(total[f"{name}_share"])] for name in ("before", "after")],
        hovertemplate=_END_HOVER,
    )  # fmt: skip


def _part_bars(rows: list[dict[str, Any]], edges: list[float]) -> go.Bar:
    parts = [float(row["contribution"]) for row in rows]
    highs = [max(0.0, (number(row["contribution_high"]) or 0.0) - part) for row, part in zip(rows, parts, strict=True)]
    lows = [max(0.0, part - (number(row["contribution_low"]) or 0.0)) for row, part in zip(rows, parts, strict=True)]
    return go.Bar(
        orientation="h",
        base=edges[:-1],
        x=parts,
        y=list(range(1, len(rows) + 1)),
        width=0.6,
        marker={"color": [MAIN if part >= 0 else _LESS for part in parts]},
        error_x={"type": "data", "symmetric": False, "array": highs, "arrayminus": lows, "color": INK,
                 "thickness": 1.2, "width": 0},
        customdata=[_hover_cells(row) for row in rows],
        hovertemplate=_PART_HOVER,
    )  # fmt: skip


def _mark(text: str, x: float, place: int) -> dict[str, Any]:
    return {"text": text, "x": x, "xref": "x", "xanchor": "left", "xshift": 6, "y": place, "yref": "y",
            "showarrow": False, "font": {"color": MUTED, "size": 11}}  # fmt: skip


def _hover_cells(row: dict[str, Any]) -> list[str]:
    own = ""
    if number(row["before_share"]) is not None and number(row["after_share"]) is not None:
        own = (
            f"<br>of those at the step before: {share_text(row['before_share'])}, then {share_text(row['after_share'])}"
        )
    return [hover_label(_name(row)), points_text(row["contribution"]), points_text(row["contribution_low"]),
            points_text(row["contribution_high"]), own]  # fmt: skip
