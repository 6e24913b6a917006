"""The commonest paths as rows of names, each with a bar of who took it; and how much so many of them cover."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journeys.report.charts.canvas import draw, draw_nothing, key_height, name_colours
from journeys.report.formats import count_text, interval_text, read_rows, share_text, whole
from journeys.report.labels import LABEL_WIDTH, clean_text, hover_label, plain_label, shorten, text_width
from journeys.report.palette import GOOD, GREY, INK, MAIN, MUTED, stage_colours, touchpoint_colour

MOST_VARIANTS = 12
_OTHER = ["(other)"]
# Letters and lines that fit on a phone.
_COLUMNS = 44
_MOST_LINES = 4
_LINE = 17
_BAR = 9
_GAP = 16
_MOST_HOVER_STEPS = 30
_HOVER = (
    "%{customdata[0]}<br><b>%{customdata[1]}</b> of %{customdata[2]}: %{customdata[3]} (%{customdata[4]})<br>"
    "converted %{customdata[5]}: %{customdata[6]}<br>dropped %{customdata[7]}, open %{customdata[8]}<extra></extra>"
)


def variants_figure(
    frame: pd.DataFrame,
    *,
    title: str = "",
    stages: Mapping[str, str] | None = None,
    stage_order: tuple[str, ...] = (),
) -> go.Figure:
    """Draw the commonest variants: the names on the way, under them a bar of the share, its converted part in green.

    Args:
        frame: the table `intervals` of variants.
        title: shown above.
        stages: touchpoint -> stage, for the colours; without any each name has a colour of its own.
        stage_order: stages from first to last.

    Returns:
        A figure of at most 12 variants; what the others hold is said under them.
    """
    rows = read_rows(frame)
    named = [row for row in rows if list(row["path"]) != _OTHER][:MOST_VARIANTS]
    if not named:
        return draw_nothing(title)
    stage_of = dict(stages or {})
    colours = stage_colours(stage_of.values(), stage_order)
    top, tops, notes = 0, [], []
    for row in named:
        lines = [_heading(row), *_path_lines(row["path"], stage_of, colours)]
        notes.append(_note("<br>".join(lines), top))
        top += _LINE * len(lines) + 4
        tops.append(top + _BAR / 2)
        top += _BAR + _GAP
    foot = _foot_notes(rows, named)
    names = [name for row in named for name in row["path"]]
    key = name_colours(names, stage_of, colours, under=_LINE * len(foot))
    height = top + 4
    margin = {"b": 8 + _LINE * len(foot) + key_height(key)}
    return draw(
        _bars(named, tops),
        title=title,
        height=height + 8 + margin["b"],
        margin=margin,
        barmode="stack",
        annotations=notes + key + foot,
        xaxis={"range": [0, max(float(row["share"]) for row in named) * 1.01], "visible": False, "fixedrange": True},
        yaxis={"range": [height, 0], "visible": False, "fixedrange": True},
    )


def coverage_figure(frame: pd.DataFrame, *, title: str = "") -> go.Figure:
    """Draw which share of all took one of the k commonest paths, over k; a dashed line stands at 80 %.

    Args:
        frame: `variant_index`, `count`, `cumulative_share` per variant.
        title: shown above.
    """
    rows = read_rows(frame)
    if not rows:
        return draw_nothing(title)
    most = len(rows)
    places = sorted({1, *(min(most, round(most ** (step / 120))) for step in range(121))})
    shares = [float(rows[place - 1]["cumulative_share"]) for place in places]
    eighty = next(place for place, row in enumerate(rows, 1) if float(row["cumulative_share"]) >= 0.8 - 1e-12)
    trace = go.Scatter(
        mode="lines+markers" if most < 40 else "lines",
        x=places,
        y=shares,
        line={"color": MAIN, "width": 2, "shape": "linear"},
        customdata=[[count_text(place), share_text(share)] for place, share in zip(places, shares, strict=True)],
        hovertemplate="%{customdata[0]} commonest paths:<br>%{customdata[1]} of all<extra></extra>",
    )
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0.8, "y1": 0.8,
            "line": {"color": INK, "width": 1, "dash": "dash"}}  # fmt: skip
    note = _note(f"80 % of all took one of {count_text(eighty)} of {count_text(most)} paths", 0.8)
    return draw(
        [trace],
        title=title,
        height=300,
        margin={"t": 20, "b": 24, "r": 16},
        shapes=[line],
        annotations=[note | {"yanchor": "bottom", "bgcolor": "rgba(255,255,255,0.8)"}],
        xaxis={
            "type": "log",
            "title": {"text": "commonest paths", "font": {"size": 11}},
            "fixedrange": True,
            "nticks": 6,
        },
        yaxis={"range": [0, 1.03], "tickformat": ".0%", "fixedrange": True},
    )


def _heading(row: dict[str, Any]) -> str:
    converted = f" · {share_text(row['conversion_share'])} converted" if whole(row["converted_count"]) else ""
    return (
        f'{whole(row["variant_index"])}. <b>{share_text(row["share"])}</b> <span style="color:{MUTED}">· '
        f"{count_text(row['count'])} of {count_text(row['base_count'])}{converted}</span>"
    )


def _path_lines(path: Any, stage_of: Mapping[str, str], colours: Mapping[str, str]) -> list[str]:
    """Break the names of a path into lines that fit a phone; what is left of a long one is counted."""
    names = [str(name) for name in path]
    lines, used = [""], 0
    for place, name in enumerate(names):
        shown = shorten(clean_text(name), LABEL_WIDTH)
        width = text_width(shown) + 5
        if used and used + width > _COLUMNS:
            if len(lines) == _MOST_LINES:
                lines[-1] += f" … and {count_text(len(names) - place)} more steps"
                break
            lines.append("")
            used = 0
        arrow = f'<span style="color:{GREY}"> → </span>' if place else ""
        square = f'<span style="color:{touchpoint_colour(name, stage_of, colours)}">■</span>'
        lines[-1] += f"{arrow}{square} {plain_label(name, LABEL_WIDTH)}"
        used += width
    return lines


def _bars(named: list[dict[str, Any]], tops: list[float]) -> list[go.Bar]:
    cells = [_hover_cells(row) for row in named]
    base = [max(1, whole(row["base_count"])) for row in named]
    converted = [whole(row["converted_count"]) / n for row, n in zip(named, base, strict=True)]
    rest = [float(row["share"]) - part for row, part in zip(named, converted, strict=True)]
    return [
        go.Bar(x=part, y=tops, width=_BAR, orientation="h", customdata=cells, hovertemplate=_HOVER,
               marker={"color": colour, "line": {"width": 0}}, name=name)
        for part, colour, name in ((converted, GOOD, "converted"), (rest, GREY, "not converted"))
    ]  # fmt: skip


def _hover_cells(row: dict[str, Any]) -> list[str]:
    names = [str(name) for name in row["path"]]
    shown = " → ".join(names[:_MOST_HOVER_STEPS]) + (" → …" if len(names) > _MOST_HOVER_STEPS else "")
    interval = interval_text(row["conversion_share_low"], row["conversion_share_high"])
    conversion = f"{share_text(row['conversion_share'])} ({interval})" if interval else share_text(None)
    return [
        hover_label(shown),
        count_text(row["count"]),
        count_text(row["base_count"]),
        share_text(row["share"]),
        interval_text(row["share_low"], row["share_high"]) or "no interval",
        count_text(row["converted_count"]),
        "too few" if row["is_too_few"] else conversion,
        count_text(row["dropped_count"]),
        count_text(row["open_count"]),
    ]


def _foot_notes(rows: list[dict[str, Any]], named: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say what the paths that are not drawn hold, when there are some."""
    if len(rows) == len(named):
        return []
    text = f"other paths: {share_text(1 - sum(float(row['share']) for row in named))} of all"
    place = {"y": 0, "yref": "paper", "yanchor": "top", "yshift": -4}
    return [_note(text, 0) | place | {"font": {"size": 12, "color": MUTED}}]


def _note(text: str, y: float) -> dict[str, Any]:
    return {"text": text, "x": 0, "xref": "paper", "xanchor": "left", "y": y, "yref": "y", "yanchor": "top",
            "align": "left", "showarrow": False, "font": {"size": 12, "color": INK}}  # fmt: skip
