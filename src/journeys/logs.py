"""Where a log comes from: rows in memory, a file, or the published snapshot of a configuration."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from journeys.api import Journeys
from journeys.config import load_settings
from journeys.errors import CallError, PublishError
from journeys.memory import read_log
from journeys.paths.log import EventLog
from journeys.sources.frame import FrameColumns
from journeys.units import time_us, zone
from journeys.warehouse import Engine, find_current
from journeys.warehouse.conditions import read_facts

_SNAPSHOT = "snapshot"


def from_events(
    data: pd.DataFrame | pa.Table | str | Path,
    *,
    person: str,
    occurred_at: str,
    event: str,
    timezone: str = "UTC",
    unit: str | None = None,
    as_of: object = None,
    **columns: str | Sequence[str] | None,
) -> Journeys:
    """Read a log of events from memory or a file; no configuration, nothing written.

    Args:
        data: pandas DataFrame, pyarrow Table, or path to Parquet, CSV or JSON lines.
        person: column that says who.
        occurred_at: column that says when.
        event: column that says what.
        timezone: zone of times without one.
        unit: 's', 'ms' or 'us', for integer times.
        as_of: end of observation; the time of the last accepted event.
        **columns: `event_id`, `sequence`, `session`, `account`, `channel`, `value`, `device` (one column or a list):
            the column that holds it. All other columns stay usable in conditions.

    Returns:
        The log; rows without person, event or readable time are in `.rejects`, with one warning.

    Raises:
        CallError: a keyword or column is unknown, or integer times have no unit.
        InputError: the data cannot be read, or no row is usable.
    """
    zone(timezone)
    known = set(FrameColumns.__dataclass_fields__)
    unknown = sorted(columns.keys() - known)
    if unknown:
        raise CallError("keyword", "from_events() got unknown keywords", found=", ".join(unknown),
                        allowed=", ".join(sorted(known)))  # fmt: skip
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in columns.items()
    }
    log, rejects, repeat_count = read_log(
        data, FrameColumns(person, occurred_at, event, **given), timezone=timezone, unit=unit
    )
    if as_of is not None:
        log = EventLog(log.engine, time_us(as_of, timezone=timezone), timezone, log.facts)
    if len(rejects):
        warnings.warn(f"{len(rejects):,} rows cannot be used; see .rejects", stacklevel=2)
    return Journeys(log, rejects=rejects, repeat_count=repeat_count)


def open(path: str | Path) -> Journeys:
    """Open the published snapshot of a configuration, read-only.

    Raises:
        ConfigError: the configuration is wrong.
        PublishError: nothing was published yet, or the snapshot is damaged.
    """
    settings = load_settings(path)
    snapshot = find_current(settings.warehouse.path)
    if snapshot is None:
        raise PublishError(
            "no-snapshot",
            f"{settings.warehouse.path}: nothing was published yet",
            do=f"run `journeys refresh -c {settings.path}`",
        )
    engine = Engine(memory_limit=settings.warehouse.memory_limit)
    engine.attach(snapshot.results, name=_SNAPSHOT)
    facts = read_facts(engine, "events", properties="properties")
    log = EventLog(engine, snapshot.manifest.as_of_us, settings.project.timezone, facts)
    rejects = pd.DataFrame(columns=["row", "column", "value", "reason"])
    repeats = engine.value("SELECT CAST(COALESCE(SUM(duplicate_count), 0) AS BIGINT) FROM data_quality")
    return Journeys(log, rejects=rejects, repeat_count=int(repeats), settings=settings)
