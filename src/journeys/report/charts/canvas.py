"""The sheet all charts are drawn on: one look, and one calm answer when there is nothing to draw."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from journeys.report.labels import plain_label
from journeys.report.palette import INK, LIGHT_GREY, MUTED, RULE

FONT_FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'
_TITLE_HEIGHT = 44


def draw(
    traces: list[Any], *, title: str = "", height: int, margin: dict[str, int] | None = None, **layout: Any
) -> go.Figure:
    """Put traces on the common sheet.

    Args:
        traces: Plotly traces, or their properties with `type`.
        title: from data or from us, shown literally; none leaves no room for one.
        height: of the drawing in pixels, title not included.
        margin: pixels around the drawing, without the title's room.
        layout: further layout properties.
    """
    sides = {"l": 8, "r": 8, "t": 8, "b": 8} | (margin or {})
    heading: dict[str, Any] = {}
    if title:
        sides["t"] += _TITLE_HEIGHT
        height += _TITLE_HEIGHT
        heading = {
            "title": {
                "text": plain_label(title, 90),
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                "y": 1,
                "yref": "container",
                "yanchor": "top",
                "pad": {"t": 12},
                "font": {"size": 16},
            }
        }
    axis = {"gridcolor": RULE, "linecolor": LIGHT_GREY, "zeroline": False, "tickcolor": LIGHT_GREY, "automargin": True}
    defaults: dict[str, Any] = {
        "template": go.layout.Template(layout={"xaxis": axis, "yaxis": axis}),
        "font": {"family": FONT_FAMILY, "size": 12, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {
            "bgcolor": "#ffffff",
            "bordercolor": LIGHT_GREY,
            "align": "left",
            "font": {"family": FONT_FAMILY, "size": 12, "color": INK},
        },
        "showlegend": False,
        "dragmode": False,
        "separators": ".\N{NARROW NO-BREAK SPACE}",
        "height": height,
        "margin": sides,
    }
    return go.Figure(data=traces, layout=defaults | heading | layout)


def draw_nothing(title: str = "", reason: str = "no data") -> go.Figure:
    """Draw an empty sheet that says so."""
    note = {
        "text": plain_label(reason),
        "x": 0.5,
        "y": 0.5,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "font": {"size": 14, "color": MUTED},
    }
    hidden = {"visible": False}
    return draw([], title=title, height=120, annotations=[note], xaxis=hidden, yaxis=hidden)
