"""The sheet all charts are drawn on: one look, and one calm answer when there is nothing to draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from journeys.report.labels import plain_label
from journeys.report.palette import GREY, INK, LIGHT_GREY, MUTED, NO_STAGE, RULE

FONT_FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'
_TITLE_HEIGHT = 44
# A line of three names fits on a phone.
_KEY_ENTRIES = 3


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
                "xref": "container",
                "xanchor": "left",
                "y": 1,
                "yref": "container",
                "yanchor": "top",
                "pad": {"t": 12, "l": 8},
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


def name_colours(
    names: Iterable[str], stages: Mapping[str, str], colours: Mapping[str, str], *, left: int = 0, under: int = 0
) -> list[dict[str, Any]]:
    """Write under the drawing which colour is which stage; nothing when no name has one.

    Args:
        names: touchpoints drawn.
        stages: touchpoint -> stage.
        colours: stage -> colour, in order.
        left: pixels of axis labels left of the drawing, to start at their edge.
        under: pixels of axis labels under the drawing.

    Returns:
        At most one annotation, of as many lines as `key_height` makes room for.
    """
    drawn = {stages.get(name, "") for name in names}
    parts = [(colours[stage], stage) for stage in colours if stage in drawn]
    if not parts:
        return []
    if not drawn <= set(colours):
        parts.append((NO_STAGE, "no stage"))
    entries = [f'<span style="color:{colour}">■</span> {plain_label(name, 20)}' for colour, name in parts]
    lines = ["   ".join(entries[at : at + _KEY_ENTRIES]) for at in range(0, len(entries), _KEY_ENTRIES)]
    return [
        {
            "text": "<br>".join(lines),
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "xshift": -left,
            "y": 0,
            "yref": "paper",
            "yanchor": "top",
            "yshift": -12 - under,
            "align": "left",
            "showarrow": False,
            "font": {"size": 12, "color": MUTED},
        }
    ]


def key_height(key: list[dict[str, Any]]) -> int:
    """Room in pixels that `name_colours` needs."""
    return sum(18 + 17 * (note["text"].count("<br>") + 1) for note in key)


def interval_bars(shares: Sequence[float], lows: Sequence[float], highs: Sequence[float]) -> dict[str, Any]:
    """Bars from the low to the high end of an interval around each dot, as Plotly's `error_x`."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - share for high, share in zip(highs, shares, strict=True)],
        "arrayminus": [share - low for low, share in zip(lows, shares, strict=True)],
        "color": GREY,
        "thickness": 1.5,
        "width": 0,
    }
