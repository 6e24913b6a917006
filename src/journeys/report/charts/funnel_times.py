"""How long entrants of a funnel take: the share that has reached each step over time, with its band."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.formats import count_text, interval_text, number, read_rows, seconds_text, share_text, whole
from journeys.report.labels import clean_text, hover_label, plain_label
from journeys.report.palette import MAIN, MUTED, fade

# Okabe and Ito, the last step in the main colour.
_COLOURS = (MAIN, "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
MOST_STEPS = len(_COLOURS)
_MOST_POINTS = 400
_TICK_COUNT = 5
_UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
_HOVER = (
    "<b>%{customdata[0]}</b><br>within %{customdata[1]}: %{customdata[2]} (%{customdata[3]})<br>"
    "%{customdata[4]} still watched just before<extra></extra>"
)


def times_figure(frame: pd.DataFrame, *, curve: pd.DataFrame, title: str = "") -> go.Figure:
    """Draw the Kaplan-Meier share over time as a stair with its 95 % band, one per step; the last MOST_STEPS steps.

    Args:
        frame: the columns of funnel times.
        curve: their table `curve`.
        title: shown above the chart.
    """
    rows = read_rows(frame)[::-1][:MOST_STEPS]
    if not rows or curve.empty:
        return draw_nothing(title, "nobody has reached a further step")
    horizon = max(float(number(row["horizon_seconds"]) or 0.0) for row in rows)
    size, unit = next((each for each in _UNITS if horizon >= 2 * each[0]), _UNITS[-1])
    traces: list[Any] = []
    keys = []
    for row, colour in zip(rows, _COLOURS, strict=False):
        stair = _thin(curve[curve["step_index"] == row["step_index"]])
        if len(stair):
            traces += _draw_stair(stair, row, colour=colour, horizon=horizon, size=size)
        keys.append(f'<span style="color:{colour}">■</span> {plain_label(_name(row), 30)}: {_summary(row)}')
    key = {"text": "<br>".join(keys), "x": 0, "xref": "paper", "xanchor": "left", "y": 0, "yref": "paper",
           "yanchor": "top", "yshift": -46, "align": "left", "showarrow": False, "font": {"color": MUTED}}  # fmt: skip
    highest = max([number(value) or 0.0 for value in curve["share_high"].fillna(curve["share"])] + [0.01])
    return draw(
        traces,
        title=title,
        height=300 + 17 * len(keys),
        margin={"l": 48, "b": 60 + 17 * len(keys), "r": 16},
        xaxis={"range": [0, horizon / size], "title": {"text": f"{unit} since entry", "standoff": 6},
               "nticks": _TICK_COUNT, "fixedrange": True, "automargin": False},
        yaxis={"range": [0, min(1.02, highest * 1.05)], "tickformat": ".0%", "nticks": _TICK_COUNT, "fixedrange": True,
               "automargin": False},
        annotations=[key],
    )  # fmt: skip


def _draw_stair(
    stair: pd.DataFrame, row: dict[str, Any], *, colour: str, horizon: float, size: int
) -> list[go.Scatter]:
    """Draw the band and the line over it; both begin at 0 and run on to the horizon."""
    first, last = stair.iloc[[0]], stair.iloc[[-1]]
    start = first.assign(seconds=0.0, share=0.0, share_low=0.0, share_high=0.0) if first["seconds"].iloc[0] else first
    points = pd.concat([start, stair, last.assign(seconds=max(horizon, float(last["seconds"].iloc[0])))])
    x = [float(value) / size for value in points["seconds"]]
    shares = [float(value) for value in points["share"]]
    lows, highs = (
        [share if number(end) is None else float(end) for share, end in zip(shares, points[name], strict=True)]
        for name in ("share_low", "share_high")
    )
    hidden = {"mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip"}
    cells = [
        [hover_label(_name(row)), seconds_text(point["seconds"]), share_text(point["share"]),
         interval_text(point["share_low"], point["share_high"]) or "no interval", count_text(point["at_risk_count"])]
        for point in read_rows(points)
    ]  # fmt: skip
    return [
        go.Scatter(x=x, y=lows, **hidden),
        go.Scatter(x=x, y=highs, fill="tonexty", fillcolor=fade(colour, 0.16), **hidden),
        go.Scatter(x=x, y=shares, mode="lines", line={"width": 2, "color": colour, "shape": "hv"}, customdata=cells,
                   hovertemplate=_HOVER),
    ]  # fmt: skip


def _thin(stair: pd.DataFrame) -> pd.DataFrame:
    """Keep at most so many points, evenly by rank, the first and the last among them."""
    if len(stair) <= _MOST_POINTS:
        return stair
    return stair.iloc[np.unique(np.linspace(0, len(stair) - 1, _MOST_POINTS).round().astype(int))]


def _name(row: dict[str, Any]) -> str:
    return f"{whole(row['step_index'])}. {clean_text(row['step_name'])}"


def _summary(row: dict[str, Any]) -> str:
    text = share_text(row["survival_share"])
    if number(row["median_seconds"]) is not None:
        text += f", half within {seconds_text(row['median_seconds'])}"
    return text + (" (too few)" if row["is_too_few"] else "")
