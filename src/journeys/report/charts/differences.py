"""Differences of shares with their intervals: groups of a funnel, or what separates converters."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.insights.statistics.comparisons import FALSE_DISCOVERY_RATE
from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.formats import NOTHING, count_text, interval_text, more_text, number, read_rows, share_text
from journeys.report.labels import LABEL_WIDTH, clean_text, hover_label, plain_label, shorten, text_width
from journeys.report.palette import GREY, INK, MAIN, MUTED

MOST_ROWS = 30
_ROW_HEIGHT = 26
_LETTER = 6.9
_LESS = "#d55e00"
_ON_THE_WAY = "on the way"
_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]}%{customdata[2]} of %{customdata[3]} converted: %{customdata[4]} "
    "(%{customdata[5]})<br>the others: %{customdata[6]} of %{customdata[7]}, %{customdata[8]}<br>"
    "difference %{customdata[9]}%{customdata[10]}<extra></extra>"
)


def differences_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw each row's difference with its 95 % interval, in the frame's order, at most MOST_ROWS.

    Finds (q up to 0.05) are filled; what may be chance is hollow; what was not tested says why.

    Args:
        frame: the columns of compared groups (named by the first column), or of separators (`kind`, `name`, `value`).
        title: shown above the chart.
    """
    rows = read_rows(frame)[:MOST_ROWS]
    if not rows:
        return draw_nothing(title, "nothing to compare")
    names = [_name(row, str(frame.columns[0])) for row in rows]
    places = list(range(len(rows)))
    reach = max([abs(number(row[name]) or 0.0) for row in rows if not _untested(row)
                 for name in ("difference", "difference_low", "difference_high")] + [0.02]) * 1.08  # fmt: skip
    left = round(_LETTER * max(text_width(shorten(name, LABEL_WIDTH)) for name in names)) + 16
    labels = [plain_label(name, LABEL_WIDTH) for name in names]
    under = "difference of the share converted; hollow: may be chance" + more_text(len(frame), len(rows))
    return draw(
        [_dot(row, name, place) for row, name, place in zip(rows, names, places, strict=True)],
        title=title,
        height=_ROW_HEIGHT * len(rows) + 74,
        margin={"t": 22, "b": 44, "l": left, "r": 14},
        xaxis={"range": [-reach, reach], "tickformat": "+.0%" if reach > 0.05 else "+.1%", "nticks": 5,
               "fixedrange": True, "tickangle": 0, "showline": False, "zeroline": True, "zerolinecolor": INK,
               "zerolinewidth": 1},
        yaxis={"tickvals": places, "ticktext": labels, "range": [len(rows) - 0.4, -0.6], "showgrid": False,
               "fixedrange": True, "ticks": "", "ticklabelstandoff": 6, "automargin": False},
        annotations=[*(_note(_untested(row), place) for row, place in zip(rows, places, strict=True) if _untested(row)),
                     _under(under, left)],
    )  # fmt: skip


def _name(row: dict[str, Any], first: str) -> str:
    if "kind" not in row:
        return clean_text(row[first])
    name = clean_text(row["name"])
    if row["kind"] == "column":
        return f"{name} = {clean_text(row['value'])}"
    return name + (", before" if str(row["kind"]).endswith("before entry") else ", after")


def _dot(row: dict[str, Any], name: str, place: int) -> go.Scatter:
    difference = number(row["difference"])
    is_drawn = difference is not None and not _untested(row)
    dot = float(difference or 0.0) if is_drawn else 0.0
    low, high = (dot if number(row[end]) is None else float(row[end]) for end in ("difference_low", "difference_high"))
    q = number(row["q_value"])
    is_find = q is not None and q <= FALSE_DISCOVERY_RATE
    colour = (MAIN if dot > 0 else _LESS) if is_find else GREY
    return go.Scatter(
        mode="markers",
        x=[dot],
        y=[place],
        error_x={"type": "data", "symmetric": False, "array": [high - dot], "arrayminus": [dot - low], "color": colour,
                 "thickness": 1.5, "width": 0, "visible": is_drawn},
        marker={"size": 9, "color": colour if is_find else "#ffffff", "line": {"width": 1.5, "color": colour},
                "opacity": 1 if is_drawn else 0},
        customdata=[_hover_cells(row, name)],
        hovertemplate=_HOVER,
    )  # fmt: skip


def _untested(row: dict[str, Any]) -> str:
    """Say why a row was not tested; nothing when it was, or is what the others are held against."""
    return "too few" if row["is_too_few"] else _ON_THE_WAY if row.get("verdict") == _ON_THE_WAY else ""


def _note(text: str, place: int) -> dict[str, Any]:
    return {"text": text, "x": 0, "xref": "x", "y": place, "yref": "y", "showarrow": False, "bgcolor": "#ffffff",
            "font": {"color": MUTED, "size": 11}}  # fmt: skip


def _under(text: str, left: int) -> dict[str, Any]:
    return {"text": text, "x": 0, "xref": "paper", "xanchor": "left", "xshift": 8 - left, "y": 0, "yref": "paper",
            "yanchor": "top", "yshift": -24, "showarrow": False, "font": {"color": MUTED, "size": 11}}  # fmt: skip


def points_text(value: Any) -> str:
    """Write a difference of shares in percentage points: 0.031 is '+3.1 points'."""
    points = number(value)
    return NOTHING if points is None else f"{100 * points:+.1f} points"


def _hover_cells(row: dict[str, Any], name: str) -> list[str]:
    base = row.get("mature_count", row.get("entrant_count"))
    low, high = points_text(row["difference_low"]), points_text(row["difference_high"])
    q = number(row["q_value"])
    return [
        hover_label(name),
        f"{plain_label(row['kind'])}<br>" if "kind" in row else "",
        count_text(row["converted_count"]),
        count_text(base),
        share_text(row["conversion_share"]),
        interval_text(row["conversion_share_low"], row["conversion_share_high"]) or "no interval",
        count_text(row["other_converted_count"]),
        count_text(row["other_count"]),
        share_text(row["other_share"]),
        f"{points_text(row['difference'])} ({low} to {high})",
        f"<br>{_untested(row)}, not tested" if _untested(row) else "" if q is None else f"<br>q = {q:.2g}",
    ]
