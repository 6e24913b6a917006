"""What a run publishes: the manifest of what it was made from, its line in the run history, and the page."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from journeys.config import Settings
from journeys.errors import ModelError, PublishError
from journeys.nights.night import Night
from journeys.nights.stages import Stages
from journeys.nights.tables import ROW_TABLES
from journeys.report.answers import read_content
from journeys.report.gates import find_notice
from journeys.report.page import render_report
from journeys.units import time_text
from journeys.version import VERSION
from journeys.warehouse import (
    Engine,
    Manifest,
    Snapshot,
    find_current,
    find_folder,
    hold_warehouse,
    list_snapshots,
    name_snapshot,
    point_at,
)
from journeys.warehouse.runs import KEPT
from journeys.warehouse.snapshots import EARLIER, SCHEMA_VERSION


def describe_run(settings: Settings, *, started_at: datetime, last_load: int, stages: Stages) -> Manifest:
    """Say what a run is made from: configuration, SQL, product version and loads.

    Args:
        settings: the configuration.
        started_at: names the snapshot.
        last_load: number of the newest load of the store.
        stages: fingerprints of what each stage is made with.
    """
    sql = hashlib.sha256()
    for path in sorted(find_folder("sql").glob("*/*.sql")):
        sql.update(path.read_bytes())
    return Manifest(
        snapshot_id=name_snapshot(settings.warehouse.path, started_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")),
        schema_version=SCHEMA_VERSION,
        product_version=VERSION,
        settings_fingerprint=settings.fingerprint(),
        sql_fingerprint=sql.hexdigest()[:16],
        data_fingerprint="",
        as_of_us=0,
        last_load=last_load,
        stages=stages,
    )


def describe_earlier(settings: Settings, *, as_of_us: int, stages: Stages) -> Manifest:
    """Say what the snapshot of an earlier night is made from; it has the name of its time and replaces one of it."""
    name = f"{EARLIER}{time_text(as_of_us).replace(':', '').replace('-', '')}"
    shutil.rmtree(settings.warehouse.path / "snapshots" / name, ignore_errors=True)
    made = describe_run(settings, started_at=datetime.now(UTC), last_load=0, stages=stages)
    return replace(made, snapshot_id=name)


def complete_manifest(manifest: Manifest, night: Night, *, as_of_us: int) -> Manifest:
    """Add what is known once the rows are judged and all kept tables are written.

    The fingerprint of the data is that of all accepted and rejected rows, whatever file and night they came from.
    """
    listings = night.runs.listings
    rows = "+".join(listings[table.name].fingerprint for table in ROW_TABLES)
    tables = {name: asdict(listing) for name, listing in listings.items()}
    return replace(manifest, data_fingerprint=rows, as_of_us=as_of_us, tables=tables)


def is_made_from_the_same(former: Manifest, manifest: Manifest) -> bool:
    """Say whether two snapshots come from the same loads, rules and product."""
    names = ("schema_version", "product_version", "settings_fingerprint", "sql_fingerprint", "last_load")
    return all(getattr(former, name) == getattr(manifest, name) for name in names)


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


def go_back(settings: Settings, name: str | None) -> tuple[Snapshot, str]:
    """Make an earlier snapshot the current one, under the lock of a refresh.

    Args:
        settings: the configuration.
        name: the snapshot; the newest one before the current if none is given.

    Returns:
        The snapshot that is current now, and the name of the one that was.

    Raises:
        PublishError: nothing was published, there is no such snapshot, none is older, or a refresh is running.
    """
    warehouse = settings.warehouse.path
    with hold_warehouse(warehouse):
        current = find_current(warehouse, is_read=False)
        if current is None:
            raise PublishError("no-snapshot", f"{warehouse}: nothing was published yet", do="run `journeys refresh`")
        former = current.manifest.snapshot_id
        others = [
            each
            for each in list_snapshots(warehouse)
            if each.manifest.snapshot_id != former and each.is_of_this_version and not each.is_of_an_earlier_night
        ]
        names = [each.manifest.snapshot_id for each in others]
        wanted = name if name is not None else next((each for each in names if each < former), None)
        if wanted not in names:
            raise PublishError(
                "no-such-snapshot",
                f"{warehouse}: there is no earlier snapshot to go back to" if name is None else f"there is no {name!r}",
                found=f"current: {former}",
                allowed=", ".join(names) or "none: it is the only one that is kept",
                do="name one of these with --to; `keep_snapshots` in [warehouse] says how many are kept",
            )
        snapshot = others[names.index(wanted)]
        point_at(warehouse, snapshot)
    return snapshot, former


def record_run(engine: Engine, manifest: Manifest, *, started_at: datetime) -> None:
    """Add this run to table `runs`, the history that was carried on."""
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
    engine.append(f"{KEPT}.runs", run)


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
