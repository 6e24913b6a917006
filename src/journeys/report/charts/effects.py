"""What touchpoints go with, other things alike: odds ratios with their intervals around the line of none."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.formats import (
    count_text,
    factor_text,
    interval_text,
    more_text,
    number,
    read_rows,
    share_text,
    whole,
)
from journeys.report.labels import LABEL_WIDTH, clean_text, hover_label, plain_label, shorten, text_width
from journeys.report.palette import GREY, INK, MAIN, MUTED

MOST_ROWS = 40
_ROW_HEIGHT = 24
_LETTER = 6.9
# Intervals that go on are cut here, so that one wide interval does not press all others together.
_WIDEST = 1.7
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
# Orange and blue are told apart by everybody.
_COLOURS = {"lower": "#d55e00", "higher": MAIN}
_NONE_LINE = {"type": "line", "xref": "x", "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "layer": "below",
              "line": {"color": INK, "width": 1, "dash": "dash"}}  # fmt: skip
_FOOT = "odds ratio, other things alike; hollow: no evidence"
_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>odds ratio %{customdata[2]} (%{customdata[3]}), adjusted"
    "<br>%{customdata[4]} of %{customdata[5]} who met it converted:<br>%{customdata[6]} (%{customdata[7]})"
    "<br>of the others %{customdata[8]} of %{customdata[9]}: %{customdata[10]}<extra></extra>"
)
_WORDS = {
    "higher": "goes with more conversion",
    "lower": "goes with less conversion",
    "no evidence": "no evidence of an effect",
    "insufficient": "too few alike to tell",
    "on the way": "nearly all who convert meet it",
}


def effects_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the adjusted odds ratio of each touchpoint with its 95 % interval on a log scale, the lowest on top.

    Finds are filled, what shows no evidence is hollow; touchpoints that could not be tested stand below, grey and
    without an interval. Of more than MOST_ROWS touchpoints those that most persons met are drawn.

    Args:
        frame: the columns of an effects' frame.
        title: shown above the chart.
    """
    rows = sorted(read_rows(frame), key=lambda row: (-whole(row["person_count"]), str(row["touchpoint"])))[:MOST_ROWS]
    if not rows:
        return draw_nothing(title)
    rows.sort(key=lambda row: (not _is_tested(row), _log(row["odds_ratio"]) or 0.0, str(row["touchpoint"])))
    tested = [row for row in rows if _is_tested(row)]
    reach = _reach(tested)
    places = list(range(len(rows)))
    traces = [_dots(row, place, reach) for place, row in zip(places, rows, strict=True)]
    left = round(_LETTER * max(text_width(shorten(clean_text(row["touchpoint"]), LABEL_WIDTH)) for row in rows)) + 12
    ticks = [tick for tick in _TICKS if abs(math.log10(tick)) <= reach]
    return draw(
        traces,
        title=title,
        height=_ROW_HEIGHT * len(rows) + 74,
        margin={"t": 22, "b": 44, "l": left, "r": 14},
        xaxis={"range": [-reach, reach], "tickvals": [math.log10(tick) for tick in ticks],
               "ticktext": [f"{tick:g}" for tick in ticks], "fixedrange": True, "tickangle": 0, "showline": False},
        yaxis={"tickvals": places, "ticktext": [_name(row) for row in rows],
               "range": [len(rows) - 0.4, -0.6], "showgrid": False, "fixedrange": True, "ticks": "",
               "ticklabelstandoff": 6, "automargin": False},
        annotations=[_note("less", -reach, "left"), _note("more conversion", reach, "right"),
                     *(_untested(row, place) for place, row in zip(places, rows, strict=True) if not _is_tested(row)),
                     _under(_FOOT + more_text(len(frame), len(rows)), left)],
        shapes=[_NONE_LINE],
    )  # fmt: skip


def _is_tested(row: dict[str, Any]) -> bool:
    return number(row["q_value"]) is not None and _log(row["odds_ratio"]) is not None


def _name(row: dict[str, Any]) -> str:
    name = plain_label(row["touchpoint"], LABEL_WIDTH)
    return name if _is_tested(row) else f'<span style="color:{GREY}">{name}</span>'


def _log(value: Any) -> float | None:
    ratio = number(value)
    return math.log10(ratio) if ratio is not None and ratio > 0 else None


def _reach(rows: list[dict[str, Any]]) -> float:
    """How far the axis goes on both sides, in powers of ten: all dots and most intervals."""
    sides = [_log(row[name]) for row in rows for name in ("odds_ratio_low", "odds_ratio_high")]
    dots = [abs(_log(row["odds_ratio"]) or 0.0) + 0.12 for row in rows]
    return max(0.36, *dots, min(_WIDEST, max((abs(side) for side in sides if side is not None), default=0.0) + 0.06))


def _dots(row: dict[str, Any], place: int, reach: float) -> go.Scatter:
    dot, colour = _log(row["odds_ratio"]), _COLOURS.get(str(row["verdict"]), GREY)
    is_tested = _is_tested(row)
    if not is_tested or dot is None:
        dot = 0.0
    sides = [_log(row[name]) for name in ("odds_ratio_low", "odds_ratio_high")]
    low, high = (dot if side is None or not is_tested else max(-reach, min(reach, side)) for side in sides)
    return go.Scatter(
        mode="markers",
        x=[dot],
        y=[place],
        error_x={"type": "data", "symmetric": False, "array": [high - dot], "arrayminus": [dot - low], "color": colour,
                 "thickness": 1.5, "width": 0, "visible": is_tested},
        marker={"size": 9, "color": colour if str(row["verdict"]) in _COLOURS else "#ffffff",
                "line": {"width": 1.5, "color": colour}, "opacity": 1 if is_tested else 0},
        customdata=[_hover_cells(row)],
        hovertemplate=_HOVER,
    )  # fmt: skip


def _untested(row: dict[str, Any], place: int) -> dict[str, Any]:
    text = _WORDS.get(str(row["verdict"]), _WORDS["insufficient"])
    return {"text": text, "x": 0, "xref": "x", "y": place, "yref": "y", "showarrow": False, "bgcolor": "#ffffff",
            "font": {"color": MUTED, "size": 11}}  # fmt: skip


def _note(text: str, x: float, anchor: str) -> dict[str, Any]:
    return {"text": text, "x": x, "xref": "x", "xanchor": anchor, "y": 1, "yref": "paper", "yanchor": "bottom",
            "showarrow": False, "font": {"color": MUTED, "size": 11}}  # fmt: skip


def _under(text: str, left: int) -> dict[str, Any]:
    return {"text": text, "x": 0, "xref": "paper", "xanchor": "left", "xshift": 8 - left, "y": 0, "yref": "paper",
            "yanchor": "top", "yshift": -24, "showarrow": False, "font": {"color": MUTED, "size": 11}}  # fmt: skip


def _hover_cells(row: dict[str, Any]) -> list[str]:
    return [
        hover_label(row["touchpoint"]),
        _WORDS.get(str(row["verdict"]), ""),
        factor_text(row["odds_ratio"]),
        interval_text(row["odds_ratio_low"], row["odds_ratio_high"], "factor") or "no interval",
        count_text(row["converted_count"]),
        count_text(row["person_count"]),
        share_text(row["conversion_share"]),
        interval_text(row["conversion_share_low"], row["conversion_share_high"]) or "no interval",
        count_text(row["other_converted_count"]),
        count_text(row["other_count"]),
        share_text(row["other_share"]),
    ]
