"""The sheet of all heat maps of shares: names down and across, empty cells where there is nothing to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from journeys.report.charts.canvas import draw
from journeys.report.labels import LABEL_WIDTH, plain_label
from journeys.report.palette import MAIN, MUTED


def draw_heat_map(
    shares: Sequence[Sequence[float | None]],
    cells: Sequence[Sequence[Sequence[str]]],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    hover: str,
    cell_height: int,
    note: str = "",
    title: str = "",
    **trace: Any,
) -> go.Figure:
    """Draw shares as a heat map.

    Args:
        shares: per row and column, None for an empty cell.
        cells: what the hover text shows of each.
        rows: names from top to bottom.
        columns: names from left to right.
        hover: Plotly's template over `cells`.
        cell_height: pixels of a row.
        note: said under the map.
        title: shown above it.
        **trace: further properties of the trace.
    """
    heat = go.Heatmap(
        z=shares,
        x=list(range(len(columns))),
        y=list(range(len(rows))),
        customdata=cells,
        hovertemplate=hover,
        hoverongaps=False,
        xgap=2,
        ygap=2,
        zmin=0,
        zmax=max((share for line in shares for share in line if share), default=1),
        colorscale=[[0, "#eef4f9"], [1, MAIN]],
        colorbar={"tickformat": ".0%", "thickness": 10, "outlinewidth": 0, "len": 1},
        **trace,
    )
    written = {"text": note, "x": 0, "xref": "paper", "xanchor": "left", "y": 0, "yref": "paper", "yanchor": "top",
               "yshift": -10, "showarrow": False, "font": {"size": 11, "color": MUTED}}  # fmt: skip
    return draw(
        [heat],
        title=title,
        height=cell_height * len(rows) + 150,
        margin={"b": 34 if note else 8},
        annotations=[written] if note else [],
        xaxis={"tickvals": list(range(len(columns))), "ticktext": [plain_label(name, LABEL_WIDTH) for name in columns],
               "side": "top", "tickangle": -40, "showgrid": False, "fixedrange": True, "ticks": ""},
        yaxis={"tickvals": list(range(len(rows))), "ticktext": [plain_label(name, LABEL_WIDTH) for name in rows],
               "range": [len(rows) - 0.5, -0.5], "showgrid": False, "fixedrange": True, "ticks": ""},
    )  # fmt: skip
