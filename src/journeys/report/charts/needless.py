"""What repeats without effect: the difference in conversion of each repeat and detour."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.dots import Dot, Sheet, draw_dots
from journeys.report.formats import count_text, interval_text, more_text, number, read_rows, seconds_text, share_text
from journeys.report.labels import hover_label
from journeys.report.palette import GREY, MAIN

MOST_ROWS = 40
_NEEDLESS = "#e69f00"
_COLOURS = {"needless": _NEEDLESS, "converts less": MAIN, "converts more": MAIN}
_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]} times by %{customdata[2]} persons<br>extra time %{customdata[3]} in "
    "all, median %{customdata[4]}<br>%{customdata[5]} of them converted: %{customdata[6]} (%{customdata[7]})<br>"
    "%{customdata[8]} of %{customdata[9]} others who met the step: %{customdata[10]}<br>"
    "difference %{customdata[11]} (%{customdata[12]}) · %{customdata[13]}<extra></extra>"
)


def needless_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the difference in conversion of the first MOST_ROWS repeats and detours with its interval against 0.

    Those of too few persons are hollow; needless ones are orange.

    Args:
        frame: the columns of a needless' frame, in its order.
        title: shown above the dots.
    """
    found = [row for row in read_rows(frame) if number(row["difference_low"]) is not None]
    dots = [
        Dot(
            _label(row),
            float(row["difference"]),
            float(row["difference_low"]),
            float(row["difference_high"]),
            _COLOURS.get(str(row["verdict"]), GREY),
            bool(row["is_too_few"]),
            _hover_cells(row),
        )
        for row in found[:MOST_ROWS]
    ]
    note = "difference to others at the step · orange: needless" + more_text(len(found), len(dots))
    return draw_dots(dots, Sheet(title, _HOVER, {"tickformat": "+.0%", "nticks": 6}, line=0, note=note))


def _label(row: dict[str, Any]) -> str:
    step = str(row["step"])
    return f"{step} ↻" if row["kind"] == "repeat" else f"{step} ⇄ {row['detour_step']}"


def _hover_cells(row: dict[str, Any]) -> list[str]:
    way = [row["step"], row["step"]] if row["kind"] == "repeat" else [row["step"], row["detour_step"], row["step"]]
    return [
        hover_label(" > ".join(map(str, way))),
        count_text(row["repeat_count"]),
        count_text(row["person_count"]),
        seconds_text(row["extra_seconds"]),
        seconds_text(row["median_extra_seconds"]),
        count_text(row["converted_count"]),
        share_text(row["conversion_share"]),
        interval_text(row["conversion_share_low"], row["conversion_share_high"]),
        count_text(row["other_converted_count"]),
        count_text(row["other_count"]),
        share_text(row["other_share"]),
        share_text(row["difference"]),
        interval_text(row["difference_low"], row["difference_high"]),
        hover_label(row["verdict"]),
    ]
