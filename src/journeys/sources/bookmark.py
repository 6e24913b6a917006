"""Where the next pull of a source goes on: what it has given so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class FileMark:
    """A file as it was when it was last read.

    Attributes:
        size: its bytes.
        changed_ns: when it was last changed, nanoseconds since 1970, as the file system says.
        sha256: of its content.
        label: name under which its rows are stored; a file that was moved keeps its first one.
    """

    size: int
    changed_ns: int
    sha256: str
    label: str


@dataclass(frozen=True)
class Bookmark:
    """What a source has given so far; kept together with its rows.

    Attributes:
        cursor: largest value of the cursor column, as JSON of its type and text; '' before the first pull.
        columns: the source's column names with their types as last seen; empty where it states none.
        files: each file that was read, by its name.
    """

    cursor: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, FileMark] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values that JSON holds."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Bookmark:
        """Read it back from what `to_json` gave."""
        files = {name: FileMark(**mark) for name, mark in given.get("files", {}).items()}
        return cls(given.get("cursor", ""), dict(given.get("columns", {})), files)
