"""One number per name with its interval: exits, drop-off, abandonment, touches and visits as dots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing, interval_bars
from journeys.report.formats import count_text, interval_text, number, read_rows, share_text, value_text
from journeys.report.labels import LABEL_WIDTH, clean_text, hover_label, plain_label, shorten, text_width
from journeys.report.palette import GREY, LIGHT_GREY, MAIN, MUTED

MOST_DOTS = 40
_ROW_HEIGHT = 24
_LETTER = 6.9
_HOVER = "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>"


@dataclass(frozen=True)
class Dot:
    """A number to draw.

    Attributes:
        name: what it is of, from data.
        value: the number.
        low: low end of its interval.
        high: high end of its interval.
        told: count, base and what else the hover says, as safe text.
        is_few: too few to rank: hollow and grey.
        expected: from and to of what was expected; none draws nothing.
    """

    name: str
    value: float
    low: float
    high: float
    told: str
    is_few: bool
    expected: tuple[float, float] | None = None


def exits_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the exit share of each touchpoint's sessions; the hover tells the bounces too."""
    dots = []
    for row in read_rows(frame):
        bounces = f"{count_text(row['bounce_count'])} of {count_text(row['landing_count'])} landings bounced"
        told = f"{count_text(row['exit_count'])} of {count_text(row['session_count'])} sessions ended here<br>{bounces}"
        dots.append(_read_dot(row, "touchpoint", "exit_share", told, is_few=row["is_exit_too_few"]))
    return draw_dots(dots, title=title, axis="sessions that end here")


def drop_off_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the drop-off of each touchpoint; the hover tells how many are still open."""
    dots = []
    for row in read_rows(frame):
        told = (
            f"{count_text(row['dropped_count'])} of {count_text(row['resolved_count'])} gave up here<br>"
            f"{count_text(row['open_count'])} still open"
        )
        dots.append(_read_dot(row, "touchpoint", "dropped_share", told, is_few=row["is_too_few"]))
    return draw_dots(dots, title=title, axis="gave up here")


def stages_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the abandonment of each stage, in the order of stages."""
    dots = []
    for row in read_rows(frame):
        told = (
            f"{count_text(row['abandoned_count'])} of {count_text(row['mature_count'])} went no further in time<br>"
            f"{count_text(row['open_count'])} still open"
        )
        dots.append(_read_dot(row, "stage", "abandoned_share", told, is_few=row["is_too_few"]))
    return draw_dots(dots, title=title, axis="went no further", is_ranked=False)


def touches_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the mean number of touches of each stage over the range that was expected."""
    dots = []
    for row in read_rows(frame):
        low, high = number(row["expected_low"]), number(row["expected_high"])
        expected = None if low is None or high is None else (low, high)
        told = f"{count_text(row['touch_count'])} touches of {count_text(row['person_count'])} persons"
        if expected:
            told += f"<br>expected {value_text(low, '')} to {value_text(high, '')}: {plain_label(row['verdict'])}"
        dot = _read_dot(row, "stage", "mean_touches", told, is_few=row["is_too_few"])
        dots.append(replace(dot, expected=expected) if dot else None)
    return draw_dots(dots, title=title, axis="touches per person (grey: expected)", is_share=False, is_ranked=False)


def visits_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the mean number of visits before the goal, for all and by the channel of the first visit."""
    dots = []
    for row in read_rows(frame):
        told = (
            f"{count_text(row['person_count'])} persons, half of them in {value_text(row['visits_median'], '')} or "
            f"fewer<br>{count_text(row['single_visit_count'])} ({share_text(row['single_visit_share'])}) in one"
        )
        dots.append(_read_dot(row, "first_channel", "mean_visits", told, is_few=row["is_too_few"]))
    return draw_dots(dots, title=title, axis="visits per person", is_share=False, is_ranked=False)


def draw_dots(
    dots: Sequence[Dot | None], *, title: str = "", axis: str, is_share: bool = True, is_ranked: bool = True
) -> go.Figure:
    """Draw each number with its 95 % interval, a row each; too few are hollow, grey and last.

    Args:
        dots: the numbers, the most important first; None is one without a base. MOST_DOTS are drawn.
        title: shown above.
        axis: what the number is.
        is_share: numbers are shares of 0 to 1.
        is_ranked: the largest stands on top; else they stay in their order.
    """
    shown = [dot for dot in dots if dot is not None][:MOST_DOTS]
    if not shown:
        return draw_nothing(title)
    if is_ranked:
        shown.sort(key=lambda dot: (dot.is_few, -dot.value, dot.name))
    colours = [GREY if dot.is_few else MAIN for dot in shown]
    unit = "share" if is_share else ""
    places = list(range(len(shown)))
    trace = go.Scatter(
        mode="markers",
        x=[dot.value for dot in shown],
        y=places,
        error_x=interval_bars([d.value for d in shown], [d.low for d in shown], [d.high for d in shown]),
        marker={
            "size": 9,
            "color": ["#ffffff" if dot.is_few else MAIN for dot in shown],
            "line": {"width": 1.5, "color": colours},
            "opacity": 1,
        },
        customdata=[[hover_label(dot.name), dot.told, _number_words(dot, unit)] for dot in shown],
        hovertemplate=_HOVER,
    )
    ranges = [
        {"type": "rect", "xref": "x", "yref": "y", "x0": dot.expected[0], "x1": dot.expected[1], "y0": place - 0.3,
         "y1": place + 0.3, "layer": "below", "fillcolor": LIGHT_GREY, "line": {"color": LIGHT_GREY, "width": 2}}
        for place, dot in zip(places, shown, strict=True) if dot.expected
    ]  # fmt: skip
    largest = max([dot.high for dot in shown] + [dot.expected[1] for dot in shown if dot.expected] + [0.01])
    widest = max(text_width(shorten(clean_text(dot.name), LABEL_WIDTH)) for dot in shown)
    top = min(1.02, largest * 1.04) if is_share else largest * 1.04
    return draw(
        [trace],
        title=title,
        height=_ROW_HEIGHT * len(shown) + 66,
        margin={"t": 8, "b": 46, "l": round(_LETTER * widest) + 12, "r": 14},
        xaxis={"range": [-0.01 * largest, top], "tickformat": ".0%" if is_share else None, "fixedrange": True,
               "nticks": 5, "tickangle": 0, "showline": False, "title": {"text": axis, "font": {"color": MUTED}}},
        yaxis={"tickvals": places, "ticktext": [plain_label(dot.name, LABEL_WIDTH) for dot in shown],
               "range": [len(shown) - 0.4, -0.6], "showgrid": False, "fixedrange": True, "ticks": "",
               "ticklabelstandoff": 6, "automargin": False},
        shapes=ranges,
    )  # fmt: skip


def _read_dot(row: dict[str, Any], name: str, column: str, told: str, *, is_few: bool) -> Dot | None:
    value = number(row[column])
    if value is None:
        return None
    low, high = number(row[f"{column}_low"]), number(row[f"{column}_high"])
    return Dot(
        str(row[name]),
        value,
        value if low is None else low,
        value if high is None else high,
        told,
        bool(is_few),
    )


def _number_words(dot: Dot, unit: str) -> str:
    shown = share_text(dot.value) if unit == "share" else value_text(round(dot.value, 2), "")
    low, high = (dot.low, dot.high) if unit == "share" else (round(dot.low, 2), round(dot.high, 2))
    return f"{shown} ({interval_text(low, high, unit)})" + (", too few to rank" if dot.is_few else "")
