"""What follows what: a heat map of the commonest steps, or a graph."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.errors import CallError
from journeys.report.charts.canvas import draw, draw_nothing
from journeys.report.charts.graph import graph_figure
from journeys.report.formats import count_text, number, read_rows, seconds_text, share_text, whole
from journeys.report.labels import LABEL_WIDTH, hover_label, plain_label
from journeys.report.palette import MAIN, MUTED

KINDS = ("map", "graph")
_SIDE = 20
_CELL = 26
_HOVER = (
    "%{customdata[0]}<br><b>→ %{customdata[1]}</b><br>%{customdata[2]} times by %{customdata[3]}<br>"
    "%{customdata[4]} of all that followed<br>median time between: %{customdata[5]}<extra></extra>"
)


def draw_transitions(frame: pd.DataFrame, *, kind: str = "map", **look: Any) -> go.Figure:
    """Draw transitions.

    Args:
        frame: as for `transitions_figure`.
        kind: 'map' is a heat map, 'graph' nodes and arrows with their cycles.
        look: for a graph `stages`, `stage_order`, `most`; for both `title`.

    Raises:
        CallError: the kind is unknown.
    """
    if kind == "graph":
        return graph_figure(frame, **look)
    if kind != "map":
        raise CallError("kind", "kind is not known", found=repr(kind), allowed=", ".join(map(repr, KINDS)))
    return transitions_figure(frame, title=str(look.get("title", "")))


def transitions_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw the share of each next step as a heat map: rows are where people were, columns where they went next.

    Args:
        frame: from_step, to_step, transition_count, person_count, share, median_seconds.
        title: shown above the map.

    Returns:
        A figure of the 20 commonest steps on each side; a note counts the transitions left out.
    """
    rows = [row for row in read_rows(frame) if whole(row["transition_count"]) > 0]
    if not rows:
        return draw_nothing(title)
    sources = _commonest([(str(row["from_step"]), whole(row["transition_count"])) for row in rows])
    targets = _commonest([(str(row["to_step"]), whole(row["transition_count"])) for row in rows])
    shares: list[list[float | None]] = [[None] * len(targets) for _ in sources]
    cells: list[list[list[str]]] = [[[""] * 6 for _ in targets] for _ in sources]
    left_out = 0
    for row in rows:
        source, target = str(row["from_step"]), str(row["to_step"])
        if source not in sources or target not in targets:
            left_out += whole(row["transition_count"])
            continue
        shares[sources[source]][targets[target]] = number(row["share"])
        cells[sources[source]][targets[target]] = [
            hover_label(source),
            hover_label(target),
            count_text(row["transition_count"]),
            count_text(row["person_count"]),
            share_text(row["share"]),
            seconds_text(row["median_seconds"]),
        ]
    small = len(targets) <= 10
    trace = go.Heatmap(
        z=shares,
        x=list(range(len(targets))),
        y=list(range(len(sources))),
        customdata=cells,
        hovertemplate=_HOVER,
        hoverongaps=False,
        xgap=2,
        ygap=2,
        zmin=0,
        zmax=max((share for line in shares for share in line if share), default=1),
        colorscale=[[0, "#eef4f9"], [1, MAIN]],
        showscale=not small,
        colorbar={"tickformat": ".0%", "thickness": 10, "outlinewidth": 0, "len": 1},
        text=[["" if share is None else share_text(share) for share in line] for line in shares] if small else None,
        texttemplate="%{text}" if small else None,
    )
    note = {"text": f"{count_text(left_out)} transitions between rarer steps are not drawn", "x": 0, "xref": "paper",
            "xanchor": "left", "y": 0, "yref": "paper", "yanchor": "top", "yshift": -10, "showarrow": False,
            "font": {"size": 11, "color": MUTED}}  # fmt: skip
    return draw(
        [trace],
        title=title,
        height=_CELL * len(sources) + 150,
        margin={"b": 34 if left_out else 8},
        annotations=[note] if left_out else [],
        xaxis={"tickvals": list(targets.values()), "ticktext": [plain_label(name, LABEL_WIDTH) for name in targets],
               "side": "top", "tickangle": -40, "showgrid": False, "fixedrange": True, "ticks": ""},
        yaxis={"tickvals": list(sources.values()), "ticktext": [plain_label(name, LABEL_WIDTH) for name in sources],
               "range": [len(sources) - 0.5, -0.5], "showgrid": False, "fixedrange": True, "ticks": ""},
    )  # fmt: skip


def _commonest(counts: list[tuple[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for name, count in counts:
        totals[name] = totals.get(name, 0) + count
    ranked = sorted(totals, key=lambda name: (-totals[name], name))[:_SIDE]
    return {name: place for place, name in enumerate(ranked)}
