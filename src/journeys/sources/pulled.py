"""What the pull of a database leaves; apart from the pull itself, since SQLAlchemy is slow to import."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from journeys.sources.bookmark import Bookmark


@dataclass(frozen=True)
class DatabasePull:
    """What the pull of a database leaves besides its rows.

    Attributes:
        bookmark: where the next pull goes on.
        drift: one text per change of the columns.
        notes: one text per thing that somebody should know.
    """

    bookmark: Bookmark
    drift: tuple[str, ...]
    notes: tuple[str, ...]


def rows_file(landed: Path) -> Path:
    """Where the known rows of a landed file lie: `<source>.rows.parquet` beside it."""
    return landed.with_suffix(".rows.parquet")
