"""The one noun an analyst holds: a log of journeys, and the questions it answers."""

from __future__ import annotations

from journeys.api.effects import EffectVerbs
from journeys.api.funnel_statistics import FunnelStatisticVerbs
from journeys.api.identity import IdentityVerbs
from journeys.api.paths import PathVerbs
from journeys.api.patterns import PatternVerbs
from journeys.api.sessions import SessionVerbs
from journeys.api.touchpoints import TouchpointVerbs
from journeys.api.ways import WayVerbs


class Journeys(
    FunnelStatisticVerbs, PathVerbs, WayVerbs, PatternVerbs, TouchpointVerbs, EffectVerbs, SessionVerbs, IdentityVerbs
):
    """A log of journeys, in memory or published, ready to be asked. Made by `from_events` and `open`."""


__all__ = ["Journeys"]
