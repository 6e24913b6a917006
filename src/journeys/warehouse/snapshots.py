"""Published snapshots: a folder each, named by `current`; readers see one whole night or another, never a mix."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from journeys.errors import PublishError

SCHEMA_VERSION = 2
RESULTS_FILE = "results.duckdb"
_MANIFEST = "manifest.json"


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
    """

    snapshot_id: str
    schema_version: int
    product_version: str
    settings_fingerprint: str
    sql_fingerprint: str
    data_fingerprint: str
    as_of_us: int

    def is_made_from(self, other: Manifest) -> bool:
        """Say whether both come from the same rows, rules and product."""
        return asdict(self) | {"snapshot_id": "", "as_of_us": 0} == asdict(other) | {"snapshot_id": "", "as_of_us": 0}


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
        work.mkdir()
        yield work
    finally:
        shutil.rmtree(warehouse / "work", ignore_errors=True)
        (warehouse / ".refresh.pid").unlink(missing_ok=True)
        lock.release()


def publish(warehouse: Path, work: Path, manifest: Manifest, *, keep: int) -> Snapshot:
    """Make the finished results of a work folder the current snapshot, by one atomic rename.

    Args:
        warehouse: the warehouse folder.
        work: holds the finished `results.duckdb`.
        manifest: what it was made from.
        keep: newest snapshots to keep, the current one among them.
    """
    snapshots = warehouse / "snapshots"
    snapshots.mkdir(exist_ok=True)
    built = work / manifest.snapshot_id
    built.mkdir()
    os.replace(work / RESULTS_FILE, built / RESULTS_FILE)
    (built / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")
    folder = snapshots / manifest.snapshot_id
    os.replace(built, folder)
    link = warehouse / ".current.next"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("snapshots") / manifest.snapshot_id, target_is_directory=True)
    os.replace(link, warehouse / "current")
    for old in sorted(path for path in snapshots.iterdir() if path != folder)[: -(keep - 1) or None]:
        shutil.rmtree(old, ignore_errors=True)
    return Snapshot(folder, manifest)


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
    folder = current.resolve()
    try:
        manifest = Manifest(**json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise PublishError(
            "snapshot-damaged",
            f"{folder}: the snapshot has no readable manifest",
            found=str(error),
            do="run `journeys refresh --full`",
        ) from error
    if manifest.schema_version > SCHEMA_VERSION:
        raise PublishError(
            "snapshot-newer",
            f"{folder} was made by a newer version of the product",
            found=f"schema version {manifest.schema_version}",
            allowed=f"up to {SCHEMA_VERSION}",
            do="upgrade the product",
        )
    snapshot = Snapshot(folder, manifest)
    if is_read and not snapshot.is_of_this_version:
        raise PublishError(
            "snapshot-older",
            f"{folder} was made by an older version of the product, whose tables were others",
            found=f"schema version {manifest.schema_version}",
            allowed=f"{SCHEMA_VERSION}",
            do="run `journeys refresh`; it builds the tables anew and keeps the run history",
        )
    return snapshot


def name_snapshot(warehouse: Path, stamp: str) -> str:
    """Return a snapshot name not taken yet: the time of the run, numbered when it is taken."""
    taken = {path.name for path in (warehouse / "snapshots").glob("*")}
    names = (stamp if number == 1 else f"{stamp}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _holder(warehouse: Path) -> str:
    try:
        return (warehouse / ".refresh.pid").read_text(encoding="utf-8").strip() or "unknown"
    except OSError:
        return "unknown"
