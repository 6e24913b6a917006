"""What a chart says about itself in words, under the drawing: lines short enough for a phone."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from journeys.report.formats import count_text, interval_text, share_text, whole
from journeys.report.labels import plain_label
from journeys.report.palette import MUTED

# So many letters fit beside each other on a phone.
_LINE = 56
_LINE_HEIGHT = 15
_GAP = 12


def write_caption(texts: Sequence[str], *, under: int = 0) -> list[dict[str, Any]]:
    """Write sentences under the drawing, each from a new line on; nothing when there are none.

    Args:
        texts: plain text; names from data in it are shown literally.
        under: pixels already taken under the drawing.
    """
    lines = [line for text in texts for line in textwrap.wrap(text, _LINE)]
    if not lines:
        return []
    return [
        {
            "text": "<br>".join(map(plain_label, lines)),
            "name": "caption",
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 0,
            "yref": "paper",
            "yanchor": "top",
            "yshift": -_GAP - under,
            "align": "left",
            "showarrow": False,
            "font": {"size": 11, "color": MUTED},
        }
    ]


def caption_height(caption: list[dict[str, Any]]) -> int:
    """Room in pixels that a caption needs."""
    return sum(_GAP + _LINE_HEIGHT * (note["text"].count("<br>") + 1) for note in caption)


def coverage_text(row: dict[str, Any], step_count: int) -> str:
    """Say how many paths the named steps tell.

    Args:
        row: `entrant_count`, `named_count` with its share and interval, `more_count`.
        step_count: steps drawn.
    """
    entrants, named, more = (whole(row[name]) for name in ("entrant_count", "named_count", "more_count"))
    told = f"All {count_text(entrants)} journeys are shown by name at every step drawn"
    if named < entrants:
        interval = interval_text(row["named_share_low"], row["named_share_high"])
        told = (
            f"Shown by name at every step drawn: {count_text(named)} of {count_text(entrants)} journeys, "
            f"{share_text(row['named_share'])} ({interval}). The others pass through (other) at least once"
        )
    beyond = f"; {share_text(more / entrants)} of all go on after step {step_count}" if more and entrants else ""
    return f"{told}{beyond}."
