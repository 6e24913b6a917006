"""What of a funnel's settings does not go together: asked of the configuration and of every call alike."""

from __future__ import annotations

from dataclasses import dataclass

MOST_STEPS = 32


@dataclass(frozen=True)
class FunnelShape:
    """What of a funnel decides whether it can be counted.

    Attributes:
        order: ordered, strict or any.
        entry: best, first or each.
        is_optional: per step whether the funnel goes on without it.
        has_within: a step has a longest time since the one before.
        has_exclusions: events are excluded between steps.
    """

    order: str
    entry: str
    is_optional: tuple[bool, ...]
    has_within: bool
    has_exclusions: bool


@dataclass(frozen=True)
class ShapeFault:
    """Why a funnel cannot be counted.

    Attributes:
        is_of_steps: its steps are at fault, not settings that do not go together.
        what: what is wrong.
        found: what was found.
        allowed: what is allowed.
    """

    is_of_steps: bool
    what: str
    found: str
    allowed: str


def find_shape_fault(shape: FunnelShape) -> ShapeFault | None:
    """Return why a funnel of this shape cannot be counted; None when it can."""
    count, has_optional = len(shape.is_optional), any(shape.is_optional)
    if count > MOST_STEPS:
        return ShapeFault(True, "a funnel has too many steps", str(count), f"up to {MOST_STEPS}")
    if count and shape.is_optional[0]:
        return ShapeFault(True, "the first step is optional", "step 1", "a step that is required first")
    if shape.order == "any" and (has_optional or shape.has_within or shape.has_exclusions):
        return ShapeFault(False, "order='any' knows no optional steps, no within and no exclude",
                          "order='any' beside one of them", "another order, or none of them")  # fmt: skip
    if shape.entry == "each" and has_optional and (shape.has_within or shape.order == "strict"):
        return ShapeFault(False, "entry='each' counts no optional steps beside within or order='strict'",
                          "entry='each' with an optional step", "one of the two")  # fmt: skip
    return None
