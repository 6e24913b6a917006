"""The keys of the records of a pull, and how they differ from those of the pulls before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_SOMETIMES = "?"  # after the type of a key that some records lack
_KINDS = {str: "text", bool: "boolean", int: "number", float: "number", dict: "object", list: "list"}


class ColumnWatch:
    """Sees the records of one pull; a key is told as gone only when it was in every record until now."""

    def __init__(self, before: Mapping[str, str]) -> None:
        self._before = before
        self._counts: dict[str, int] = {}
        self._types: dict[str, set[str]] = {}
        self._count = 0

    def see(self, records: Iterable[Any]) -> None:
        """Take in the records of a page; what is no object has no keys."""
        for record in records:
            if not isinstance(record, dict):
                continue
            self._count += 1
            for key, value in record.items():
                self._counts[key] = self._counts.get(key, 0) + 1
                if value is not None:
                    self._types.setdefault(key, set()).add(_KINDS[type(value)])

    @property
    def columns(self) -> dict[str, str]:
        """Every key known, with its type, '' where records differ or have only null, and '?' where some lack it."""
        if not self._count:
            return dict(self._before)
        now = {}
        for key, count in self._counts.items():
            is_always = count == self._count and not self._before.get(key, "").endswith(_SOMETIMES)
            is_always = is_always and (not self._before or key in self._before)
            now[key] = self._type(key) + ("" if is_always else _SOMETIMES)
        kept = {key: kind for key, kind in self._before.items() if key not in now and kind.endswith(_SOMETIMES)}
        return dict(sorted((kept | now).items()))

    def compare(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the keys before and now with their types, without those that may be missing and are."""
        if not self._count or not self._before:
            return {}, {}
        now = {key: self._type(key) for key in self._counts}
        before = {
            key: kind.removesuffix(_SOMETIMES)
            for key, kind in self._before.items()
            if key in now or not kind.endswith(_SOMETIMES)
        }
        return before, now

    def _type(self, key: str) -> str:
        types = self._types.get(key, set())
        if len(types) == 1:
            return next(iter(types))
        return "" if types else self._before.get(key, "").removesuffix(_SOMETIMES)
