"""What marks converters: the risk ratio of each pattern with its interval."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.dots import Dot, Sheet, draw_dots
from journeys.report.formats import count_text, factor_text, interval_text, more_text, number, read_rows, share_text
from journeys.report.labels import hover_label
from journeys.report.palette import GOOD, GREY, MAIN

MOST_ROWS = 40
_COLOURS = {"marks converters": GOOD, "marks others": MAIN}
_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]} of %{customdata[2]} with it converted: %{customdata[3]} "
    "(%{customdata[4]})<br>%{customdata[5]} of %{customdata[6]} without it: %{customdata[7]}<br>"
    "ratio %{customdata[8]} (%{customdata[9]})<br>of equally long journeys %{customdata[10]} (%{customdata[11]})<br>"
    "q %{customdata[12]} · %{customdata[13]}<extra></extra>"
)


def patterns_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the risk ratio of the first MOST_ROWS patterns with its interval against 1, on a scale of factors.

    Patterns of too few persons are hollow; those that mark nobody are grey.

    Args:
        frame: the columns of a patterns' frame, in its order.
        title: shown above the dots.
    """
    found = [row for row in read_rows(frame) if number(row["risk_ratio_low"]) is not None]
    dots = [
        Dot(
            str(row["pattern"]),
            float(row["risk_ratio"]),
            float(row["risk_ratio_low"]),
            float(row["risk_ratio_high"]),
            _COLOURS.get(str(row["verdict"]), GREY),
            bool(row["is_too_few"]),
            _hover_cells(row),
        )
        for row in found[:MOST_ROWS]
    ]
    without = len(frame) - len(found)
    note = "ratio to those without it · green marks converters"
    note += f" · {count_text(without)} without a ratio are not drawn" if without else ""
    note += more_text(len(found), len(dots))
    ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10]
    axis = {"type": "log", "tickvals": ticks, "ticktext": [f"{tick:g} ×" for tick in ticks]}
    return draw_dots(dots, Sheet(title, _HOVER, axis, line=1, note=note))


def _hover_cells(row: dict[str, Any]) -> list[str]:
    q = number(row["q_value"])
    return [
        hover_label(row["pattern"]),
        count_text(row["converted_count"]),
        count_text(row["person_count"]),
        share_text(row["conversion_share"]),
        interval_text(row["conversion_share_low"], row["conversion_share_high"]),
        count_text(row["other_converted_count"]),
        count_text(row["other_count"]),
        share_text(row["other_share"]),
        factor_text(row["risk_ratio"]),
        interval_text(row["risk_ratio_low"], row["risk_ratio_high"], unit="factor") or "no interval",
        factor_text(row["adjusted_ratio"]),
        interval_text(row["adjusted_ratio_low"], row["adjusted_ratio_high"], unit="factor") or "no interval",
        "–" if q is None else f"{q:.3f}",
        hover_label(row["verdict"]),
    ]
