"""The touchpoint table of several parts side by side: a heat map of conversion."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.formats import count_text, interval_text, number, read_rows, share_text, whole
from journeys.report.labels import LABEL_WIDTH, hover_label, plain_label
from journeys.report.palette import MAIN, MUTED

_ROWS, _COLUMNS = 30, 12
_CELL = 26
_HOVER = (
    "%{customdata[0]}<br><b>%{customdata[1]}</b><br>%{customdata[2]} of %{customdata[3]} persons converted:<br>"
    "%{customdata[4]} (%{customdata[5]})<extra></extra>"
)


def parts_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the conversion share of each touchpoint (rows) in each part (columns); too few persons leave a cell empty.

    Args:
        frame: a touchpoints' frame with the part in the first column, the largest part first.
        title: shown above the map.

    Returns:
        A figure of the 30 touchpoints that most persons met and the 12 largest parts; a note counts the parts left out.
    """
    if frame.empty:
        return draw_nothing(title)
    part = str(frame.columns[0])
    rows = [row for row in read_rows(frame) if number(row["conversion_share"]) is not None]
    parts = list(dict.fromkeys(str(row[part]) for row in rows))
    met: dict[str, int] = {}
    for row in (row for row in rows if not row["is_too_few"]):
        met[str(row["touchpoint"])] = met.get(str(row["touchpoint"]), 0) + whole(row["person_count"])
    if not met:
        return draw_nothing(title, "fewer than 30 persons in each part")
    names = sorted(met, key=lambda name: (-met[name], name))[:_ROWS]
    places = {name: place for place, name in enumerate(names)}
    columns = {name: place for place, name in enumerate(parts[:_COLUMNS])}
    shares: list[list[float | None]] = [[None] * len(columns) for _ in names]
    cells: list[list[list[str]]] = [[[""] * 6 for _ in columns] for _ in names]
    for row in rows:
        name, value = str(row["touchpoint"]), str(row[part])
        if name not in places or value not in columns or row["is_too_few"]:
            continue
        shares[places[name]][columns[value]] = number(row["conversion_share"])
        cells[places[name]][columns[value]] = [
            hover_label(value),
            hover_label(name),
            count_text(row["converted_count"]),
            count_text(row["person_count"]),
            share_text(row["conversion_share"]),
            interval_text(row["conversion_share_low"], row["conversion_share_high"]),
        ]
    left_out = len(parts) - len(columns)
    words = "empty: fewer than 30 persons" + (
        f"; {count_text(left_out)} smaller parts are not drawn" if left_out else ""
    )
    trace = go.Heatmap(
        z=shares,
        x=list(range(len(columns))),
        y=list(range(len(names))),
        customdata=cells,
        hovertemplate=_HOVER,
        hoverongaps=False,
        xgap=2,
        ygap=2,
        zmin=0,
        zmax=max((share for line in shares for share in line if share), default=1),
        colorscale=[[0, "#eef4f9"], [1, MAIN]],
        colorbar={"tickformat": ".0%", "thickness": 10, "outlinewidth": 0, "len": 1},
    )
    note = {"text": words, "x": 0, "xref": "paper", "xanchor": "left", "y": 0, "yref": "paper", "yanchor": "top",
            "yshift": -10, "showarrow": False, "font": {"size": 11, "color": MUTED}}  # fmt: skip
    return draw(
        [trace],
        title=title,
        height=_CELL * len(names) + 150,
        margin={"b": 34},
        annotations=[note],
        xaxis={"tickvals": list(columns.values()), "ticktext": [plain_label(name, LABEL_WIDTH) for name in columns],
               "side": "top", "tickangle": -40, "showgrid": False, "fixedrange": True, "ticks": ""},
        yaxis={"tickvals": list(places.values()), "ticktext": [plain_label(name, LABEL_WIDTH) for name in places],
               "range": [len(names) - 0.5, -0.5], "showgrid": False, "fixedrange": True, "ticks": ""},
    )  # fmt: skip
