"""A configured funnel as steps and rule, the same wherever it is counted."""

from __future__ import annotations

from typing import Any

from journeys.config import FunnelSettings
from journeys.insights.funnels.rule import Exclusion, FunnelRule
from journeys.paths.steps import Step, step


def read_funnel(funnel: FunnelSettings, **given: Any) -> tuple[tuple[Step, ...], FunnelRule]:
    """Return the steps and the rule of a configured funnel.

    Args:
        funnel: its settings.
        **given: fields of `FunnelRule` that win over the configured ones.
    """
    named = [step(each) for each in funnel.steps]
    steps = tuple(
        step(each, optional=each.name in funnel.optional, within=funnel.within.get(each.name)) for each in named
    )
    exclude = tuple(Exclusion(step(each.match), each.after, each.before) for each in funnel.exclude)
    configured = {"window": funnel.window, "order": funnel.order, "entry": funnel.entry, "ties": funnel.ties,
                  "unit": funnel.unit, "hold": funnel.hold, "exclude": exclude}  # fmt: skip
    return steps, FunnelRule(**configured | given)
