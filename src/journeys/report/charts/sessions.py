"""How many sessions a day, or how long they last."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.formats import count_text, share_text
from journeys.report.palette import MAIN

_HEIGHT = 300
# Lasting this many seconds at most; the last class has no end.
_CLASSES = (
    (0, "one moment"), (10, "to 10 s"), (60, "to 1 min"), (300, "to 5 min"), (900, "to 15 min"),
    (1800, "to 30 min"), (3600, "to 1 h"), (float("inf"), "longer"),
)  # fmt: skip


def sessions_figure(frame: pd.DataFrame, *, title: str = "", measure: Literal["day", "duration"] = "day") -> go.Figure:
    """Draw sessions as bars.

    Args:
        frame: the columns of a sessions' frame; `started_at` (counted by its calendar day as stored) or
            `duration_seconds` is read.
        title: shown above the bars.
        measure: 'day' counts sessions by the day they started, days without one included; 'duration' by how
            long they lasted.
    """
    if measure == "day":
        return _draw_days(frame, title)
    return _draw_durations(frame, title)


def _draw_days(frame: pd.DataFrame, title: str) -> go.Figure:
    if frame.empty:
        return draw_nothing(title)
    days = pd.to_datetime(frame["started_at"]).dropna().dt.tz_localize(None).dt.normalize()
    if days.empty:
        return draw_nothing(title)
    counts = days.value_counts().reindex(pd.date_range(days.min(), days.max(), freq="D"), fill_value=0)
    names = [day.strftime("%Y-%m-%d") for day in counts.index]
    return _draw_bars(names, [int(count) for count in counts], title, xaxis={"type": "date", "showgrid": False})


def _draw_durations(frame: pd.DataFrame, title: str) -> go.Figure:
    durations = [] if frame.empty else [float(value) for value in frame["duration_seconds"].dropna()]
    if not durations:
        return draw_nothing(title)
    counts = [0] * len(_CLASSES)
    for duration in durations:
        counts[next(place for place, (limit, _) in enumerate(_CLASSES) if duration <= limit)] += 1
    return _draw_bars([name for _, name in _CLASSES], counts, title, xaxis={"type": "category", "showgrid": False})


def _draw_bars(names: list[str], counts: list[int], title: str, *, xaxis: dict[str, Any]) -> go.Figure:
    total = sum(counts)
    trace = go.Bar(
        x=names,
        y=counts,
        marker={"color": MAIN},
        customdata=[
            [name, count_text(count), share_text(count / total)] for name, count in zip(names, counts, strict=True)
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]} sessions, %{customdata[2]} of all<extra></extra>",
    )
    return draw(
        [trace],
        title=title,
        height=_HEIGHT,
        bargap=0.15,
        xaxis=xaxis | {"fixedrange": True},
        yaxis={"fixedrange": True, "rangemode": "tozero", "title": {"text": "sessions"}, "tickformat": ",d"},
    )
