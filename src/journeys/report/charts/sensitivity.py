"""How far the headline moves with the rule of identity: a dot with its interval for each rule."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing, interval_bars
from journeys.report.formats import count_text, interval_text, number, persons_text, read_rows, share_text, whole
from journeys.report.labels import LABEL_WIDTH, plain_label
from journeys.report.palette import GREY, INK, MAIN, MUTED

_ROW_HEIGHT = 40
_AXIS_ROOM = 28
_LEFT = 110
_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]} of %{customdata[2]} persons with a journey converted:<br>"
    "%{customdata[3]} (%{customdata[4]})<br>%{customdata[5]} persons, %{customdata[6]} of them known<br>"
    "%{customdata[7]} sessions, %{customdata[8]} journeys<extra></extra>"
)


def sensitivity_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the conversion share under each rule with its 95 % interval, the configured rule in colour.

    Args:
        frame: the columns of an identity sensitivity's frame.
        title: shown above the dots.

    Returns:
        A figure with a dot per rule in the frame's order, and the number of persons above it; rules under which nobody
        has a journey are left out.
    """
    rows = [row for row in read_rows(frame) if number(row["conversion_share"]) is not None]
    if not rows:
        return draw_nothing(title)
    shares = [float(row["conversion_share"]) for row in rows]
    lows = [float(row["conversion_share_low"]) for row in rows]
    highs = [float(row["conversion_share_high"]) for row in rows]
    colours = [MAIN if row["is_configured"] else GREY for row in rows]
    places = list(range(len(rows)))
    trace = go.Scatter(
        mode="markers",
        x=shares,
        y=places,
        error_x=interval_bars(shares, lows, highs),
        marker={"size": 10, "color": colours, "line": {"width": 1, "color": INK}, "opacity": 1},
        customdata=[_hover_cells(row) for row in rows],
        hovertemplate=_HOVER,
    )
    largest = max([*highs, 0.01])
    notes = [
        {"text": persons_text(whole(row["person_count"])), "x": share, "xref": "x", "y": place, "yref": "y",
         "yshift": 8, "yanchor": "bottom", "showarrow": False, "font": {"size": 11, "color": MUTED}}
        for row, share, place in zip(rows, shares, places, strict=True)
    ]  # fmt: skip
    return draw(
        [trace],
        title=title,
        height=_ROW_HEIGHT * len(rows) + 30 + _AXIS_ROOM,
        margin={"t": 8, "b": _AXIS_ROOM, "l": _LEFT, "r": 24},
        xaxis={"range": [-0.01 * largest, min(1.02, largest * 1.04)], "tickformat": ".0%", "fixedrange": True,
               "nticks": 5, "tickangle": 0, "showline": False},
        yaxis={"tickvals": places, "ticktext": [_label(row) for row in rows], "range": [len(rows) - 0.5, -0.8],
               "showgrid": False, "fixedrange": True, "ticks": "", "ticklabelstandoff": 6, "automargin": False},
        annotations=notes,
    )  # fmt: skip


def _label(row: dict[str, Any]) -> str:
    label = plain_label(row["rule"], LABEL_WIDTH)
    return f"<b>{label}</b>" if row["is_configured"] else label


def _hover_cells(row: dict[str, Any]) -> list[str]:
    return [
        plain_label(row["rule"]) + (", as configured" if row["is_configured"] else ""),
        count_text(row["converted_person_count"]),
        count_text(row["journey_person_count"]),
        share_text(row["conversion_share"]),
        interval_text(row["conversion_share_low"], row["conversion_share_high"]) or "no interval",
        count_text(row["person_count"]),
        count_text(row["known_person_count"]),
        count_text(row["session_count"]),
        count_text(row["journey_count"]),
    ]
