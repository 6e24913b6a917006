"""How long it takes from step to step: the median and how far the slow ones lie behind it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.formats import NOTHING, count_text, more_text, number, read_rows, seconds_text
from journeys.report.labels import clean_text, hover_label, plain_label, shorten, text_width
from journeys.report.palette import GREY, LIGHT_GREY, MAIN, MUTED

MOST_ROWS = 30
_LABEL_COLUMNS = 30
_ROW_HEIGHT = 24
_LETTER = 6.9
_TICKS = {1: "1 s", 60: "1 min", 3600: "1 h", 86_400: "1 d", 864_000: "10 d", 8_640_000: "100 d"}
_SHORTEST = 1.0
_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]} waits by %{customdata[2]} persons<br>median %{customdata[3]} · three "
    "of four within %{customdata[4]} · nine of ten within %{customdata[5]}<br>in business hours %{customdata[6]} · "
    "%{customdata[7]} · %{customdata[8]}<br>%{customdata[9]} still wait; with them (Kaplan-Meier) median "
    "%{customdata[10]}<extra></extra>"
)


def waits_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the waits of the MOST_ROWS commonest transitions: a dot at the median, lines to the 75 and 90 % marks.

    Times are on a scale of factors; what is under a second is drawn at one. Transitions of too few waits are hollow.

    Args:
        frame: the columns of a waits' frame, in its order.
        title: shown above the rows.
    """
    found = [row for row in read_rows(frame) if number(row["median_seconds"]) is not None]
    rows = found[:MOST_ROWS]
    if not rows:
        return draw_nothing(title)
    places = list(range(len(rows)))
    labels = [f"{row['from_step']} → {row['to_step']}" for row in rows]
    left = round(_LETTER * max(text_width(shorten(clean_text(label), _LABEL_COLUMNS)) for label in labels)) + 12
    medians, three_quarters, nine_tenths = (
        [max(_SHORTEST, number(row[name]) or 0.0) for row in rows]
        for name in ("median_seconds", "p75_seconds", "p90_seconds")
    )
    lines = [
        _line(medians, nine_tenths, places, LIGHT_GREY, 3),
        _line(medians, three_quarters, places, GREY, 6),
    ]
    dots = go.Scatter(
        mode="markers",
        x=medians,
        y=places,
        marker={
            "size": 10,
            "color": ["#ffffff" if row["is_too_few"] else MAIN for row in rows],
            "line": {"width": 1.5, "color": [GREY if row["is_too_few"] else MAIN for row in rows]},
            "opacity": 1,
        },
        customdata=[_hover_cells(row) for row in rows],
        hovertemplate=_HOVER,
    )
    words = "dot: median · thick line: to 75 % · thin line: to 90 %" + more_text(len(found), len(rows))
    note = {"text": words, "x": 0, "xref": "paper",
            "xanchor": "left", "xshift": -left, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
            "font": {"color": MUTED, "size": 11}}  # fmt: skip
    return draw(
        [*lines, dots],
        title=title,
        height=_ROW_HEIGHT * len(rows) + 50,
        margin={"t": 22, "b": 28, "l": left, "r": 14},
        xaxis={"type": "log", "tickvals": list(_TICKS), "ticktext": list(_TICKS.values()), "fixedrange": True,
               "showline": False, "tickangle": 0},
        yaxis={"tickvals": places, "ticktext": [plain_label(label, _LABEL_COLUMNS) for label in labels],
               "range": [len(rows) - 0.4, -0.6], "showgrid": False, "fixedrange": True, "ticks": "",
               "ticklabelstandoff": 6, "automargin": False},
        annotations=[note],
    )  # fmt: skip


def _line(starts: list[float], ends: list[float], places: list[int], colour: str, width: int) -> go.Scatter:
    """Draw one line per row, parted from the next by a gap."""
    xs: list[float | None] = [x for start, end in zip(starts, ends, strict=True) for x in (start, end, None)]
    ys: list[float | None] = [y for place in places for y in (place, place, None)]
    return go.Scatter(mode="lines", x=xs, y=ys, line={"color": colour, "width": width}, hoverinfo="skip")


def _hover_cells(row: dict[str, Any]) -> list[str]:
    median = number(row["km_median_seconds"])
    return [
        hover_label(f"{row['from_step']} → {row['to_step']}"),
        count_text(row["transition_count"]),
        count_text(row["person_count"]),
        *(seconds_text(row[f"{name}_seconds"]) for name in ("median", "p75", "p90")),
        *(seconds_text(row[f"{name}_business_seconds"]) for name in ("median", "p75", "p90")),
        count_text(row["waiting_count"]),
        f"{NOTHING} (fewer than half go)" if median is None else seconds_text(median),
    ]
