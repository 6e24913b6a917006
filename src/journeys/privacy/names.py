"""Which of a source's own columns hold personal values, and which are never kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from journeys.schema import IdentifierKind
from journeys.sources.mapping import list_sql_columns

if TYPE_CHECKING:
    from journeys.config import ColumnMap, Settings, Source

IDENTIFIER_COLUMNS = ("device_id", "user_id", "account_id")
_STEP = re.compile(r"([^.\[\]]+)")
_FORMATS = ("email", "phone", "text")  # a column of several kinds is written as the first of these


@dataclass(frozen=True)
class Names:
    """Columns by their own names, folded; a name of several steps such as 'user.id' is known by its end.

    Attributes:
        kinds: folded name to the kind of its values; None = the values say themselves.
        dropped: folded names that are never kept.
    """

    kinds: dict[str, IdentifierKind | None] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()

    @property
    def last_steps(self) -> frozenset[str]:
        """Every key at which something may have to be done."""
        names = (*self.kinds, *self.dropped)
        return frozenset({*names, *(name.rpartition(".")[2] for name in names)})

    def pattern(self) -> str:
        r"""Write a regular expression that finds any of the keys in JSON, also in JSON in a text; '' = none.

        Keys with escaped letters are found by their `\u`.
        """
        keys = "|".join(re.escape(json.dumps(step, ensure_ascii=False)[1:-1]) for step in sorted(self.last_steps))
        return rf'(?i)"(?:[^"]*[.])?(?:{keys})\\*"|\\u00' if keys else ""

    def parameter_pattern(self) -> str:
        """Write a regular expression that finds any of the names as a parameter of an address; '' = none."""
        keys = "|".join(re.escape(name) for name in sorted({*self.kinds, *self.dropped}))
        return rf"(?i)[?&;#](?:{keys})=" if keys else ""


def find_names(source: Source, settings: Settings, *, is_anonymised: bool = False) -> Names:
    """Find the columns of a source in which personal values stand.

    Args:
        source: its mapping says which column is which identifier.
        settings: what is personal, and what is dropped.
        is_anonymised: all columns that an identifier, an id or an address reads are dropped, and so are personal ones.
    """
    privacy = settings.privacy
    kinds: dict[str, IdentifierKind | None] = {_fold(name): None for name in privacy.personal_columns}
    listed = [(kind, column) for kind in privacy.personal for column in list_read(source, kind)]
    found = [(settings.identity.kind(kind), _fold(column)) for kind, column in listed]
    kinds |= {name: kind for kind, name in sorted(found, key=lambda each: -_FORMATS.index(each[0].format))}
    dropped = {_fold(name) for name in privacy.drop_columns}
    if is_anonymised:
        every = (*IDENTIFIER_COLUMNS, *source.identifiers, "session_id", "event_id", "url", "referrer")
        dropped |= {_fold(column) for kind in every for column in list_read(source, kind)} | set(kinds)
        kinds = {}
    return Names(kinds, frozenset(dropped))


def list_read(source: Source, name: str) -> Iterable[str]:
    """List the source's columns that an identifier or a canonical column reads, also inside an expression."""
    column: ColumnMap | None = source.columns.get(name) or source.identifiers.get(name)
    if column is None:
        return ()
    if column.sql is not None:
        return list_sql_columns(source, name, column.sql)
    return (column.column,) if column.column is not None else column.columns or ()


def _fold(name: str) -> str:
    """Fold a column's name, without the places in lists: 'Items[0].Mail' is 'items.mail'."""
    steps = _STEP.findall(re.sub(r"\[\d+\]", "", name))
    return ".".join(steps).casefold()
