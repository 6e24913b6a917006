"""How many people stand elsewhere under each other system's rule."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.formats import count_text
from journeys.report.labels import hover_label, plain_label
from journeys.report.palette import MAIN

_ROW_HEIGHT = 40


def presets_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw a bar per preset and rule that decides, as long as the people it moves.

    Args:
        frame: preset, decided_by; a row per person that differs.
        title: shown above the bars.
    """
    if frame.empty:
        return draw_nothing(title, reason="every preset counts the same people")
    counts = frame.groupby(["preset", "decided_by"]).size().sort_values()
    names = [f"{plain_label(preset, 20)}: {plain_label(rule, 44)}" for preset, rule in counts.index]
    bars = go.Bar(
        x=list(counts),
        y=names,
        orientation="h",
        marker={"color": MAIN},
        customdata=[[hover_label(name), count_text(count)] for name, count in zip(names, counts, strict=True)],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]} people stand elsewhere<extra></extra>",
    )
    return draw(
        [bars],
        title=title,
        height=_ROW_HEIGHT * len(names) + 60,
        xaxis={"fixedrange": True, "rangemode": "tozero"},
        yaxis={"fixedrange": True},
    )
