"""What a run publishes: the manifest of what it was made from, its line in the run history, and the page."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from journeys.config import Settings
from journeys.errors import ModelError, PublishError
from journeys.report.answers import read_content
from journeys.report.gates import find_notice
from journeys.report.page import render_report
from journeys.units import time_text
from journeys.version import VERSION
from journeys.warehouse import Engine, Manifest, Snapshot, find_current, find_folder, name_snapshot
from journeys.warehouse.snapshots import SCHEMA_VERSION

# Files may be moved and loads repeated without anything being new, so file, line and load time are left out.
_EVENT_COLUMNS = ("event_id", "source", "occurred_at_us", "received_at", "sequence", "device_id", "user_id",
                  "account_id", "source_session_id", "event", "channel", "url", "referrer", "value_amount", "currency",
                  "is_bot", "properties")  # fmt: skip
_REJECT_COLUMNS = ("source", "reason", "raw")
_CONTACT_COLUMNS = ("event_id", "source", "occurred_at_us", "device_id", "user_id", "account_id")
_IDENTIFIER_COLUMNS = ("event_id", "identifier_kind", "identifier_value")


def describe_run(engine: Engine, settings: Settings, *, started_at: datetime) -> Manifest:
    """Fingerprint what this run was made from: rows, configuration, SQL and product version.

    Args:
        engine: holds the tables of `sql/1_events`.
        settings: the configuration.
        started_at: names the snapshot.
    """
    tables = {
        "events": _EVENT_COLUMNS,
        "rejected_events": _REJECT_COLUMNS,
        "contact_rows": _CONTACT_COLUMNS,
        "row_identifiers": _IDENTIFIER_COLUMNS,
    }
    rows = "+".join(engine.fingerprint(name, columns) for name, columns in tables.items())
    sql = hashlib.sha256()
    for path in sorted(find_folder("sql").glob("*/*.sql")):
        sql.update(path.read_bytes())
    return Manifest(
        snapshot_id=name_snapshot(settings.warehouse.path, started_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")),
        schema_version=SCHEMA_VERSION,
        product_version=VERSION,
        settings_fingerprint=settings.fingerprint(),
        sql_fingerprint=sql.hexdigest()[:16],
        data_fingerprint=rows,
        as_of_us=0,
    )


def find_previous(settings: Settings) -> tuple[Snapshot | None, str]:
    """Find the snapshot to compare with and to continue the run history of; pass over a damaged one with a warning.

    Raises:
        PublishError: it was made by a newer version of the product.
    """
    try:
        previous = find_current(settings.warehouse.path, is_read=False)
        _read_history(previous)
    except (PublishError, ModelError) as error:
        if error.code == "snapshot-newer":
            raise
        return None, f"The snapshot before cannot be read and is replaced; its run history is lost: {error.found}"
    return previous, ""


def record_run(engine: Engine, manifest: Manifest, previous: Snapshot | None, *, started_at: datetime) -> None:
    """Write table `runs`: the history of the snapshot before, and this run."""
    totals = engine.frame(
        "SELECT CAST(SUM(read_count) AS BIGINT) AS read_count, CAST(SUM(accepted_count) AS BIGINT) AS accepted_count, "
        "CAST(SUM(duplicate_count) AS BIGINT) AS duplicate_count, "
        "CAST(SUM(rejected_count) AS BIGINT) AS rejected_count "
        "FROM data_quality"
    )
    run = totals.assign(
        snapshot_id=manifest.snapshot_id,
        started_at=pd.Timestamp(started_at.astimezone(UTC).replace(tzinfo=None)),
        finished_at=pd.Timestamp(datetime.now(UTC).replace(tzinfo=None)),
        as_of=time_text(manifest.as_of_us),
        product_version=manifest.product_version,
        settings_fingerprint=manifest.settings_fingerprint,
        data_fingerprint=manifest.data_fingerprint,
    )
    history = _read_history(previous)
    engine.load("runs", run if history is None else pd.concat([history, run], ignore_index=True))


def write_report(settings: Settings, snapshot: Snapshot, path: Path | None = None) -> Path:
    """Write the page of a published snapshot, replacing an older one only when it says something else.

    Raises:
        PublishError: the page cannot be written.
    """
    target = path or settings.report.path
    partial = target.with_name(target.name + ".part")
    page = render_snapshot(settings, snapshot).encode("utf-8")
    try:
        if not target.is_file() or target.read_bytes() != page:
            target.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(page)
            os.replace(partial, target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise PublishError(
            "report", f"{target} cannot be written", found=str(error), do="name another place with -o or [report] path"
        ) from error
    return target


def render_snapshot(settings: Settings, snapshot: Snapshot) -> str:
    """Render the page of a published snapshot, with a notice when the last refresh after it was blocked.

    The same snapshot and notice give the same bytes.
    """
    engine = Engine()
    try:
        engine.attach(snapshot.results, name="snapshot")
        content = read_content(engine, settings, snapshot)
        notice = find_notice(settings.warehouse.path, snapshot.manifest.snapshot_id)
        return render_report(replace(content, notice=notice))
    finally:
        engine.close()


def _read_history(previous: Snapshot | None) -> pd.DataFrame | None:
    if previous is None:
        return None
    engine = Engine()
    try:
        engine.attach(previous.results, name="snapshot")
        return engine.frame("SELECT * FROM runs ORDER BY started_at, snapshot_id")
    finally:
        engine.close()
