"""Stored rows mapped anew: a change of a source's mapping is applied to what is stored, whose sources may have gone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from journeys.sources.landing import Landing, land_sql
from journeys.sources.mapping import Cells, list_columns
from journeys.sources.removal import forget_gone
from journeys.sources.store import Load, Store, commit, remove_unlisted
from journeys.sources.stored_cells import write_stored_cells
from journeys.sources.streams import Streams, connect
from journeys.warehouse import copy_sql, quote_text, sync_file

if TYPE_CHECKING:
    from journeys.config import Project, Source

# What the landed columns of a row depend on, beside the row.
_KEYS = {"columns", "identifiers", "holds", "time_format", "unit", "timezone", "earliest", "interaction",
         "drop_repeats", "index", "kind", "name"}  # fmt: skip


Protect = Callable[[Path, Path, "Source"], object]


def fingerprint_mapping(source: Source, project: Project, *, protection: str = "") -> str:
    """Return a text that changes when rows of a source are mapped or protected otherwise."""
    mapping = source.model_dump(mode="json", include=_KEYS)
    mapping |= {"project_timezone": project.timezone, "protection": protection}
    return hashlib.sha256(json.dumps(mapping, sort_keys=True).encode()).hexdigest()[:16]


def apply_mappings(
    store: Store,
    sources: Sequence[Source],
    project: Project,
    *,
    protection: str = "",
    protect: Protect | None = None,
) -> tuple[Store, tuple[str, ...]]:
    """Map the stored rows of sources anew whose mapping or protection has changed since, and commit.

    Args:
        store: as it was opened.
        sources: of the configuration.
        project: for the time zone.
        protection: a text that changes when rows are protected otherwise; '' where they are not.
        protect: writes a file of landed rows of a source again as they may be kept: file, new file, source.

    Returns:
        The store, and the names of the sources that were mapped anew.

    Raises:
        SourceError: a mapped column is in no stored row, or an expression cannot be used.
    """
    mappings = {source.name: fingerprint_mapping(source, project, protection=protection) for source in sources}
    mapped = [
        source for source in sources if store.mappings.get(source.name, mappings[source.name]) != mappings[source.name]
    ]
    changed = [source for source in mapped if any(source.name in load.files for load in store.loads)]
    grown = replace(store, mappings={**store.mappings, **mappings})
    grown = forget_gone(grown, {source.name for source in mapped})
    for source in changed:
        grown = replace(
            grown,
            loads=tuple(
                _map_load(store.folder, load, source, project, Ending(mappings[source.name], protect))
                for load in grown.loads
            ),
        )
    if grown != store and (changed or store.loads or store.gone):
        commit(grown)
        remove_unlisted(grown)
    return grown, tuple(source.name for source in changed)


@dataclass(frozen=True)
class Ending:
    """How the files of a source mapped anew are named, and protected."""

    name: str
    protect: Protect | None


def _map_load(folder: Path, load: Load, source: Source, project: Project, ending: Ending) -> Load:
    files = load.files.get(source.name)
    if not files:
        return load
    mapped = []
    with connect() as connection:
        for file in files:
            old = folder / file
            new = old.with_name(f"{old.stem.split('.')[0]}.{ending.name}.parquet")
            rows = f"read_parquet({quote_text(str(old))})"
            cells = _read_cells(connection, source, rows)
            select = land_sql(Landing(source, project, load.loaded_at_us), cells)
            # A row stays the one it was: its reading is not in what the source gave.
            kept = (
                f"SELECT landed.* REPLACE (stored.reading AS reading) FROM ({select}) AS landed "
                f"POSITIONAL JOIN {rows} AS stored"
            )
            Streams(connection).run(copy_sql(kept, new), source)
            if ending.protect:
                ending.protect(new, new, source)
            sync_file(new)
            mapped.append(new.relative_to(folder).as_posix())
    return replace(load, files={**load.files, source.name: mapped})


def _read_cells(connection: duckdb.DuckDBPyConnection, source: Source, rows: str) -> Cells:
    """Write the cells of stored rows, each value as the text it has in the row's own content."""
    columns = list_columns(source)
    known = connection.execute(
        f"SELECT json_keys(properties) FROM {rows} WHERE unreadable IS NULL AND properties IS NOT NULL LIMIT 1"
    ).fetchone()
    keys = known[0] if known else None
    cells = [f"{sql} AS _c{place}" for place, sql in enumerate(write_stored_cells(source, columns, keys))]
    fixed = "file AS _file, line AS _line, unreadable AS _unreadable, raw AS _raw, properties AS _properties"
    return Cells(f"SELECT {', '.join([fixed, *cells])} FROM {rows}", columns, ("VARCHAR",) * len(columns))
