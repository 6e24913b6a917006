"""Boxes under each other in columns, to one scale: where each stands, and what makes Plotly use that scale.

Plotly scales nodes by the tightest column and reads `x` and `y` as the middle of a node; both facts are used here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_EMPTY_HEIGHT = 300
_ROW_HEIGHT = 22
_SMALLEST_SLOT = 12
_SMALLEST_GAP = 7
_FOOT_GAP = 26


@dataclass(frozen=True)
class Columns:
    """Sizes of the boxes of each column from top to bottom, and how many of each column's last stand at the foot."""

    sizes: Sequence[Sequence[float]]
    foot_counts: Sequence[int]


@dataclass(frozen=True)
class Stacks:
    """Middles of the boxes of each column; `height`, `pad` (between boxes) and `scale` (per size), all in pixels."""

    middles: list[list[float]]
    pad: float
    scale: float
    height: float


def stack_alike(drawings: Sequence[Columns]) -> list[Stacks]:
    """Stack several drawings of one height to one scale: the largest at which every column of each fits.

    A drawing whose columns have one box each has no padding to set its scale by, and is made less high instead.
    """
    rows = max((len(sizes) for drawing in drawings for sizes in drawing.sizes), default=0)
    height = _EMPTY_HEIGHT + _ROW_HEIGHT * rows
    scale = min((_largest_scale(drawing, height) for drawing in drawings), default=0.0)
    return [_stack(drawing, scale, height) for drawing in drawings]


def _largest_scale(drawing: Columns, height: int) -> float:
    low, high = 0.0, min((height / sum(sizes) for sizes in drawing.sizes), default=0.0)
    for _ in range(40):
        scale = (low + high) / 2
        fits = all(
            top + foot + (_FOOT_GAP if top and foot else 0) <= height for _, top, _, foot in _pile_all(drawing, scale)
        )
        low, high = (scale, high) if fits else (low, scale)
    return low


def _stack(drawing: Columns, scale: float, height: float) -> Stacks:
    # Plotly's own scale is min over columns of (height - (boxes - 1) * pad) / sum: solved for the padding.
    pads = [(height - scale * sum(sizes)) / (len(sizes) - 1) for sizes in drawing.sizes if len(sizes) > 1]
    if not pads:
        height = scale * max(map(sum, drawing.sizes), default=0.0)
    middles = [
        [*upper, *(height - foot + middle for middle in lower)] for upper, _, lower, foot in _pile_all(drawing, scale)
    ]
    return Stacks(middles, round(min(pads, default=0.0), 3), scale, height)


def _pile_all(drawing: Columns, scale: float) -> list[tuple[list[float], float, list[float], float]]:
    pairs = zip(drawing.sizes, drawing.foot_counts, strict=True)
    cut = [(sizes[: len(sizes) - feet], sizes[len(sizes) - feet :]) for sizes, feet in pairs]
    return [(*_pile(upper, scale), *_pile(lower, scale)) for upper, lower in cut]


def _pile(sizes: Sequence[float], scale: float) -> tuple[list[float], float]:
    """Put boxes under each other, thin ones with room for a label: their middles and the whole height."""
    middles, top = [], 0.0
    for size in sizes:
        slot = max(size * scale, _SMALLEST_SLOT)
        middles.append(top + slot / 2)
        top += slot + _SMALLEST_GAP
    return middles, max(0.0, top - _SMALLEST_GAP)
