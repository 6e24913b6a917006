"""Who stands where, position by position: a heat map of steps over ends, for all or as the difference of two groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.insights.statistics.comparisons import FALSE_DISCOVERY_RATE
from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.formats import count_text, interval_text, number, read_rows, share_text, whole
from journeys.report.labels import LABEL_WIDTH, hover_label, plain_label
from journeys.report.palette import GREY, MAIN, MUTED

MOST_STEPS = 24
MOST_POSITIONS = 10
_ENDS = ("(other)", "(converted)", "(end)", "(open)", "(dropped)")
_CELL = 24
_VERMILION = "#d55e00"
_PALE = "#f4f6f8"
_Key = tuple[str, int, bool]
_HOVER = (
    "<b>%{customdata[0]}</b><br>position %{customdata[1]}: %{customdata[2]} of %{customdata[3]}<br>"
    "%{customdata[4]} (%{customdata[5]})<extra></extra>"
)
_DIFFERENCE_HOVER = (
    "<b>%{customdata[0]}</b><br>position %{customdata[1]}<br>a: %{customdata[2]} of %{customdata[3]}, %{customdata[4]}"
    "<br>b: %{customdata[5]} of %{customdata[6]}, %{customdata[7]}<br>a - b: %{customdata[8]} points (%{customdata[9]})"
    "<br>%{customdata[10]}<extra></extra>"
)


@dataclass(frozen=True)
class _Cell:
    """What one cell shows: its colour's value, its text, its hover box."""

    value: float | None
    text: str
    hover: list[str]


def step_matrix_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the share of all at each step and position, in per cent; ends stand below in grey.

    Args:
        frame: the table `cells` of a step matrix.
        title: shown above.

    Returns:
        A figure of the 24 steps that hold most, over the first 10 positions; a note says what is not drawn.
    """
    rows = [row for row in read_rows(frame) if whole(row["count"])]
    if not rows:
        return draw_nothing(title)
    shown = _choose(rows, "share")
    cells = {_key(row): _Cell(float(row["share"]), _per_cent(float(row["share"])), _cells(row)) for row in rows}
    most = _largest(cells, shown) or 1.0
    blue, grey = [[0, _PALE], [1, MAIN]], [[0, _PALE], [1, GREY]]
    traces = [
        _heat(shown, cells, is_end=False, hover=_HOVER, zmin=0, zmax=most, colorscale=blue),
        _heat(shown, cells, is_end=True, hover=_HOVER, zmin=0, zmax=1, colorscale=grey),
    ]
    return _sheet(traces, shown, rows, "per cent of all at each position", title)


def step_matrix_difference_figure(frame: pd.DataFrame, *, a: str = "a", b: str = "b", title: str = "") -> go.Figure:
    """Draw share in a less share in b, in points: blue where a has more, orange where b has.

    Bold cells differ by more than chance (q at most 0.05); with too few in a group no cell is coloured.

    Args:
        frame: cells of `step_matrix_difference`.
        a: name of the first group.
        b: name of the second.
        title: shown above.
    """
    rows = [row for row in read_rows(frame) if whole(row["a_count"]) + whole(row["b_count"])]
    if not rows:
        return draw_nothing(title)
    for row in rows:
        row["weight"] = abs(float(row["difference"]))
    shown = _choose(rows, "weight")
    cells = {
        _key(row): _Cell(
            0.0 if row["is_too_few"] else float(row["difference"]), _points_cell(row), _difference_cells(row)
        )
        for row in rows
    }
    most = _largest(cells, shown) or 1.0
    scale = [[0, _VERMILION], [0.5, _PALE], [1, MAIN]]
    traces = [
        _heat(shown, cells, is_end=is_end, hover=_DIFFERENCE_HOVER, zmin=-span, zmax=span,
              colorscale=scale)
        for is_end, span in ((False, most), (True, 1.0))
    ]  # fmt: skip
    caption = (
        f'points, <span style="color:{MAIN}">■</span> more of {plain_label(a, LABEL_WIDTH)}'
        f'<br><span style="color:{_VERMILION}">■</span> more of {plain_label(b, LABEL_WIDTH)}; bold: q ≤ 0.05'
    )
    if any(row["is_too_few"] for row in rows):
        caption = "too few in a group to compare"
    return _sheet(traces, shown, rows, caption, title)


def _key(row: dict[str, Any]) -> _Key:
    return str(row["step"]), whole(row["step_index"]), bool(row["is_end"])


def _choose(rows: list[dict[str, Any]], weight: str) -> list[str]:
    """Choose the steps that hold most, and put those that are met earlier above; all ends stand last."""
    weights: dict[str, float] = {}
    moments: dict[str, float] = {}
    for row in rows:
        step, value = str(row["step"]), float(row[weight])
        weights[step] = weights.get(step, 0.0) + value
        moments[step] = moments.get(step, 0.0) + value * whole(row["step_index"])
    steps = sorted((step for step in weights if step not in _ENDS), key=lambda step: (-weights[step], step))
    steps = sorted(steps[:MOST_STEPS], key=lambda step: (moments[step] / (weights[step] or 1), step))
    return [*steps, *(end for end in _ENDS if end in weights)]


def _largest(cells: Mapping[_Key, _Cell], shown: list[str]) -> float:
    """Return the largest value at a step that is drawn, for the scale of colours."""
    values = [cell.value for (step, _, is_end), cell in cells.items() if not is_end and step in shown]
    return max((abs(value) for value in values if value is not None), default=0.0)


def _heat(shown: list[str], cells: Mapping[_Key, _Cell], *, is_end: bool, hover: str, **scale: Any) -> go.Heatmap:
    positions = range(1, 1 + _positions(index for _, index, _ in cells))
    grid = [[(step, position, is_end) for position in positions] for step in shown]
    nothing = _Cell(None, "", [""] * max(len(cell.hover) for cell in cells.values()))
    found = [[cells.get(key, nothing) for key in line] for line in grid]
    return go.Heatmap(
        z=[[cell.value for cell in line] for line in found],
        x=list(positions),
        y=list(range(len(shown))),
        customdata=[[cell.hover for cell in line] for line in found],
        text=[[cell.text for cell in line] for line in found],
        texttemplate="%{text}",
        textfont={"size": 9},
        hovertemplate=hover,
        hoverongaps=False,
        xgap=1,
        ygap=1,
        showscale=False,
        **scale,
    )


def _sheet(
    traces: list[go.Heatmap], shown: list[str], rows: list[dict[str, Any]], caption: str, title: str
) -> go.Figure:
    steps = {str(row["step"]) for row in rows}
    left_out = len(steps) - len(shown)
    last, deepest = (
        _positions([whole(row["step_index"]) for row in rows]),
        max(whole(row["step_index"]) for row in rows),
    )
    notes = [caption]
    if left_out:
        notes.append(f"{count_text(left_out)} rarer steps are not drawn")
    if deepest > last:
        notes.append(f"positions {last + 1} to {deepest} are not drawn")
    text = "<br>".join(notes)
    line_count = text.count("<br>") + 1
    note = {"text": text, "x": 0, "xref": "paper", "xanchor": "left", "y": 0, "yref": "paper", "yanchor": "top",
            "yshift": -6, "align": "left", "showarrow": False, "font": {"size": 11, "color": MUTED}}  # fmt: skip
    width = LABEL_WIDTH - 4
    return draw(
        traces,
        title=title,
        height=_CELL * len(shown) + 40 + 15 * line_count,
        margin={"t": 24, "b": 12 + 15 * line_count},
        annotations=[note],
        xaxis={"tickvals": list(range(1, last + 1)), "side": "top", "showgrid": False, "fixedrange": True, "ticks": "",
               "tickangle": 0},
        yaxis={"tickvals": list(range(len(shown))), "ticktext": [plain_label(step, width) for step in shown],
               "range": [len(shown) - 0.5, -0.5], "showgrid": False, "fixedrange": True, "ticks": "",
               "ticklabelstandoff": 4},
    )  # fmt: skip


def _positions(indexes: Iterable[int]) -> int:
    return min(MOST_POSITIONS, max(indexes))


def _per_cent(share: float) -> str:
    return "<1" if 0 < share < 0.005 else f"{share * 100:.0f}"


def _cells(row: dict[str, Any]) -> list[str]:
    interval = interval_text(row["share_low"], row["share_high"])
    return [
        hover_label(row["step"]),
        count_text(row["step_index"]),
        count_text(row["count"]),
        count_text(row["base_count"]),
        share_text(row["share"]),
        "too few to rank" if row["is_too_few"] else interval or "no interval",
    ]


def _points_cell(row: dict[str, Any]) -> str:
    if row["is_too_few"]:
        return "·"
    points = round(float(row["difference"]) * 100)
    text = f"{points:+d}".replace("-", "\N{MINUS SIGN}") if points else "0"
    q = number(row["q_value"])
    return f"<b>{text}</b>" if q is not None and q <= FALSE_DISCOVERY_RATE else text


def _difference_cells(row: dict[str, Any]) -> list[str]:
    low, high, q = (number(row[name]) for name in ("difference_low", "difference_high", "q_value"))
    interval = "no interval" if low is None or high is None else f"{low * 100:+.1f} to {high * 100:+.1f}"
    verdict = "too few to compare" if row["is_too_few"] else "not tested" if q is None else f"q {q:.3f}"
    return [
        hover_label(row["step"]),
        count_text(row["step_index"]),
        *(text for side in "ab" for text in (count_text(row[f"{side}_count"]), count_text(row[f"{side}_base_count"]),
                                             share_text(row[f"{side}_share"]))),
        f"{float(row['difference']) * 100:+.1f}",
        interval,
        verdict,
    ]  # fmt: skip
