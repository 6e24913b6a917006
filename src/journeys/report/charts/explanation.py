"""One person in a funnel: each event that matches a step, when it was, and what the funnel made of it."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.labels import hover_label, plain_label
from journeys.report.palette import GREY, MAIN, MUTED

_ROW_HEIGHT = 44
_KEY = {
    "text": f'<span style="color:{MAIN}">●</span> chosen   <span style="color:{GREY}">○</span> refused: the reason is '
    "at the dot",
    "x": 0,
    "xref": "paper",
    "xanchor": "left",
    "y": 0,
    "yref": "paper",
    "yanchor": "top",
    "yshift": -34,
    "showarrow": False,
    "font": {"color": MUTED},
}


def explanation_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw each candidate event as a dot at its time and step, the chosen ones full and joined.

    Args:
        frame: occurred_at, event, step_index, step_name, is_chosen, reason.
        title: shown above the dots.
    """
    if frame.empty:
        return draw_nothing(title, reason="no event matches a step")
    steps = frame.drop_duplicates("step_index").sort_values("step_index")
    traces = []
    for is_chosen, rows in frame.groupby("is_chosen"):
        hover = [
            [hover_label(event), hover_label(name), hover_label(reason or "chosen")]
            for event, name, reason in zip(rows["event"], rows["step_name"], rows["reason"], strict=True)
        ]
        traces.append(
            go.Scatter(
                x=rows["occurred_at"],
                y=rows["step_index"],
                mode="lines+markers" if is_chosen else "markers",
                line={"color": MAIN, "width": 1},
                marker={
                    "size": 12,
                    "color": MAIN if is_chosen else "#ffffff",
                    "line": {"color": MAIN if is_chosen else GREY, "width": 2},
                },
                customdata=hover,
                hovertemplate="<b>%{customdata[0]}</b><br>step: %{customdata[1]}<br>%{x}<br>%{customdata[2]}"
                "<extra></extra>",
            )
        )
    labels = [
        f"{index}. {plain_label(name, 20)}" for index, name in zip(steps["step_index"], steps["step_name"], strict=True)
    ]
    return draw(
        traces,
        title=title,
        height=_ROW_HEIGHT * len(steps) + 90,
        margin={"b": 60},
        annotations=[_KEY],
        xaxis={"type": "date", "fixedrange": True},
        yaxis={"tickvals": list(steps["step_index"]), "ticktext": labels, "autorange": "reversed", "fixedrange": True},
    )
