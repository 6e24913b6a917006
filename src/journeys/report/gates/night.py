"""The night that gates look at, and how one gate's finding is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from journeys.config import Settings, Source
from journeys.report.gates.counts import NightCounts
from journeys.report.gates.verdict import Verdict
from journeys.units import US_PER_SECOND
from journeys.warehouse import Engine

FAILED = "failed"
_DIGITS = 9  # shares are differences of fractions: a limit of 0.1 is not passed by its last binary digit


@dataclass(frozen=True)
class Night:
    """A finished night and the one before.

    Attributes:
        engine: holds the tables of this night.
        settings: the configuration.
        snapshot_id: the snapshot this night makes.
        started_at: when the run began.
        before: what was counted of the snapshot before; None where there is none to compare with.
    """

    engine: Engine
    settings: Settings
    snapshot_id: str
    started_at: datetime
    before: NightCounts | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources of events; address books have none."""
        return tuple(source for source in self.settings.sources if source.has_events)

    @property
    def started_us(self) -> int:
        """Start of the run in microseconds, cut as the load time of its rows is."""
        return int(self.started_at.timestamp() * US_PER_SECOND)


@dataclass(frozen=True)
class Measured:
    """What a gate counted: the value held against its limit, and the two numbers it comes from."""

    value: float
    limit: float
    count: int
    base: float


def find(gate: str, place: tuple[str, str], measured: Measured, *, is_failed: bool, text: str) -> Verdict:
    """Write down what a gate found at a place (source, subject); what failing means is decided by its action."""
    status = FAILED if is_failed else "passed"
    return Verdict(gate, *place, status, measured.value, measured.limit, measured.count, measured.base, text)


def pass_over(gate: str, source: str, why: str, *, base: float | None = None) -> Verdict:
    """Write down why a gate could not judge."""
    return Verdict(gate, source, "", "not judged", None, None, None, base, why)


def share(count: int, base: float) -> float:
    """Divide two counts of which the second is not 0."""
    return round(count / base, _DIGITS)


def rise(now: float, before: float) -> float:
    """Subtract two shares."""
    return round(now - before, _DIGITS)


def percent(part: float) -> str:
    """Write a share for a sentence: 0.123 is '12.3 %'."""
    return f"{100 * part:,.1f} %"
