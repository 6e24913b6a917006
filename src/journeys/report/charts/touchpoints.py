"""Who converts after which touchpoint: dots with their intervals against the baseline."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.insights.statistics.intervals import MIN_BASE
from journeys.report.charts.canvas import draw, draw_nothing, interval_bars, key_height, name_colours
from journeys.report.formats import count_text, factor_text, interval_text, number, read_rows, share_text, whole
from journeys.report.labels import LABEL_WIDTH, clean_text, hover_label, plain_label, shorten, text_width
from journeys.report.palette import GREY, INK, MUTED, stage_colours, touchpoint_colour

MOST_DOTS = 40
_ROW_HEIGHT = 24
_AXIS_ROOM = 28
_LETTER = 6.9
_BASELINE = {"type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
             "line": {"color": INK, "width": 1, "dash": "dash"}}  # fmt: skip
_HOVER = (
    "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]} of %{customdata[3]} persons converted:<br>"
    "%{customdata[4]} (%{customdata[5]})<br>lift %{customdata[6]}<extra></extra>"
)


def touchpoints_figure(frame: pd.DataFrame, *, title: str = "", stage_order: tuple[str, ...] = ()) -> go.Figure:
    """Draw the conversion share of each touchpoint with its 95 % interval, best on top, and the baseline as a line.

    Touchpoints that fewer than MIN_BASE persons met are hollow and grey: their order means nothing. Of more
    than MOST_DOTS touchpoints those that most persons met are drawn.

    Args:
        frame: the columns of a touchpoints' frame.
        title: shown above the dots.
        stage_order: stages from first to last, for the colours.
    """
    rows = [row for row in read_rows(frame) if number(row["conversion_share"]) is not None]
    if not rows:
        return draw_nothing(title)
    rows = sorted(rows, key=lambda row: (-whole(row["person_count"]), str(row["touchpoint"])))[:MOST_DOTS]
    rows.sort(key=lambda row: (is_few(row), -float(row["conversion_share"]), str(row["touchpoint"])))
    stage_of = {str(row["touchpoint"]): clean_stage(row["stage"]) for row in rows}
    colours = stage_colours((stage for stage in stage_of.values() if stage), stage_order)
    dots = [GREY if is_few(row) else touchpoint_colour(str(row["touchpoint"]), stage_of, colours) for row in rows]
    shares = [float(row["conversion_share"]) for row in rows]
    lows = [_side(row["conversion_share_low"], share) for row, share in zip(rows, shares, strict=True)]
    highs = [_side(row["conversion_share_high"], share) for row, share in zip(rows, shares, strict=True)]
    places = list(range(len(rows)))
    trace = go.Scatter(
        mode="markers",
        x=shares,
        y=places,
        error_x=interval_bars(shares, lows, highs),
        marker={
            "size": 9,
            "color": ["#ffffff" if is_few(row) else dot for row, dot in zip(rows, dots, strict=True)],
            "line": {"width": 1.5, "color": dots},
            "opacity": 1,
        },
        customdata=[_hover_cells(row) for row in rows],
        hovertemplate=_HOVER,
    )
    baseline = next((share for row in rows if (share := number(row["baseline_share"])) is not None), None)
    largest = max([*highs, baseline or 0.0, 0.01])
    left = round(_LETTER * max(text_width(shorten(clean_text(name), LABEL_WIDTH)) for name in stage_of)) + 12
    key = name_colours(stage_of, stage_of, colours, left=left, under=_AXIS_ROOM - 10)
    return draw(
        [trace],
        title=title,
        height=_ROW_HEIGHT * len(rows) + 50 + key_height(key),
        margin={"t": 22, "b": _AXIS_ROOM + key_height(key), "l": left, "r": 14},
        xaxis={"range": [-0.01 * largest, min(1.02, largest * 1.04)], "tickformat": ".0%", "fixedrange": True,
               "nticks": 5, "tickangle": 0, "showline": False},
        yaxis={"tickvals": places, "ticktext": [plain_label(row["touchpoint"], LABEL_WIDTH) for row in rows],
               "range": [len(rows) - 0.4, -0.6], "showgrid": False, "fixedrange": True, "ticks": "",
               "ticklabelstandoff": 6, "automargin": False},
        annotations=key + ([] if baseline is None else [_baseline_note(baseline, is_right=baseline > largest / 2)]),
        shapes=[] if baseline is None else [_BASELINE | {"x0": baseline, "x1": baseline}],
    )  # fmt: skip


def is_few(row: dict[str, Any]) -> bool:
    """Tell whether too few persons met the touchpoint to rank it."""
    return whole(row["person_count"]) < MIN_BASE


def clean_stage(stage: Any) -> str:
    """Read a cell of the stage column; a missing one is an empty text."""
    return stage if isinstance(stage, str) else ""


def _baseline_note(baseline: float, *, is_right: bool) -> dict[str, Any]:
    return {
        "text": f"all persons {share_text(baseline)}",
        "x": baseline,
        "xref": "x",
        "xanchor": "right" if is_right else "left",
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": MUTED, "size": 11},
    }


def _side(value: Any, share: float) -> float:
    side = number(value)
    return share if side is None else side


def _hover_cells(row: dict[str, Any]) -> list[str]:
    place = [text for text in (clean_stage(row["stage"]), clean_stage(row["channel"])) if clean_text(text)]
    return [
        hover_label(row["touchpoint"]),
        hover_label(" · ".join(place)) or "no stage",
        count_text(row["converted_count"]),
        count_text(row["person_count"]),
        share_text(row["conversion_share"]),
        interval_text(row["conversion_share_low"], row["conversion_share_high"]) or "no interval",
        factor_text(row["lift"]),
    ]
