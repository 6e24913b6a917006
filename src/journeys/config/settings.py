"""The whole configuration as one frozen object, and its small sections."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, Field

from journeys.config.alert import Alert
from journeys.config.calendar import Calendar
from journeys.config.fields import (
    Currency,
    Duration,
    FolderPath,
    LineOrNone,
    MemoryAmount,
    Name,
    Part,
    ZoneName,
    find_nearest,
    loaded,
)
from journeys.config.gates import Gates
from journeys.config.identity import Bots, Identity
from journeys.config.privacy import Privacy
from journeys.config.retention import Retention
from journeys.config.rules import ChannelSettings, FunnelSettings, Goal, Stage, TouchpointRule
from journeys.config.source import Source
from journeys.errors import CallError
from journeys.schema import STAGES
from journeys.units import LONGEST_DAYS, US_PER_DAY, duration_us

_Named = TypeVar("_Named", FunnelSettings, Goal)


class Project(Part):
    """`[project]`: whose journeys these are."""

    name: Name = Field(description="name of the company or project, for titles")
    timezone: ZoneName = Field(
        default="UTC", description="IANA zone of calendar days and of source times without a zone"
    )
    currency: Currency = Field(
        default="", description="three capital letters, for money without a currency; '' = none shown"
    )


class Warehouse(Part):
    """`[warehouse]`: where results are kept."""

    path: FolderPath = Field(
        default=Path("warehouse"), validate_default=True, description="folder, absolute once loaded"
    )
    memory_limit: MemoryAmount = Field(
        default="", description="most memory DuckDB may use, such as '4GB'; '' leaves it to DuckDB"
    )
    keep_snapshots: int = Field(default=3, ge=1, le=10_000, description="published snapshots kept, at least 1")
    verify_persons: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="persons worked out again each night and compared; 0 = none",
    )


class Session(Part):
    """`[session]`: where a device's stream of events is cut."""

    timeout: Duration = Field(default="30m", description="a longer pause starts a new session; with a unit")
    gap_inclusive: bool = Field(
        default=True, description="a pause equal to the timeout stays in the session; false = it splits"
    )
    max_length: Duration | None = Field(default=None, description="longest session, with a unit; none = no limit")
    midnight: bool = Field(default=False, description="a new calendar day in the project's zone starts a new session")
    campaign: bool = Field(default=False, description="a new campaign starts a new session")
    keep_source_id: bool = Field(
        default=True, description="a change of the source's own session id starts a new session"
    )

    @property
    def timeout_us(self) -> int:
        """`timeout` in microseconds."""
        return duration_us(self.timeout, name="timeout")

    @property
    def max_length_us(self) -> int | None:
        """`max_length` in microseconds; None is no limit."""
        return None if self.max_length is None else duration_us(self.max_length, name="max_length")


class Journey(Part):
    """`[journey]`: where a person's journey ends."""

    goal: LineOrNone = Field(default="", description="name of the [[goal]] that ends it; '' = the first one")
    inactive_days: int = Field(
        default=30, ge=1, le=LONGEST_DAYS, description="days without a touchpoint after which it is lost"
    )

    @property
    def inactive_us(self) -> int:
        """`inactive_days` in microseconds."""
        return self.inactive_days * US_PER_DAY


class ReportSettings(Part):
    """`[report]`: the published page."""

    path: FolderPath = Field(
        default=Path("report.html"), validate_default=True, description="file, absolute once loaded"
    )
    top: int = Field(default=8, ge=1, le=50, description="touchpoints shown per Sankey step; the rest is '(other)'")
    depth: int = Field(default=8, ge=1, le=50, description="Sankey steps shown; longer paths go on to '(more)'")


class Settings(Part):
    """Everything `journeys.toml` says, checked, with defaults filled in and paths made absolute."""

    model_config = ConfigDict(strict=False)

    path: Path = loaded(..., "the configuration file, absolute")
    folder: Path = loaded(..., "its folder; relative paths start here")
    project: Project = Field(description="[project]")
    warehouse: Warehouse = Field(default_factory=Warehouse, description="[warehouse]")
    sources: tuple[Source, ...] = Field(default=(), description="[[source]], in order of the file")
    identity: Identity = Field(default=Identity(), description="[identity]")
    privacy: Privacy = Field(default=Privacy(), description="[privacy]")
    retention: Retention = Field(default=Retention(), description="[retention]")
    bots: Bots = Field(default=Bots(), description="[bots]")
    session: Session = Field(default=Session(), description="[session]")
    journey: Journey = Field(default=Journey(), description="[journey]")
    stages: tuple[Stage, ...] = Field(
        default=tuple(Stage(name=name) for name in STAGES), description="[[stage]], first to last"
    )
    touchpoints: tuple[TouchpointRule, ...] = Field(default=(), description="[[touchpoint]], first match wins")
    channels: ChannelSettings = Field(default=ChannelSettings(), description="[channels]")
    goals: tuple[Goal, ...] = Field(default=(), description="[[goal]]")
    funnels: tuple[FunnelSettings, ...] = Field(default=(), description="[[funnel]]")
    calendar: Calendar = Field(default=Calendar(), description="[calendar]")
    gates: Gates = Field(default=Gates(), description="[gates]")
    report: ReportSettings = Field(default_factory=ReportSettings, description="[report]")
    alert: Alert = Field(default=Alert(), description="[alert]")
    warnings: tuple[str, ...] = loaded((), "what is allowed but unwise, one text each")

    def fingerprint(self) -> str:
        """Hash everything that can change a number or the page (SHA-256, hex).

        Left out: secrets and other values of `${NAME}` in sources, places where results are stored, memory, whom to
        tell of a failure, the gates, which judge numbers and change none, and the calendar and the touches that a stage
        is designed for, which no published number uses. The same settings give the same text on every machine, whatever
        the comments, the order of keys and the folder.
        """
        text = json.dumps(self.content(), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def content(self) -> dict[str, Any]:
        """Return everything that can change a number or the page as plain values, by section; see `fingerprint`."""
        places = ("path", "folder", "warehouse", "warnings", "alert", "gates", "calendar")
        unread: Any = dict.fromkeys(places, True) | {"report": {"path"}}
        unread["privacy"] = {"key_env"}
        unread["stages"] = {"__all__": {"expected"}}
        content = self.model_dump(mode="json", exclude={**unread, "identity": {"kinds": {"__all__": {"meaning"}}}})
        for dumped, source in zip(content["sources"], self.sources, strict=True):
            dumped.update(source.written)
            del dumped["written"]
        return dict(content)

    def funnel(self, name: str) -> FunnelSettings:
        """Look up a funnel by its name.

        Raises:
            CallError: no funnel has that name; names the nearest.
        """
        return _look_up(self.funnels, name, kind="funnel")

    def goal(self, name: str) -> Goal:
        """Look up a goal by its name.

        Raises:
            CallError: no goal has that name; names the nearest.
        """
        return _look_up(self.goals, name, kind="goal")

    def __repr_args__(self) -> Any:
        """Print the outline only: sources may hold secrets."""
        return [("path", str(self.path)), ("project", self.project.name), ("sources", self.sources)]


def _look_up(items: Sequence[_Named], name: str, *, kind: str) -> _Named:
    for item in items:
        if item.name == name:
            return item
    names = [item.name for item in items]
    nearest = find_nearest(str(name), names)
    raise CallError(
        f"unknown-{kind}",
        f"no {kind} of that name in the configuration",
        found=repr(name),
        allowed=", ".join(map(repr, names)) or f"none: the configuration has no [[{kind}]]",
        do=f"did you mean {nearest!r}?" if nearest else f"use one of these names, or add a [[{kind}]]",
    )
