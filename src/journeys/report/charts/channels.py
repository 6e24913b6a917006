"""Where sessions come from: a bar per channel, the commonest on top."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.bars import Bar, draw_bars
from journeys.report.charts.canvas import draw_nothing
from journeys.report.formats import count_text, more_text, share_text, whole
from journeys.report.labels import hover_label

MOST_BARS = 20
_MOST_RULES = 4
_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]} of %{customdata[2]} sessions, %{customdata[3]}<br>%{customdata[4]}"
)


def channels_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the sessions of each channel as a bar; the hover tells what decided it.

    Args:
        frame: the columns of the frame of channels; MOST_BARS channels are drawn.
        title: shown above.
    """
    if frame.empty:
        return draw_nothing(title, "no sessions")
    sums = _add_up(frame, "channel")
    total = whole(sums.sum())
    bars = [
        Bar(
            name,
            whole(count),
            [hover_label(name), count_text(count), count_text(total), share_text(count / total), _decided(frame, name)],
        )
        for name, count in sums.head(MOST_BARS).items()
    ]
    return draw_bars(bars, hover=_HOVER, foot="sessions" + more_text(len(sums), len(bars)), title=title)


def _decided(frame: pd.DataFrame, channel: object) -> str:
    """The rules that gave a channel, the commonest first, a line each."""
    rules = _add_up(frame[frame["channel"] == channel], "rule").head(_MOST_RULES)
    return "<br>".join(f"{hover_label(rule)}: {count_text(count)}" for rule, count in rules.items())


def _add_up(frame: pd.DataFrame, column: str) -> pd.Series:
    sums = frame.groupby(column, sort=True)["session_count"].sum()
    return sums.sort_values(ascending=False, kind="stable")
