"""The funnel as bars: everyone who reached a step, split by what came next."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.formats import count_text, interval_text, read_rows, seconds_text, share_text, whole
from journeys.report.labels import clean_text, hover_label, plain_label, shorten
from journeys.report.palette import GREY, INK, MAIN, MUTED

FUNNEL_COLUMNS = (
    "step_index", "step_name", "reached_count", "dropped_count", "open_count", "mature_count", "step_share",
    "overall_share", "overall_share_low", "overall_share_high", "median_seconds_from_first",
)  # fmt: skip
# Beside these where people enter at any step.
OPEN_FUNNEL_COLUMNS = ("entered_count", "continued_count", "mature_entrant_count")
_ROW_HEIGHT = 52
_KEY = {
    "text": f'<span style="color:{MAIN}">■</span> went on   <span style="color:{MAIN}">▨</span> still open   '
    f'<span style="color:{GREY}">■</span> dropped',
    "x": 0,
    "xref": "paper",
    "xanchor": "left",
    "y": 0,
    "yref": "paper",
    "yanchor": "top",
    "yshift": -2,
    "showarrow": False,
    "font": {"color": MUTED},
}
_HOVER_HEAD = "<b>%{customdata[0]}</b><br>reached by %{customdata[1]}<br>"
_HOVER_ON = "went on %{customdata[2]} · dropped %{customdata[3]} · still open %{customdata[4]}<br>"
_HOVER = (
    f"{_HOVER_HEAD}{_HOVER_ON}of those whose window is closed:<br>"
    "%{customdata[5]} of %{customdata[6]} at step 1 = %{customdata[7]} (%{customdata[8]})<br>"
    "%{customdata[9]} of those at the step before<br>"
    "median time from step 1: %{customdata[10]}<extra></extra>"
)
_OPEN_HOVER = (
    f"{_HOVER_HEAD}entered here %{{customdata[11]}}<br>came from the step before %{{customdata[12]}}<br>"
    f"{_HOVER_ON}of those whose window is closed:<br>"
    "%{customdata[5]} of %{customdata[6]} who entered = %{customdata[7]} (%{customdata[8]})<br>"
    "%{customdata[9]} of those at the step before came on<br>"
    "median time from the first event: %{customdata[10]}<extra></extra>"
)


def funnel_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw a funnel: one bar per step as long as `reached_count`, split into went on, still open and dropped.

    Args:
        frame: the columns of a funnel's frame (FUNNEL_COLUMNS, of an open one OPEN_FUNNEL_COLUMNS too); with one
            column more (`by`), one bar per step and value.
        title: shown above the bars.

    Returns:
        A figure with three stacked bar traces; one with a note when the frame is empty.
    """
    if frame.empty:
        return draw_nothing(title)
    by_column, is_open = find_by_column(frame), is_open_funnel(frame)
    ordered = frame.sort_values(["step_index"], kind="stable") if by_column is not None else frame
    rows = read_rows(ordered)
    went_on = [max(0, whole(r["reached_count"]) - whole(r["dropped_count"]) - whole(r["open_count"])) for r in rows]
    heads = [_row_name(row, by_column) for row in rows]
    # Rows come by step: the first of each segment is its step 1.
    bases: dict[Any, int] = {}
    for row in rows:
        bases.setdefault(row.get(by_column or ""), whole(row["mature_entrant_count" if is_open else "mature_count"]))
    customdata = [
        _hover_cells(row, head, went_on=on, base=bases[row.get(by_column or "")])
        for row, head, on in zip(rows, heads, went_on, strict=True)
    ]
    places = list(range(len(rows)))

    def bar(name: str, values: list[int], marker: dict[str, Any]) -> go.Bar:
        return go.Bar(
            name=name,
            x=values,
            y=places,
            orientation="h",
            width=0.42,
            marker=marker,
            customdata=customdata,
            hovertemplate=_OPEN_HOVER if is_open else _HOVER,
        )

    hatched = {"shape": "/", "size": 6, "solidity": 0.25, "fgcolor": MAIN, "bgcolor": "#ffffff"}
    traces = [
        bar("went on", went_on, {"color": MAIN}),
        bar("still open", [whole(r["open_count"]) for r in rows],
            {"color": "#ffffff", "pattern": hatched, "line": {"color": MAIN, "width": 1}}),
        bar("dropped", [whole(r["dropped_count"]) for r in rows], {"color": GREY}),
    ]  # fmt: skip
    notes = []
    for place, (row, head) in enumerate(zip(rows, heads, strict=True)):
        edge = {"xref": "paper", "y": place, "yref": "y", "yshift": 12, "yanchor": "bottom", "showarrow": False}
        amount = f"<b>{count_text(row['reached_count'])}</b>"
        if is_open or whole(row["step_index"]) > 1:
            amount += f'  <span style="color:{MUTED}">{share_text(row["overall_share"])}</span>'
        notes.append(edge | {"x": 0, "xanchor": "left", "text": plain_label(head, 34), "font": {"color": INK}})
        notes.append(edge | {"x": 1, "xanchor": "right", "text": amount})
    notes.append(_KEY)
    return draw(
        traces,
        title=title,
        height=_ROW_HEIGHT * len(rows) + 52,
        margin={"b": 30, "t": 4},
        barmode="stack",
        annotations=notes,
        xaxis={"visible": False, "fixedrange": True, "range": [0, max(1, *(whole(r["reached_count"]) for r in rows))]},
        yaxis={"visible": False, "fixedrange": True, "range": [len(rows) - 0.5, -0.75]},
    )  # fmt: skip


def is_open_funnel(frame: pd.DataFrame) -> bool:
    """Say whether people enter this funnel at any step."""
    return set(OPEN_FUNNEL_COLUMNS) <= set(frame.columns)


def find_by_column(frame: pd.DataFrame) -> str | None:
    """Return the column that a funnel's counts are split by; None when they are not."""
    own = (*FUNNEL_COLUMNS, *(OPEN_FUNNEL_COLUMNS if is_open_funnel(frame) else ()))
    return next((str(column) for column in frame.columns if column not in own), None)


def _row_name(row: dict[str, Any], by_column: str | None) -> str:
    name = f"{whole(row['step_index'])}. {clean_text(row['step_name'])}"
    return name if by_column is None else f"{shorten(name, 20)} · {clean_text(row[by_column])}"


def _hover_cells(row: dict[str, Any], head: str, *, went_on: int, base: int) -> list[str]:
    entered = whole(row.get("entered_count"))
    arrivals = [count_text(entered), count_text(whole(row["reached_count"]) - entered)]
    return [
        hover_label(head),
        count_text(row["reached_count"]),
        count_text(went_on),
        count_text(row["dropped_count"]),
        count_text(row["open_count"]),
        count_text(row["mature_count"]),
        count_text(base),
        share_text(row["overall_share"]),
        interval_text(row["overall_share_low"], row["overall_share_high"]) or "no interval",
        share_text(row["step_share"]),
        seconds_text(row["median_seconds_from_first"]),
        *(arrivals if "entered_count" in row else ()),
    ]
