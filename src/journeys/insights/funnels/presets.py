"""How other systems count a funnel, as settings of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from journeys.errors import CallError


@dataclass(frozen=True)
class Preset:
    """Another system's rule.

    Attributes:
        settings: its own rules where they are not the plain ones of OURS, as fields of `FunnelRule`.
        orders: the orders that it has and that are reproduced.
        has_window: it has a conversion window.
        note: what of it is not reproduced, or differs elsewhere.
    """

    settings: dict[str, Any]
    orders: tuple[str, ...]
    has_window: bool = True
    note: str = ""


# What a system decides, not a question: here as we count where nothing else is said.
OURS: dict[str, Any] = {"entry": "best", "ties": "together", "is_reused": False, "is_tainting": False}
PRESETS: dict[str, Preset] = {
    "clickhouse": Preset(
        {"is_reused": True},
        ("ordered",),
        note="windowFunnel in its default mode: one event may serve several steps.",
    ),
    "posthog": Preset(
        {"is_tainting": True},
        ("ordered", "strict", "any"),
        note="An excluded event takes the person out of the whole funnel.",
    ),
    "mixpanel": Preset(
        {"entry": "first"},
        ("ordered", "any"),
        note="Uniques by first entry; its grace of two seconds for steps out of order is not reproduced.",
    ),
    "retentioneering": Preset(
        {"ties": "sequence"},
        ("ordered",),
        has_window=False,
        note="No window, and events of one time in the order of rows (sequence); its shares are of all paths.",
    ),
    "ga4": Preset(
        {},
        ("ordered", "strict"),
        has_window=False,
        note="Closed funnel without a window of its own; its open funnel is entry='open', 'directly followed' is "
        "order='strict'.",
    ),
}


def preset_settings(name: object, given: dict[str, Any], *, order: str | None = None) -> dict[str, Any]:
    """Return the settings of a funnel counted as another system does; what is given beside the preset wins.

    Args:
        name: a name of PRESETS.
        given: settings given beside it, as fields of `FunnelRule`.
        order: that of a configured funnel, where none is given.

    Raises:
        CallError: there is no such preset, or it has no such order.
    """
    preset = PRESETS.get(name) if isinstance(name, str) else None
    if preset is None:
        raise CallError("preset", "there is no such preset", found=repr(name), allowed=", ".join(map(repr, PRESETS)))
    wanted = given.get("order", order or "ordered")
    if wanted not in preset.orders:
        raise CallError("preset", f"the preset {name!r} does not reproduce this order", found=repr(wanted),
                        allowed=", ".join(map(repr, preset.orders)))  # fmt: skip
    own = {} if preset.has_window else {"window": None}
    return {**OURS, **own, **preset.settings, **given}
