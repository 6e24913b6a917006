"""The first rows of a source, as text by column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

SAMPLE_ROWS = 500
# Of the keys that read a source, those that are tables of their own.
SECTIONS = ("request", "auth", "paging")
_DEEPEST = 3


@dataclass(frozen=True)
class Sample:
    """The first rows of one kind of file, of one table or of an API.

    Attributes:
        place: the file, pattern, table or path, as it is to be written.
        settings: keys of `[[source]]` that read it, without columns.
        values: by column its values as text, null where a row has none; `a.b` is a key inside an object.
        row_count: rows looked at.
        notes: what somebody should know who reads it, one text each.
        environment: variables that `settings` name, with the values that were used.
    """

    place: str
    settings: Mapping[str, object]
    values: Mapping[str, tuple[str | None, ...]]
    row_count: int
    notes: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def kind(self) -> str:
        """The kind of source: file, database or rest."""
        return str(self.settings["kind"])


def shorten(place: str) -> str:
    """The name of a place without its folders; a pattern with the folder that it is of."""
    parts = PurePosixPath(place).parts
    return "/".join(parts[-2:] if "*" in place else parts[-1:])


def list_values(objects: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str | None, ...]]:
    """List the values of each key, and of the keys inside objects down to the third level."""
    flat = [dict(_flatten(each)) for each in objects]
    names = dict.fromkeys(name for each in flat for name in each)
    return {name: tuple(each.get(name) for each in flat) for name in names}


def _flatten(value: Mapping[str, Any], inside: str = "", depth: int = 1) -> Iterator[tuple[str, str | None]]:
    for key, each in value.items():
        name = f"{inside}{key}"
        if isinstance(each, dict):
            yield name, json.dumps(each, ensure_ascii=False)
            if depth < _DEEPEST:
                yield from _flatten(each, f"{name}.", depth + 1)
        elif isinstance(each, list):
            yield name, json.dumps(each, ensure_ascii=False)
        else:
            yield name, None if each is None else str(each)
