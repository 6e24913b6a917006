"""How many people stand elsewhere under each other system's rule."""

from __future__ import annotations

from textwrap import wrap

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.formats import count_text, read_rows, whole
from journeys.report.labels import hover_label, plain_label
from journeys.report.palette import MAIN

_ROW_HEIGHT = 64


def presets_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw a bar per preset and rule that decides, as long as the people it moves.

    Args:
        frame: preset, decided_by; a row per person that differs.
        title: shown above the bars.
    """
    if frame.empty:
        return draw_nothing(title, reason="every preset counts the same people")
    counts = frame.groupby(["preset", "decided_by"]).size().sort_values().reset_index(name="count")
    rows = [(str(row["preset"]), str(row["decided_by"]), whole(row["count"])) for row in read_rows(counts)]
    # The rule stands under the system's name, in lines that leave a phone room for the bar.
    names = ["<br>".join(map(plain_label, [preset, *wrap(rule, 24)])) for preset, rule, _ in rows]
    bars = go.Bar(
        x=[count for *_, count in rows],
        y=names,
        orientation="h",
        marker={"color": MAIN},
        customdata=[[hover_label(f"{preset}: {rule}"), count_text(count)] for preset, rule, count in rows],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]} people stand elsewhere<extra></extra>",
    )
    return draw(
        [bars],
        title=title,
        height=_ROW_HEIGHT * len(names) + 60,
        xaxis={"fixedrange": True, "rangemode": "tozero"},
        yaxis={"fixedrange": True},
    )
