"""Shares as dots with their intervals: who comes back to a step, who goes back to an earlier stage."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing, interval_bars
from journeys.report.formats import count_text, interval_text, number, read_rows, share_text
from journeys.report.labels import LABEL_WIDTH, clean_text, hover_label, plain_label, shorten, text_width
from journeys.report.palette import GREY, MAIN, MUTED

MOST_DOTS = 30
_ROW_HEIGHT = 24
_LETTER = 6.9
_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]} of %{customdata[2]}: %{customdata[3]}<br>(%{customdata[4]})"
    "<br>%{customdata[5]}<extra></extra>"
)


def rework_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw for each step the share of those who met it that met it again, with its 95 % interval.

    Args:
        frame: the columns of a rework's frame; steps nobody met again are left out.
        title: shown above.
    """
    rows = [
        row
        | {"name": str(row["step"]), "found": row["rework_count"],
           "more": f"{count_text(row['repeat_count'])} at once, {count_text(row['return_count'])} after other steps"}
        for row in read_rows(frame)
        if number(row["rework_count"])
    ]  # fmt: skip
    return _dots(rows, title=title, note="met it again, of those who met it")


def backtracks_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw for each pair of stages the share of those in the later one who went back, with its 95 % interval.

    Args:
        frame: the columns of a back-tracks' frame.
        title: shown above.
    """
    rows = [
        row
        | {"name": f"{clean_text(row['from_stage'])} → {clean_text(row['to_stage'])}", "found": row["person_count"],
           "more": f"{count_text(row['backtrack_count'])} moves"}
        for row in read_rows(frame)
    ]  # fmt: skip
    return _dots(rows, title=title, note="went back, of those in the later stage")


def _dots(rows: list[dict[str, Any]], *, title: str, note: str) -> go.Figure:
    """Dots in the order of the rows; hollow and grey where fewer than 30 stand behind a share."""
    if not rows:
        return draw_nothing(title)
    left_out = len(rows) - MOST_DOTS
    rows = rows[:MOST_DOTS]
    shares = [float(row["share"]) for row in rows]
    lows, highs = ([float(row[f"share_{side}"]) for row in rows] for side in ("low", "high"))
    colours = [GREY if row["is_too_few"] else MAIN for row in rows]
    places = list(range(len(rows)))
    fills = ["#ffffff" if row["is_too_few"] else colour for row, colour in zip(rows, colours, strict=True)]
    trace = go.Scatter(
        mode="markers",
        x=shares,
        y=places,
        error_x=interval_bars(shares, lows, highs),
        marker={"size": 9, "color": fills, "line": {"width": 1.5, "color": colours}, "opacity": 1},
        customdata=[_hover_cells(row) for row in rows],
        hovertemplate=_HOVER,
    )
    names = [row["name"] for row in rows]
    left = round(_LETTER * max(text_width(shorten(clean_text(name), LABEL_WIDTH + 2)) for name in names)) + 12
    caption = note + (f"; {count_text(left_out)} rarer ones are not drawn" if left_out > 0 else "")
    foot = {"text": caption, "x": 0, "xref": "paper", "xanchor": "left", "xshift": -left, "y": 0, "yref": "paper",
            "yanchor": "top", "yshift": -24, "showarrow": False, "font": {"size": 11, "color": MUTED}}  # fmt: skip
    largest = max(*highs, 0.01)
    return draw(
        [trace],
        title=title,
        height=_ROW_HEIGHT * len(rows) + 66,
        margin={"t": 10, "b": 48, "l": left, "r": 14},
        annotations=[foot],
        xaxis={"range": [-0.01 * largest, min(1.02, largest * 1.04)], "tickformat": ".0%", "fixedrange": True,
               "nticks": 5, "tickangle": 0, "showline": False},
        yaxis={"tickvals": places, "ticktext": [plain_label(name, LABEL_WIDTH + 2) for name in names],
               "range": [len(rows) - 0.4, -0.6], "showgrid": False, "fixedrange": True, "ticks": "",
               "ticklabelstandoff": 6, "automargin": False},
    )  # fmt: skip


def _hover_cells(row: dict[str, Any]) -> list[str]:
    interval = interval_text(row["share_low"], row["share_high"])
    return [
        hover_label(row["name"]),
        count_text(row["found"]),
        count_text(row["met_count"]),
        share_text(row["share"]),
        "too few to rank" if row["is_too_few"] else interval,
        row["more"],
    ]
