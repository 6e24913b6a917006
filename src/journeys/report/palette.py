"""Colours that colour-blind people tell apart (Okabe and Ito), given out the same way on every run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from journeys.schema import STAGES

INK = "#1f2933"
MUTED = "#52606d"
RULE = "#d9dee4"
MAIN = "#0072b2"
GREY = "#9aa5b1"
LIGHT_GREY = "#cbd2d9"
GOOD = "#009e73"
NO_STAGE = "#c9bfae"

_PALETTE = ("#56b4e9", "#0072b2", "#009e73", "#e69f00", "#cc79a7", "#d55e00", "#3d1f6e", "#6f4518")


def colour_of(name: str) -> str:
    """Give a name its colour by hash, so that it keeps it whatever else is in the data."""
    # Green alone says 'converted' where there are no stages.
    colours = [colour for colour in _PALETTE if colour != GOOD]
    return colours[hashlib.sha256(name.encode("utf-8", "replace")).digest()[0] % len(colours)]


def stage_colours(stages: Iterable[str], order: Iterable[str] = ()) -> dict[str, str]:
    """Give each stage a colour by its place in the order.

    Args:
        stages: names in use.
        order: the configured order; stages outside it follow, the usual five first, then by name.

    Returns:
        Stage -> colour, in that order.
    """
    known = list(dict.fromkeys(order))
    rest = set(stages) - set(known)
    known += [stage for stage in STAGES if stage in rest]
    known += sorted(rest - set(STAGES))
    return {stage: _PALETTE[index % len(_PALETTE)] for index, stage in enumerate(known)}


def touchpoint_colour(name: str, stages: Mapping[str, str], colours: Mapping[str, str]) -> str:
    """Give a touchpoint its stage's colour; where no stages are known at all, one of its own."""
    return colours.get(stages.get(name, ""), NO_STAGE) if colours else colour_of(name)


def fade(colour: str, alpha: float) -> str:
    """Write a '#rrggbb' colour as rgba with this opacity."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"
