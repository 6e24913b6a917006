"""What no touchpoint rule takes: bars, the commonest on top."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.formats import count_text, more_text, read_rows, share_text, whole
from journeys.report.labels import clean_text, hover_label, plain_label, shorten, text_width
from journeys.report.palette import MAIN, MUTED

MOST_BARS = 30
_ROW_HEIGHT = 24
_LETTER = 6.9
_NAME_WIDTH = 36
_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]} events of %{customdata[3]} persons<br>"
    "%{customdata[4]} of all that no rule takes<extra></extra>"
)


def catalogue_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the events of each group as a bar; the hover tells event, address, persons and share.

    Args:
        frame: the columns of a catalogue's frame, the commonest first; MOST_BARS are drawn.
        title: shown above.
    """
    rows = read_rows(frame.head(MOST_BARS))
    if not rows:
        return draw_nothing(title, "every event has a touchpoint")
    places = list(range(len(rows)))
    widest = max(text_width(shorten(clean_text(row["touchpoint"]), _NAME_WIDTH)) for row in rows)
    trace = go.Bar(
        orientation="h",
        x=[whole(row["event_count"]) for row in rows],
        y=places,
        marker={"color": MAIN},
        customdata=[_cells(row) for row in rows],
        hovertemplate=_HOVER,
    )
    left = round(_LETTER * widest) + 12
    foot = {"text": "events" + more_text(len(frame), len(rows)), "x": 0, "xref": "paper", "xanchor": "left",
            "xshift": -left, "y": 0, "yref": "paper", "yanchor": "top", "yshift": -24, "showarrow": False,
            "font": {"color": MUTED, "size": 11}}  # fmt: skip
    return draw(
        [trace],
        title=title,
        height=_ROW_HEIGHT * len(rows) + 70,
        margin={"t": 8, "b": 48, "l": left, "r": 14},
        annotations=[foot],
        bargap=0.3,
        xaxis={"fixedrange": True, "rangemode": "tozero", "nticks": 4, "tickangle": 0, "tickformat": ",d"},
        yaxis={"tickvals": places, "ticktext": [plain_label(row["touchpoint"], _NAME_WIDTH) for row in rows],
               "range": [len(rows) - 0.4, -0.6], "showgrid": False, "fixedrange": True, "ticks": "",
               "automargin": False},
    )  # fmt: skip


def _cells(row: dict[str, Any]) -> list[str]:
    address = row["address"] if isinstance(row["address"], str) else "no address"
    return [
        hover_label(row["event"]),
        hover_label(address),
        count_text(row["event_count"]),
        count_text(row["person_count"]),
        share_text(row["share"]),
    ]
