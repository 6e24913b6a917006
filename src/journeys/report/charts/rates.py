"""One number per name with its interval: exits, drop-off, abandonment, touches and visits as dots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.dots import Dot, Sheet, draw_dots, number_axis, share_axis
from journeys.report.formats import count_text, interval_text, more_text, number, read_rows, share_text, value_text
from journeys.report.labels import hover_label, plain_label
from journeys.report.palette import MAIN

MOST_DOTS = 40
_HOVER = "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>"


def exits_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the exit share of each touchpoint's sessions; the hover tells the bounces too."""
    dots = []
    for row in read_rows(frame):
        bounces = f"{count_text(row['bounce_count'])} of {count_text(row['landing_count'])} landings bounced"
        told = f"{count_text(row['exit_count'])} of {count_text(row['session_count'])} sessions ended here<br>{bounces}"
        dots.append(_read_dot(row, "touchpoint", "exit_share", told, is_few=row["is_exit_too_few"]))
    return _draw(dots, title=title, axis="sessions that end here")


def drop_off_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the drop-off of each touchpoint; the hover tells how many are still open."""
    dots = []
    for row in read_rows(frame):
        told = (
            f"{count_text(row['dropped_count'])} of {count_text(row['resolved_count'])} gave up here<br>"
            f"{count_text(row['open_count'])} still open"
        )
        dots.append(_read_dot(row, "touchpoint", "dropped_share", told, is_few=row["is_too_few"]))
    return _draw(dots, title=title, axis="gave up here")


def stages_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the abandonment of each stage, in the order of stages."""
    dots = []
    for row in read_rows(frame):
        told = (
            f"{count_text(row['abandoned_count'])} of {count_text(row['mature_count'])} went no further in time<br>"
            f"{count_text(row['open_count'])} still open"
        )
        dots.append(_read_dot(row, "stage", "abandoned_share", told, is_few=row["is_too_few"]))
    return _draw(dots, title=title, axis="went no further", is_ranked=False)


def touches_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the mean number of touches of each stage over the range that was expected."""
    dots = []
    for row in read_rows(frame):
        low, high = number(row["expected_low"]), number(row["expected_high"])
        expected = None if low is None or high is None else (low, high)
        told = f"{count_text(row['touch_count'])} touches of {count_text(row['person_count'])} persons"
        if expected:
            told += f"<br>expected {value_text(low, '')} to {value_text(high, '')}: {plain_label(row['verdict'])}"
        dot = _read_dot(row, "stage", "mean_touches", told, is_few=row["is_too_few"], is_share=False)
        dots.append(replace(dot, expected=expected) if dot else None)
    return _draw(dots, title=title, axis="touches per person (grey: expected)", is_share=False, is_ranked=False)


def visits_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the mean number of visits before the goal, for all and by the channel of the first visit."""
    dots = []
    for row in read_rows(frame):
        told = (
            f"{count_text(row['person_count'])} persons, half of them in {value_text(row['visits_median'], '')} or "
            f"fewer<br>{count_text(row['single_visit_count'])} ({share_text(row['single_visit_share'])}) in one"
        )
        dots.append(_read_dot(row, "first_channel", "mean_visits", told, is_few=row["is_too_few"], is_share=False))
    return _draw(dots, title=title, axis="visits per person", is_share=False, is_ranked=False)


def _draw(
    dots: Sequence[Dot | None], *, title: str, axis: str, is_share: bool = True, is_ranked: bool = True
) -> go.Figure:
    """Draw each number with its interval, a row each; too few are hollow and grey.

    Args:
        dots: the numbers; None is one without a base. The first MOST_DOTS are drawn, and how many are not is said.
        title: shown above.
        axis: what the number is.
        is_share: numbers are shares of 0 to 1.
        is_ranked: the largest stands on top, too few last; else they stay in their order.
    """
    found = [dot for dot in dots if dot is not None]
    if is_ranked:
        found.sort(key=lambda dot: (dot.is_hollow, -dot.value, dot.label))
    shown = found[:MOST_DOTS]
    xaxis = share_axis(shown) if is_share else number_axis(shown)
    return draw_dots(shown, Sheet(title, _HOVER, xaxis, foot=axis + more_text(len(found), len(shown))))


def _read_dot(
    row: dict[str, Any], name: str, column: str, told: str, *, is_few: bool, is_share: bool = True
) -> Dot | None:
    """Read one number; `told` is count, base and what else its hover says, as safe text."""
    value = number(row[column])
    if value is None:
        return None
    low, high = (value if (end := number(row[f"{column}_{side}"])) is None else end for side in ("low", "high"))
    words = _share_words(value, low, high) if is_share else _number_words(value, low, high)
    cells = [hover_label(str(row[name])), told, words + (", too few to rank" if is_few else "")]
    return Dot(str(row[name]), value, low, high, MAIN, bool(is_few), cells)


def _share_words(value: float, low: float, high: float) -> str:
    return f"{share_text(value)} ({interval_text(low, high)})"


def _number_words(value: float, low: float, high: float) -> str:
    return f"{value_text(round(value, 2), '')} ({interval_text(round(low, 2), round(high, 2), '')})"
