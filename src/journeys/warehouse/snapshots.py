"""Published snapshots: a folder each, named by `current`; readers see one whole night or another, never a mix."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from journeys.errors import PublishError
from journeys.warehouse.durable import sync_file, sync_folder, write_durably
from journeys.warehouse.readers import is_being_read
from journeys.warehouse.runs import Listing, link_runs

SCHEMA_VERSION = 3
RESULTS_FILE = "results.duckdb"
_MANIFEST = "manifest.json"
_SNAPSHOTS = "snapshots"
# Names of snapshots that reproduce an earlier night: none of them is ever the current one.
EARLIER = "as-of-"


@dataclass(frozen=True)
class Manifest:
    """What a snapshot was made from.

    Attributes:
        snapshot_id: name of its folder.
        schema_version: version of the tables inside.
        product_version: version of the product that made it.
        settings_fingerprint: of the effective configuration.
        sql_fingerprint: of the SQL models.
        data_fingerprint: of the accepted and rejected rows.
        as_of_us: end of observation.
        last_load: number of the newest load of the store that is in it.
        stages: for each stage, fingerprints of the settings, SQL and product it was made with, by name.
        tables: the files of each kept table, as `runs.Listing`.
        removal: how many times rows had been removed from the store by their age; they are not in it.
    """

    snapshot_id: str
    schema_version: int
    product_version: str
    settings_fingerprint: str
    sql_fingerprint: str
    data_fingerprint: str
    as_of_us: int
    last_load: int = 0
    stages: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    removal: int = 0

    @property
    def listings(self) -> dict[str, Listing]:
        """The files of each kept table."""
        return {name: Listing.from_json(given) for name, given in self.tables.items()}


@dataclass(frozen=True)
class Snapshot:
    """A published snapshot: its folder and manifest."""

    folder: Path
    manifest: Manifest

    @property
    def results(self) -> Path:
        """The database file with all tables."""
        return self.folder / RESULTS_FILE

    @property
    def is_of_an_earlier_night(self) -> bool:
        """Whether it reproduces an earlier night and was never current."""
        return self.manifest.snapshot_id.startswith(EARLIER)

    @property
    def is_of_this_version(self) -> bool:
        """Whether its tables are those this version of the product reads."""
        return self.manifest.schema_version == SCHEMA_VERSION


def prove_writable(warehouse: Path) -> None:
    """Prove that a warehouse can be written, or made where it is not there yet.

    Raises:
        PublishError: it cannot.
    """
    place = next(path for path in (warehouse, *warehouse.parents) if path.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        raise PublishError(
            "warehouse",
            f"{warehouse} cannot be written",
            found=f"{place} is {'not writable' if place.is_dir() else 'no folder'}",
            do="name another folder in [warehouse] path, or give the right to write",
        )


@contextmanager
def hold_warehouse(warehouse: Path) -> Iterator[Path]:
    """Hold the warehouse for one refresh and lend an empty work folder, which is removed at the end.

    A run that died leaves a work folder and a lock that its death has opened; both are taken over.

    Raises:
        PublishError: another run holds the warehouse, or the folder cannot be written.
    """
    try:
        warehouse.mkdir(parents=True, exist_ok=True)
        lock = FileLock(warehouse / ".refresh.lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise PublishError(
            "refresh-running",
            f"{warehouse}: another refresh is running",
            found=f"held by process {_holder(warehouse)}",
            do="wait until it ends; what is published stays as it is",
        ) from None
    except OSError as error:
        raise PublishError(
            "warehouse", f"{warehouse} cannot be written", found=str(error), do="see the rights and space of its folder"
        ) from error
    try:
        (warehouse / ".refresh.pid").write_text(str(os.getpid()), encoding="utf-8")
        work = warehouse / "work"
        shutil.rmtree(work, ignore_errors=True)
        _remove_unfinished(warehouse)
        work.mkdir()
        yield work
    finally:
        shutil.rmtree(warehouse / "work", ignore_errors=True)
        (warehouse / ".refresh.pid").unlink(missing_ok=True)
        lock.release()


@contextmanager
def begin_snapshot(warehouse: Path, snapshot_id: str, previous: Snapshot | None) -> Iterator[Path]:
    """Lend the folder of a snapshot to be made, with the kept files of the one before linked into it.

    Without a manifest the folder is nobody's: it is removed at the end, or by the next run where this one dies.
    """
    folder = warehouse / _SNAPSHOTS / snapshot_id
    folder.mkdir(parents=True)
    try:
        if previous:
            link_runs(previous.folder, folder, previous.manifest.listings)
        yield folder
    finally:
        if not (folder / _MANIFEST).exists():
            shutil.rmtree(folder, ignore_errors=True)


def publish(warehouse: Path, manifest: Manifest, *, keep: int) -> Snapshot:
    """Make a finished snapshot the current one, by one atomic rename.

    Args:
        warehouse: the warehouse folder.
        manifest: of the snapshot, whose folder holds all its files.
        keep: newest snapshots to keep, the current one among them.
    """
    snapshot = seal(warehouse, manifest)
    point_at(warehouse, snapshot)
    remove_old(warehouse, keep=keep)
    return snapshot


def seal(warehouse: Path, manifest: Manifest) -> Snapshot:
    """Flush a finished snapshot to the disk and give it its manifest, which makes it one that can be read."""
    folder = warehouse / _SNAPSHOTS / manifest.snapshot_id
    for path in folder.rglob("*"):
        if path.is_file():
            sync_file(path)
    write_durably(folder / _MANIFEST, json.dumps(asdict(manifest), indent=1) + "\n")
    sync_folder(folder.parent)
    return Snapshot(folder, manifest)


def point_at(warehouse: Path, snapshot: Snapshot) -> None:
    """Make `current` name a snapshot, by one atomic rename."""
    link = warehouse / ".current.next"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(_SNAPSHOTS) / snapshot.folder.name, target_is_directory=True)
    os.replace(link, warehouse / "current")
    sync_folder(warehouse)


def remove_old(warehouse: Path, *, keep: int) -> None:
    """Remove all but the newest snapshots; the current one stays, and so does one that somebody reads just now."""
    current = (warehouse / "current").resolve()
    others = sorted(
        path
        for path in (warehouse / _SNAPSHOTS).iterdir()
        if path.resolve() != current and not path.name.startswith(EARLIER)
    )
    for old in others[: -(keep - 1) or None]:
        if not is_being_read(old):
            shutil.rmtree(old, ignore_errors=True)


def find_current(warehouse: Path, *, is_read: bool = True) -> Snapshot | None:
    """Return the published snapshot, or None when nothing was published yet.

    Args:
        warehouse: the warehouse folder.
        is_read: its tables will be read; else it is only replaced and its history carried on, whatever its version.

    Raises:
        PublishError: the snapshot is damaged, of a newer version of the product, or of an older one and to be read.
    """
    current = warehouse / "current"
    if not current.exists():
        return None
    snapshot = _read_snapshot(current.resolve())
    folder, manifest = snapshot.folder, snapshot.manifest
    if manifest.schema_version > SCHEMA_VERSION:
        raise PublishError(
            "snapshot-newer",
            f"{folder} was made by a newer version of the product",
            found=f"schema version {manifest.schema_version}",
            allowed=f"up to {SCHEMA_VERSION}",
            do="upgrade the product",
        )
    if is_read and not snapshot.is_of_this_version:
        raise PublishError(
            "snapshot-older",
            f"{folder} was made by an older version of the product, whose tables were others",
            found=f"schema version {manifest.schema_version}",
            allowed=f"{SCHEMA_VERSION}",
            do="run `journeys refresh`; it builds the tables anew and keeps the run history",
        )
    return snapshot


def list_snapshots(warehouse: Path) -> list[Snapshot]:
    """Return the finished snapshots that can be read, newest first; damaged ones are left out."""
    found = []
    for path in sorted((warehouse / _SNAPSHOTS).glob("*/" + _MANIFEST), reverse=True):
        with suppress(PublishError):
            found.append(_read_snapshot(path.parent))
    return found


def name_snapshot(warehouse: Path, stamp: str) -> str:
    """Return a snapshot name not taken yet: the time of the run, numbered when it is taken."""
    taken = {path.name for path in (warehouse / _SNAPSHOTS).glob("*")}
    names = (stamp if number == 1 else f"{stamp}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _read_snapshot(folder: Path) -> Snapshot:
    try:
        manifest = Manifest(**json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise PublishError(
            "snapshot-damaged",
            f"{folder}: the snapshot has no readable manifest",
            found=str(error),
            do="run `journeys refresh --full`",
        ) from error
    return Snapshot(folder, manifest)


def _remove_unfinished(warehouse: Path) -> None:
    """Remove the folders of snapshots that a run which died has begun."""
    current = (warehouse / "current").resolve()
    for path in (warehouse / _SNAPSHOTS).glob("*"):
        if not (path / _MANIFEST).exists() and path.resolve() != current:
            shutil.rmtree(path, ignore_errors=True)


def _holder(warehouse: Path) -> str:
    try:
        return (warehouse / ".refresh.pid").read_text(encoding="utf-8").strip() or "unknown"
    except OSError:
        return "unknown"
