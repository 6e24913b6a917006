"""Rows of dots with intervals: one look for all numbers that stand side by side, each with its own name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing, interval_bars
from journeys.report.labels import clean_text, plain_label, shorten, text_width
from journeys.report.palette import GREY, INK, LIGHT_GREY, MUTED

LABEL_COLUMNS = 28
_ROW_HEIGHT = 24
_AXIS_ROOM = 28
_FOOT_ROOM = 20
_LETTER = 6.9


@dataclass(frozen=True)
class Dot:
    """One row of dots.

    Attributes:
        label: what is written left of it, from data.
        value: where it lies.
        low: low end of its interval.
        high: high end of its interval.
        colour: of the dot; a hollow one is grey.
        is_hollow: too few to rank, or nothing shown.
        hover: cells of the hover's template, as safe text.
        expected: from and to of what was expected, behind the dot; none draws nothing.
    """

    label: str
    value: float
    low: float
    high: float
    colour: str
    is_hollow: bool
    hover: Sequence[str]
    expected: tuple[float, float] | None = None


@dataclass(frozen=True)
class Sheet:
    """What is drawn around the dots.

    Attributes:
        title: shown above.
        hover: template of the hover, with `customdata`.
        xaxis: properties of the axis of values.
        line: value at which a dashed line stands; none draws none.
        note: written over the dots.
        foot: written under the axis.
    """

    title: str
    hover: str
    xaxis: dict[str, Any]
    line: float | None = None
    note: str = ""
    foot: str = ""


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
    top, bottom = (22 if sheet.note else 8), _AXIS_ROOM + (_FOOT_ROOM if sheet.foot else 0)
    return draw(
        [trace],
        title=sheet.title,
        height=_ROW_HEIGHT * len(dots) + top + bottom,
        margin={"t": top, "b": bottom, "l": left, "r": 14},
        xaxis={"fixedrange": True, "tickangle": 0, "showline": False} | sheet.xaxis,
        yaxis={"tickvals": places, "ticktext": [plain_label(dot.label, LABEL_COLUMNS) for dot in dots],
               "range": [len(dots) - 0.4, -0.6], "showgrid": False, "fixedrange": True, "ticks": "",
               "ticklabelstandoff": 6, "automargin": False},
        annotations=_write_around(sheet, left),
        shapes=[*_draw_line(sheet), *_draw_expected(dots)],
    )  # fmt: skip


def share_axis(dots: Sequence[Dot]) -> dict[str, Any]:
    """Return the axis of shares from 0 to the largest that is drawn."""
    return {"tickformat": ".0%", **number_axis(dots, most=1.02)}


def number_axis(dots: Sequence[Dot], *, most: float = float("inf")) -> dict[str, Any]:
    """Return the axis of numbers from 0 to the largest that is drawn, at most to `most`."""
    largest = max([dot.high for dot in dots] + [dot.expected[1] for dot in dots if dot.expected] + [0.01])
    return {"range": [-0.01 * largest, min(most, largest * 1.04)], "nticks": 5}


def _write_around(sheet: Sheet, left: int) -> list[dict[str, Any]]:
    written = {"x": 0, "xref": "paper", "xanchor": "left", "xshift": -left, "yref": "paper", "showarrow": False,
               "font": {"color": MUTED, "size": 11}}  # fmt: skip
    notes = []
    if sheet.note:
        notes.append(written | {"text": plain_label(sheet.note), "y": 1, "yanchor": "bottom"})
    if sheet.foot:
        notes.append(written | {"text": plain_label(sheet.foot), "y": 0, "yanchor": "top", "yshift": -24})
    return notes


def _draw_line(sheet: Sheet) -> list[dict[str, Any]]:
    if sheet.line is None:
        return []
    return [{"type": "line", "xref": "x", "yref": "paper", "x0": sheet.line, "x1": sheet.line, "y0": 0, "y1": 1,
             "layer": "below", "line": {"color": INK, "width": 1, "dash": "dash"}}]  # fmt: skip


def _draw_expected(dots: Sequence[Dot]) -> list[dict[str, Any]]:
    return [
        {"type": "rect", "xref": "x", "yref": "y", "x0": dot.expected[0], "x1": dot.expected[1], "y0": place - 0.3,
         "y1": place + 0.3, "layer": "below", "fillcolor": LIGHT_GREY, "line": {"color": LIGHT_GREY, "width": 2}}
        for place, dot in enumerate(dots) if dot.expected
    ]  # fmt: skip
