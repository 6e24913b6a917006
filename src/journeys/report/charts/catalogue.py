"""What no touchpoint rule takes: bars, the commonest on top."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.bars import Bar, draw_bars
from journeys.report.charts.canvas import draw_nothing
from journeys.report.formats import count_text, more_text, read_rows, share_text, whole
from journeys.report.labels import hover_label

MOST_BARS = 30
_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]} events of %{customdata[3]} persons<br>"
    "%{customdata[4]} of all that no rule takes"
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
    bars = [Bar(row["touchpoint"], whole(row["event_count"]), _cells(row)) for row in rows]
    return draw_bars(bars, hover=_HOVER, foot="events" + more_text(len(frame), len(rows)), title=title)


def _cells(row: dict[str, Any]) -> list[str]:
    address = row["address"] if isinstance(row["address"], str) else "no address"
    return [
        hover_label(row["event"]),
        hover_label(address),
        count_text(row["event_count"]),
        count_text(row["person_count"]),
        share_text(row["share"]),
    ]
