"""Which keys of incremental pulls and changed rows go together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journeys.config.problems import Loc, Problems
from journeys.config.source import EVENT_KINDS

PULL_KEYS = ("cursor", "overlap", "key", "tracks", "deleted_event", "connect_timeout", "read_timeout")
_NEEDED = {
    "overlap": ("cursor", "a cursor, the column that only grows"),
    "key": ("tracks", "tracks, the columns whose change is an event"),
    "tracks": ("key", "key, the columns that name a row"),
    "deleted_event": ("key", "key, the columns that name a row, and tracks"),
}


def check_pull(loc: Loc, source: Mapping[str, Any], problems: Problems) -> None:
    """Add the mistakes of one database source in how it is pulled again and again.

    Args:
        loc: its place in the document.
        source: its table.
        problems: takes the mistakes.
    """
    for key, (needed, meaning) in _NEEDED.items():
        if key in source and needed not in source:
            problems.add((*loc, key), f"needs {needed}", allowed=f"beside it {meaning}", show_found=False)
    columns = source.get("columns")
    has_id = isinstance(columns, dict) and "event_id" in columns
    is_log = source.get("holds", "events") in EVENT_KINDS
    if "tracks" in source:
        if "cursor" not in source:
            allowed = "beside it a cursor, the column that tells when the row was changed"
            problems.add((*loc, "tracks"), "needs cursor", allowed=allowed, show_found=False)
        if has_id:
            what = "made from key, tracks and cursor"
            problems.add((*loc, "columns", "event_id"), what, allowed="no event_id, or no tracks")
        if not is_log:
            what = "rows of an address book are no events"
            problems.add((*loc, "tracks"), what, allowed='no tracks, or holds = "events"', show_found=False)
    elif "cursor" in source and is_log and not has_id:
        allowed = "the source's column that names a row, so that those read twice are known; or no cursor"
        problems.add((*loc, "columns", "event_id"), "missing, and cursor needs it", allowed=allowed)
