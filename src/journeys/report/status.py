"""How the warehouse stands: the last run, what is published, what one may go back to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from journeys.config import Settings
from journeys.errors import JourneysError, ModelError
from journeys.report.gates import read_verdicts
from journeys.report.result import plain_rows
from journeys.units import US_PER_SECOND, time_text
from journeys.warehouse import Engine, LastRun, Snapshot, find_current, read_last_run
from journeys.warehouse.snapshots import RESULTS_FILE, SCHEMA_VERSION

_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Published:
    """The published snapshot.

    Attributes:
        snapshot_id: its name.
        published_at: ISO time in UTC at which its run ended; '' when its history cannot be read.
        as_of: ISO time up to which it counts.
        age_seconds: from `as_of` to now.
        sources: `source` and `last_event_at` (ISO time, None without an event), in order of the configuration.
        verdicts: what the gates found before it was published.
    """

    snapshot_id: str
    published_at: str
    as_of: str
    age_seconds: float
    sources: list[dict[str, Any]]
    verdicts: list[dict[str, Any]]


@dataclass(frozen=True)
class Status:
    """How a warehouse stands.

    Attributes:
        last_run: how the last refresh went; None when none was recorded.
        published: None when nothing is, or when it cannot be read.
        problem: why the published snapshot cannot be read, else ''.
        kept: further snapshots that one may go back to, the newest first: `snapshot_id`, `as_of`.
    """

    last_run: LastRun | None
    published: Published | None
    problem: str
    kept: list[dict[str, str]]

    @property
    def is_well(self) -> bool:
        """Whether the last run ended well and what it published can be read."""
        return not self.problem and (self.last_run is None or self.last_run.is_well)

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """What the gates found in the last run that got so far, else before the published snapshot."""
        if self.last_run and self.last_run.verdicts:
            return self.last_run.verdicts
        return self.published.verdicts if self.published else []

    def to_dict(self) -> dict[str, Any]:
        """Return the status as plain values, ready for JSON."""
        last_run, published = (
            {name: value for name, value in vars(part).items() if name != "verdicts"} if part else None
            for part in (self.last_run, self.published)
        )
        return {
            "is_well": self.is_well,
            "last_run": last_run,
            "published": published,
            "problem": self.problem,
            "kept": self.kept,
            "verdicts": self.verdicts,
        }


def read_status(settings: Settings, *, now: datetime) -> Status:
    """Read how a warehouse stands, whatever state it is in; nothing is written.

    Args:
        settings: the configuration.
        now: the moment from which ages are counted.
    """
    warehouse = settings.warehouse.path
    published, problem = None, ""
    try:
        snapshot = find_current(warehouse)
        if snapshot is not None:
            published = _read_published(snapshot, now)
    except JourneysError as error:
        problem = str(error)
    return Status(read_last_run(warehouse), published, problem, _list_kept(warehouse))


def _read_published(snapshot: Snapshot, now: datetime) -> Published:
    manifest = snapshot.manifest
    with Engine() as engine:
        engine.attach(snapshot.results, name="snapshot")
        quality = engine.rows("SELECT source, last_us FROM data_quality ORDER BY source_index")
        verdicts = plain_rows(read_verdicts(engine))
        finished = engine.value(
            "SELECT CAST(MAX(finished_at) AS VARCHAR) FROM runs WHERE snapshot_id = $id", {"id": manifest.snapshot_id}
        )
    try:
        as_of = time_text(manifest.as_of_us)
    except OverflowError as error:
        raise ModelError("snapshot-damaged", f"{snapshot.folder}: as_of is no time", found=str(error)) from error
    return Published(
        snapshot_id=manifest.snapshot_id,
        published_at=_iso(finished),
        as_of=as_of,
        age_seconds=now.timestamp() - manifest.as_of_us / US_PER_SECOND,
        sources=[{"source": name, "last_event_at": time_text(us) if us is not None else None} for name, us in quality],
        verdicts=verdicts,
    )


def _list_kept(warehouse: Path) -> list[dict[str, str]]:
    """List the snapshots beside the published one that are whole and of this version."""
    current = warehouse / "current"
    published = current.resolve() if current.exists() else None
    kept = []
    for folder in sorted((warehouse / "snapshots").glob("*"), reverse=True):
        if folder.resolve() == published or not (folder / RESULTS_FILE).is_file():
            continue
        try:
            manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
            if _is_of_this_version(manifest):
                kept.append({"snapshot_id": folder.name, "as_of": time_text(int(manifest["as_of_us"]))})
        except (OSError, ValueError, TypeError, KeyError, OverflowError):
            continue
    return kept


def _is_of_this_version(manifest: Mapping[str, Any]) -> bool:
    return bool(manifest["schema_version"] == SCHEMA_VERSION)


def _iso(text: str | None) -> str:
    if not text:
        return ""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
