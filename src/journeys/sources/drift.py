"""Columns that a source has now, against those it had at the last pull."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from journeys.errors import SourceError

if TYPE_CHECKING:
    from journeys.config import Source


def find_drift(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Compare two lists of columns, whatever their order.

    Args:
        before: column name -> type as last seen; empty before the first pull. A type of '' is unknown and not compared.
        now: the same of this pull.

    Returns:
        One text per change: what is gone, what is new, what has another type; each part by name.
    """
    if not before or not now:
        return ()
    gone = [f"column {name!r} is gone" for name in sorted(set(before) - set(now))]
    new = [f"column {name!r} is new" + _write_type(now[name]) for name in sorted(set(now) - set(before))]
    changed = [
        f"column {name!r} was {before[name]} and is {now[name]}"
        for name in sorted(set(before) & set(now))
        if before[name] and now[name] and before[name] != now[name]
    ]
    return (*gone, *new, *changed)


def check_drift(source: Source, before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Compare the columns of a source and do with a change what its `on_drift` says.

    Returns:
        One text per change, with the source's name.

    Raises:
        SourceError: there is a change and `on_drift` is "refuse".
    """
    changes = find_drift(before, now)
    if changes and source.on_drift == "refuse":
        raise SourceError(
            "schema-drift",
            f"source {source.name!r}: its columns are not those of the last pull",
            found="; ".join(changes),
            allowed="the columns and types of the last pull: " + ", ".join(sorted(before)),
            do='look whether the mapping still holds, then run once with on_drift = "report" in the [[source]]',
        )
    return tuple(f"source {source.name!r}: {change}" for change in changes)


def _write_type(kind: str) -> str:
    return f" ({kind})" if kind else ""
