"""Customer journeys from event logs: counted once, said how, and right."""

from journeys.api import Journeys
from journeys.errors import (
    CallError,
    ConfigError,
    InputError,
    JourneysError,
    ModelError,
    PublishError,
    SourceError,
)
from journeys.logs import from_events, open
from journeys.paths.period import Period
from journeys.paths.steps import Step, step
from journeys.report.result import FunnelResult, PathResult, Result
from journeys.version import VERSION

__version__ = VERSION

__all__ = [
    "CallError",
    "ConfigError",
    "FunnelResult",
    "InputError",
    "Journeys",
    "JourneysError",
    "ModelError",
    "PathResult",
    "Period",
    "PublishError",
    "Result",
    "SourceError",
    "Step",
    "from_events",
    "open",
    "step",
]
