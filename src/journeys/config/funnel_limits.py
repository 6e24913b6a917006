"""What of a funnel's settings does not go together: asked of the configuration and of every call alike."""

from __future__ import annotations

from dataclasses import dataclass

MOST_STEPS = 32


@dataclass(frozen=True)
class FunnelShape:
    """What of a funnel decides whether it can be counted.

    Attributes:
        order: ordered, strict or any.
        entry: best, first, each or open.
        is_optional: per step whether the funnel goes on without it.
        has_within: a step has a longest time since the one before.
        has_exclusions: events are excluded between steps.
        has_far_exclusions: some between steps that are no neighbours.
        is_tainting: an excluded event takes the unit out of the whole funnel.
    """

    order: str
    entry: str
    is_optional: tuple[bool, ...]
    has_within: bool
    has_exclusions: bool
    has_far_exclusions: bool = False
    is_tainting: bool = False


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
    return _find_open_fault(shape) if shape.entry == "open" else None


def _find_open_fault(shape: FunnelShape) -> ShapeFault | None:
    """Return what does not go with a funnel whose links are counted one by one."""
    if shape.order == "any":
        return ShapeFault(False, "entry='open' needs an order of the steps", "entry='open' with order='any'",
                          "order='ordered' or 'strict'")  # fmt: skip
    if any(shape.is_optional):
        return ShapeFault(False, "entry='open' knows no optional steps", "entry='open' with an optional step",
                          "required steps: nobody has to come from the step before")  # fmt: skip
    if shape.has_far_exclusions:
        return ShapeFault(False, "entry='open' excludes only between neighbouring steps",
                          "an exclusion between steps that are no neighbours",
                          "(match, i, i + 1), one for each pair of steps")  # fmt: skip
    if shape.has_exclusions and shape.is_tainting:
        return ShapeFault(False, "entry='open' takes nobody out of the whole funnel",
                          "entry='open' with exclude under preset='posthog'", "another preset, or none")  # fmt: skip
    return None
