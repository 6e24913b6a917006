"""Columns of stored rows, read from the content that each row was stored with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from journeys.sources.json_lines import list_pointers
from journeys.sources.mapping import find_cells
from journeys.warehouse import quote_text

if TYPE_CHECKING:
    from journeys.config import Source


def write_stored_cells(source: Source, columns: Sequence[str], keys: Sequence[object] | None) -> list[str]:
    """Columns of a stored row as SQL over its `properties`, each value as text.

    Args:
        source: the row's.
        columns: the source's names.
        keys: those of one stored row; none where there is no row.

    Raises:
        SourceError: the rows have no such column.
    """
    cells = []
    for column in columns:
        name = column
        if keys is not None and not _has_optional_keys(source):
            names = [str(key) for key in keys]
            found = find_cells(source, place="a stored row", columns=[column], known=names)[0]
            name = column if found is None else names[found]
        values = [f"json_extract_string(properties, {quote_text(pointer)})" for pointer in list_pointers(name)]
        cells.append(f"coalesce({', '.join(values)})")
    return cells


def _has_optional_keys(source: Source) -> bool:
    """Say whether rows may lack a key, as objects of JSON lines, rows of W3C logs and records of an API do."""
    return source.kind == "rest" or (source.kind == "file" and source.format in ("auto", "jsonl", "w3c"))
