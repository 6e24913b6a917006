"""Which record is which: pages are compared by their records' ids, or by their content."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from journeys.sources.rest.values import find_value

if TYPE_CHECKING:
    from journeys.config import Source

Identify = Callable[[Any], str]


def choose_identity(source: Source) -> Identify:
    """Return what tells the records of a source apart: its `key`, the column of its event_id, else all of a record."""
    event_id = source.columns.get("event_id")
    names = source.key or ((event_id.column,) if event_id is not None and event_id.column else ())

    def identify(record: Any) -> str:
        found = [find_value(record, name)[1] for name in names]
        return json.dumps(found) if found and None not in found else digest(record)

    return identify


def digest(content: Any) -> str:
    """Hash any JSON content; the same content, in whatever order of keys, gives the same text."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def without(records: Sequence[Any], known: Counter[str], identify: Identify) -> list[Any]:
    """Return the records that are not known; of those known twice, two are left out."""
    left = known.copy()
    kept = []
    for record in records:
        name = identify(record)
        if left[name] > 0:
            left[name] -= 1
        else:
            kept.append(record)
    return kept
