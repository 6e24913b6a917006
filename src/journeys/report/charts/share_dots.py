"""Shares as dots with their intervals: who comes back to a step, who goes back to an earlier stage."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.dots import Dot, Sheet, draw_dots, share_axis
from journeys.report.formats import count_text, interval_text, more_text, number, read_rows, share_text
from journeys.report.labels import clean_text, hover_label
from journeys.report.palette import MAIN

MOST_DOTS = 30
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
    """Dots in the order of the rows; hollow and grey where too few stand behind a share."""
    dots = [
        Dot(row["name"], float(row["share"]), float(row["share_low"]), float(row["share_high"]), MAIN,
            bool(row["is_too_few"]), _hover_cells(row))
        for row in rows[:MOST_DOTS]
    ]  # fmt: skip
    foot = note + more_text(len(rows), len(dots))
    return draw_dots(dots, Sheet(title, _HOVER, share_axis(dots), foot=foot))


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
