"""The rows that were ever pulled, as they came: loads of landed rows, only added to, and the bookmark of each source.

A load becomes part of the store by one atomic replacement of `store.json`, rows and bookmarks together. What lies
beside it unlisted is of a run that died, and is removed by the next one. A rebuild reads the store, never the sources.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from journeys.errors import PublishError
from journeys.sources.bookmark import Bookmark
from journeys.warehouse import write_durably

STORE_VERSION = 2
_LISTING = "store.json"


@dataclass(frozen=True)
class Load:
    """What one night added.

    Attributes:
        number: place among the loads, from 1.
        loaded_at_us: when it was pulled, microseconds since 1970 UTC.
        files: Parquet files with the columns of schema.LANDED_COLUMNS, relative to the store, by source.
        row_count: rows in them.
    """

    number: int
    loaded_at_us: int
    files: Mapping[str, Sequence[str]]
    row_count: int


@dataclass(frozen=True)
class Removed:
    """Rows that [retention] has removed, or kept out; the record that stays of them.

    Attributes:
        removed_at_us: start of the run, microseconds since 1970 UTC.
        what: the table, 'repeats' of its events, or 'too late' for rows that came older than they may be kept.
        source: their source; '' where they are of none.
        older_than_us: the earliest time kept.
        row_count: how many.
    """

    removed_at_us: int
    what: str
    source: str
    older_than_us: int
    row_count: int


@dataclass(frozen=True)
class Store:
    """The stored loads and bookmarks of one warehouse, as they are committed.

    Attributes:
        folder: where they lie.
        loads: oldest first.
        bookmarks: where the next pull of each source goes on.
        known_rows: file with what was kept last of each key, of sources that track changes.
        mappings: fingerprint of the mapping by which each source's rows are landed.
        removal: how many times rows were removed by their age.
        removed: what was, oldest first.
        gone: file with digests of the refused rows that were removed, by which they are known when they come again.
    """

    folder: Path
    loads: tuple[Load, ...] = ()
    bookmarks: Mapping[str, Bookmark] = field(default_factory=dict)
    mappings: Mapping[str, str] = field(default_factory=dict)
    known_rows: Mapping[str, str] = field(default_factory=dict)
    removal: int = 0
    removed: tuple[Removed, ...] = ()
    gone: str = ""

    def list_files(self, *, after: int = 0, until_us: int | None = None) -> list[Path]:
        """Return the files of the loads later than number `after` that were pulled up to a time."""
        return [
            self.folder / file
            for load in self.loads
            if load.number > after and (until_us is None or load.loaded_at_us <= until_us)
            for files in load.files.values()
            for file in files
        ]

    @property
    def last_load(self) -> int:
        """Number of the newest load; 0 when there is none."""
        return self.loads[-1].number if self.loads else 0

    def known_rows_of(self, source: str) -> Path | None:
        """Return the file with what was kept last of each key of a source; none where it tracks no changes."""
        file = self.known_rows.get(source)
        return self.folder / file if file else None

    def bookmark(self, source: str) -> Bookmark:
        """Return where the next pull of a source goes on."""
        return self.bookmarks.get(source, Bookmark())


def open_store(warehouse: Path) -> Store:
    """Read the store of a warehouse; an empty one where nothing was pulled yet.

    Raises:
        PublishError: it is damaged, or of a newer version of the product.
    """
    folder = warehouse / "store"
    try:
        text = (folder / _LISTING).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Store(folder)
    try:
        listed = json.loads(text)
        version = listed["version"]
        loads = tuple(Load(**load) for load in listed["loads"])
        bookmarks = {name: Bookmark.from_json(given) for name, given in listed["bookmarks"].items()}
        mappings, known_rows = dict(listed["mappings"]), dict(listed["known_rows"])
        removed = tuple(Removed(**each) for each in listed.get("removed", ()))
        removal, gone = int(listed.get("removal", 0)), str(listed.get("gone", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PublishError(
            "store-damaged",
            f"{folder / _LISTING} cannot be read",
            found=f"{type(error).__name__}: {error}",
            do="restore the file from a backup; or move the folder away, and the next refresh pulls everything anew",
        ) from error
    if version > STORE_VERSION:
        raise PublishError(
            "store-newer",
            f"{folder} was made by a newer version of the product",
            found=f"version {version}",
            allowed=f"up to {STORE_VERSION}",
            do="upgrade the product",
        )
    return Store(folder, loads, bookmarks, mappings, known_rows, removal, removed, gone)


def commit(store: Store) -> Store:
    """Make a store the one that the next run finds, by one atomic replacement of its listing."""
    listed: dict[str, Any] = {
        "version": STORE_VERSION,
        "loads": [asdict(load) for load in store.loads],
        "bookmarks": {name: bookmark.to_json() for name, bookmark in sorted(store.bookmarks.items())},
        "mappings": dict(store.mappings),
        "known_rows": dict(store.known_rows),
        "removal": store.removal,
        "removed": [asdict(each) for each in store.removed],
        "gone": store.gone,
    }
    store.folder.mkdir(parents=True, exist_ok=True)
    write_durably(store.folder / _LISTING, json.dumps(listed, indent=1) + "\n")
    return store


def remove_unlisted(store: Store) -> None:
    """Remove what a run that died has left in the store."""
    listed = {file for load in store.loads for files in load.files.values() for file in files}
    listed |= {*store.known_rows.values(), store.gone}
    if not store.folder.is_dir():
        return
    for path in sorted(store.folder.rglob("*.parquet")):
        if path.relative_to(store.folder).as_posix() not in listed:
            path.unlink()
    for path in store.folder.iterdir():
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
