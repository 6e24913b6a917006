"""Bars of counts with their names on the left, for charts of what is commonest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from journeys.report.charts.canvas import draw
from journeys.report.labels import clean_text, plain_label, shorten, text_width
from journeys.report.palette import MAIN, MUTED

_ROW_HEIGHT = 24
_LETTER = 6.9
_NAME_WIDTH = 36


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its count, and the cells of its hover."""

    name: object
    count: int
    cells: Sequence[str]


def draw_bars(bars: Sequence[Bar], *, hover: str, foot: str, title: str = "") -> go.Figure:
    """Draw bars from the top down, one at least.

    Args:
        bars: in their order.
        hover: its template; `%{customdata[k]}` are a bar's cells.
        foot: what the counts are, under the axis.
        title: shown above.
    """
    places = list(range(len(bars)))
    left = round(_LETTER * max(text_width(shorten(clean_text(bar.name), _NAME_WIDTH)) for bar in bars)) + 12
    trace = go.Bar(
        orientation="h",
        x=[bar.count for bar in bars],
        y=places,
        marker={"color": MAIN},
        customdata=[list(bar.cells) for bar in bars],
        hovertemplate=hover + "<extra></extra>",
    )
    note = {"text": foot, "x": 0, "xref": "paper", "xanchor": "left", "xshift": -left, "y": 0, "yref": "paper",
            "yanchor": "top", "yshift": -24, "showarrow": False, "font": {"color": MUTED, "size": 11}}  # fmt: skip
    return draw(
        [trace],
        title=title,
        height=_ROW_HEIGHT * len(bars) + 70,
        margin={"t": 8, "b": 48, "l": left, "r": 14},
        annotations=[note],
        bargap=0.3,
        xaxis={"fixedrange": True, "rangemode": "tozero", "nticks": 4, "tickangle": 0, "tickformat": ",d"},
        yaxis={"tickvals": places, "ticktext": [plain_label(bar.name, _NAME_WIDTH) for bar in bars],
               "range": [len(bars) - 0.4, -0.6], "showgrid": False, "fixedrange": True, "ticks": "",
               "automargin": False},
    )  # fmt: skip
