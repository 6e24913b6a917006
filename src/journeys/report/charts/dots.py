"""Rows of dots with intervals: one look for everything that is compared with a fixed line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing, interval_bars
from journeys.report.labels import clean_text, plain_label, shorten, text_width
from journeys.report.palette import GREY, INK, MUTED

LABEL_COLUMNS = 28
_ROW_HEIGHT = 24
_AXIS_ROOM = 28
_LETTER = 6.9


@dataclass(frozen=True)
class Dot:
    """One row of dots: what is written left of it, where it lies, and what its hover says."""

    label: str
    value: float
    low: float
    high: float
    colour: str
    is_hollow: bool
    hover: Sequence[str]


@dataclass(frozen=True)
class Sheet:
    """What is drawn around the dots.

    Attributes:
        title: shown above.
        hover: template of the hover, with `customdata`.
        line: value at which a dashed line stands.
        xaxis: properties of the axis of values.
        note: written over the dots.
    """

    title: str
    hover: str
    line: float
    xaxis: dict[str, Any]
    note: str


def draw_dots(dots: Sequence[Dot], sheet: Sheet) -> go.Figure:
    """Draw dots under each other, the first on top."""
    if not dots:
        return draw_nothing(sheet.title)
    places = list(range(len(dots)))
    labels = [shorten(clean_text(dot.label), LABEL_COLUMNS) for dot in dots]
    left = round(_LETTER * max(map(text_width, labels))) + 12
    values = [dot.value for dot in dots]
    trace = go.Scatter(
        mode="markers",
        x=values,
        y=places,
        error_x=interval_bars(values, [dot.low for dot in dots], [dot.high for dot in dots]),
        marker={
            "size": 9,
            "color": ["#ffffff" if dot.is_hollow else dot.colour for dot in dots],
            "line": {"width": 1.5, "color": [GREY if dot.is_hollow else dot.colour for dot in dots]},
            "opacity": 1,
        },
        customdata=[list(dot.hover) for dot in dots],
        hovertemplate=sheet.hover,
    )
    shapes: list[dict[str, Any]] = [
        {"type": "line", "xref": "x", "yref": "paper", "x0": sheet.line, "x1": sheet.line, "y0": 0, "y1": 1,
         "layer": "below", "line": {"color": INK, "width": 1, "dash": "dash"}}
    ]  # fmt: skip
    heading = {"text": plain_label(sheet.note), "x": 0, "xref": "paper", "xanchor": "left", "xshift": -left, "y": 1,
               "yref": "paper", "yanchor": "bottom", "showarrow": False,
               "font": {"color": MUTED, "size": 11}}  # fmt: skip
    return draw(
        [trace],
        title=sheet.title,
        height=_ROW_HEIGHT * len(dots) + 50,
        margin={"t": 22, "b": _AXIS_ROOM, "l": left, "r": 14},
        xaxis={"fixedrange": True, "tickangle": 0, "showline": False} | sheet.xaxis,
        yaxis={"tickvals": places, "ticktext": [plain_label(dot.label, LABEL_COLUMNS) for dot in dots],
               "range": [len(dots) - 0.4, -0.6], "showgrid": False, "fixedrange": True, "ticks": "",
               "ticklabelstandoff": 6, "automargin": False},
        annotations=[heading],
        shapes=shapes,
    )  # fmt: skip
