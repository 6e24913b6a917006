"""Errors of sources that may heal by themselves, told apart from those that will not."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from journeys.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable


class TransientSourceError(SourceError):
    """A source could not be reached now (network, server, lock); the same pull may succeed later."""


def name_nearest(name: str, known: Iterable[str]) -> str:
    """Write the known names for an error text, the nearest one first: "nearest 'occurred_at'; 'a', 'b'"."""
    names = list(dict.fromkeys(known))
    folded = {candidate.lower(): candidate for candidate in reversed(names)}
    nearest = get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    listing = ", ".join(repr(candidate) for candidate in names[:30]) + (", ..." if len(names) > 30 else "")
    return (f"nearest {folded[nearest[0]]!r}; " if nearest else "") + (listing or "no columns")


def missing_column(source_name: str, *, place: str, column: str, known: Iterable[str]) -> SourceError:
    """The error for a mapped column that a file or table does not have."""
    return SourceError(
        "missing-column",
        f"source {source_name!r}: {place} has no column {column!r}",
        found=f"mapped column {column!r}",
        allowed=name_nearest(column, known),
        do="correct the column in [source.columns] or [source.identifiers], or the file format and delimiter",
    )


def no_inner_records(source_name: str, kind: str, file: str) -> SourceError:
    """The error for `records` of a source with a file that is no JSON."""
    return SourceError(
        "records-format",
        f"source {source_name!r}: {file!r} holds no lists that `records` could name",
        found=f"format {kind!r}",
        allowed='JSON lines, or a JSON list, format = "jsonl"',
        do="leave out `records` in the [[source]], or name only files of JSON in `path`",
    )
