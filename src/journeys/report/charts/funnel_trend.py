"""The funnel by entry date: the share that converts with its interval, over bars of those who came."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.formats import count_text, interval_text, number, read_rows, share_text, whole
from journeys.report.palette import GREY, LIGHT_GREY, MAIN, MUTED

_KEY = {
    "text": f'<span style="color:{MAIN}">●</span> share of mature entrants, 95 % interval<br>'
    f'<span style="color:{MAIN}">○</span> the same, not all mature yet<br>'
    f'<span style="color:{GREY}">■</span> entrants, <span style="color:{GREY}">▨</span> windows still open',
    "x": 0, "xref": "paper", "xanchor": "left", "y": 0, "yref": "paper", "yanchor": "top", "yshift": -26,
    "align": "left", "showarrow": False, "font": {"color": MUTED},
}  # fmt: skip
_HOVER = (
    "<b>%{customdata[0]}</b>%{customdata[1]}<br>%{customdata[2]} of %{customdata[3]} mature converted:<br>"
    "%{customdata[4]} (%{customdata[5]})<br>%{customdata[6]} entered: %{customdata[7]} converted, "
    "%{customdata[8]} dropped, %{customdata[9]} still open<extra></extra>"
)
_HATCHED = {"shape": "/", "size": 6, "solidity": 0.3, "fgcolor": GREY, "bgcolor": "#ffffff"}


def trend_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the conversion share by entry date, above bars of the entrants; immature dates are hatched and hollow.

    Args:
        frame: the columns of a funnel's trend.
        title: shown above the chart.
    """
    rows = read_rows(frame)
    if not rows:
        return draw_nothing(title, "nobody entered")
    cells = [_hover_cells(row) for row in rows]
    dates = [row["entry_date"] for row in rows]
    highest = max([number(row["conversion_share_high"]) or 0.0 for row in rows] + [0.01])
    return draw(
        [_bars(rows, dates, cells, is_immature=False), _bars(rows, dates, cells, is_immature=True),
         _dots(rows, dates, cells)],
        title=title,
        height=380,
        margin={"l": 48, "b": 86, "r": 16},
        barmode="overlay",
        xaxis={"type": "date", "nticks": 6, "fixedrange": True, "automargin": False, "showgrid": False},
        yaxis={"domain": [0.34, 1], "range": [0, min(1.02, highest * 1.08)], "tickformat": ".0%", "nticks": 5,
               "fixedrange": True, "automargin": False},
        yaxis2={"domain": [0, 0.26], "anchor": "x", "nticks": 3, "fixedrange": True, "rangemode": "tozero",
                "automargin": False},
        annotations=[_KEY],
    )  # fmt: skip


def _bars(rows: list[dict[str, Any]], dates: list[Any], cells: list[list[str]], *, is_immature: bool) -> go.Bar:
    picked = [place for place, row in enumerate(rows) if bool(row["is_immature"]) == is_immature]
    marker: dict[str, Any] = {"color": GREY}
    if is_immature:
        marker = {"color": "#ffffff", "pattern": _HATCHED, "line": {"color": GREY, "width": 1}}
    return go.Bar(
        name="some still open" if is_immature else "mature",
        x=[dates[place] for place in picked],
        y=[whole(rows[place]["entrant_count"]) for place in picked],
        yaxis="y2",
        width=_bar_width(dates),
        marker=marker,
        customdata=[cells[place] for place in picked],
        hovertemplate=_HOVER,
    )


def _bar_width(dates: list[Any]) -> float:
    """Three quarters of the shortest distance of two dates, in milliseconds; of a day where there is one date."""
    steps = [(later - date).total_seconds() for date, later in pairwise(dates)]
    return 750 * min(steps, default=86_400)


def _dots(rows: list[dict[str, Any]], dates: list[Any], cells: list[list[str]]) -> go.Scatter:
    """A date without mature entrants has no dot; the line joins mature neighbours only."""
    shares = [number(row["conversion_share"]) for row in rows]
    sides = [
        [abs((number(row[f"conversion_share_{end}"]) or 0.0) - share) if share is not None else 0.0
         for row, share in zip(rows, shares, strict=True)]
        for end in ("high", "low")
    ]  # fmt: skip
    fills = ["#ffffff" if row["is_immature"] else LIGHT_GREY if row["is_too_few"] else MAIN for row in rows]
    return go.Scatter(
        name="share",
        mode="lines+markers",
        x=dates,
        y=shares,
        connectgaps=False,
        line={"width": 1, "color": LIGHT_GREY},
        marker={"size": 8, "color": fills, "line": {"width": 1.5, "color": MAIN}, "opacity": 1},
        error_y={"type": "data", "symmetric": False, "array": sides[0], "arrayminus": sides[1], "color": GREY,
                 "thickness": 1.2, "width": 0},
        customdata=cells,
        hovertemplate=_HOVER,
    )  # fmt: skip


def _hover_cells(row: dict[str, Any]) -> list[str]:
    note = ", not all mature yet" if row["is_immature"] else ""
    return [
        pd.Timestamp(row["entry_date"]).strftime("%Y-%m-%d"),
        note + (", too few" if row["is_too_few"] else ""),
        count_text(row["mature_converted_count"]),
        count_text(row["mature_count"]),
        share_text(row["conversion_share"]),
        interval_text(row["conversion_share_low"], row["conversion_share_high"]) or "no interval",
        count_text(row["entrant_count"]),
        count_text(row["converted_count"]),
        count_text(row["dropped_count"]),
        count_text(row["open_count"]),
    ]
