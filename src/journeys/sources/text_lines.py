"""Lines of text -> cells by a regular expression with named groups: web server logs and the company's own formats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from journeys.errors import SourceError
from journeys.sources.faults import missing_column
from journeys.sources.mapping import NO_CELL, Cells
from journeys.warehouse import quote_text

if TYPE_CHECKING:
    from journeys.config import Source

_QUOTED = r'(?:[^"\\]|\\.)*'
_REQUEST = rf'"(?:(?P<method>[A-Z]+) (?P<url>[^ "]+)(?: (?P<protocol>[A-Z]+/[0-9.]+))?|(?P<request>{_QUOTED}))"'
_COMMON = (
    r"^(?P<ip>\S+) (?P<identity>\S+) (?P<user>\S+) \[(?P<time>[^\]]+)\] "
    rf"{_REQUEST} (?P<status>[0-9]{{3}}|-) (?P<bytes>[0-9]+|-)"
)
PATTERNS = {
    "common": _COMMON + r"\s*$",
    "combined": _COMMON + rf' "(?P<referrer>{_QUOTED})" "(?P<user_agent>{_QUOTED})"(?:\s.*)?$',
}


def read_text_cells(source: Source, kind: str, *, lines: str, columns: tuple[str, ...]) -> Cells:
    """Write the cells of lines that a pattern takes apart; a line it does not match is unreadable.

    `combined` and `common` (Apache's and nginx's access logs) have the columns ip, identity, user, time, method, url,
    protocol, request (only when it is not 'METHOD address PROTOCOL'), status, bytes and, `combined` only, referrer
    and user_agent; '-' is null in them. `regex` has the named groups of `source.pattern`, which may match anywhere
    in the line; an empty group is null.

    Args:
        source: gives the pattern.
        kind: 'combined', 'common' or 'regex'.
        lines: table with the columns of lines.LINE_SCHEMA.
        columns: the groups that the mapping reads.

    Raises:
        SourceError: the pattern is none or has no named group, or a mapped group is missing.
    """
    pattern = PATTERNS.get(kind) or source.pattern or ""
    groups = list_groups(source, pattern)
    for column in columns:
        if column not in (*groups, *source.optional_columns):
            raise missing_column(source.name, place=f"format {kind!r}", column=column, known=groups)
    # The outer group tells an empty match of a group from no match at all.
    names = ["_all", *(name or f"_unnamed_{place}" for place, name in enumerate(_place_groups(pattern)))]
    found = f"regexp_extract(_text, {quote_text(f'({pattern})')}, [{', '.join(quote_text(name) for name in names)}])"
    parsed = f"SELECT *, {found} AS _groups FROM {lines}"
    nothing = "IN ('', '-')" if kind in PATTERNS else "= ''"
    values = {
        name: f"CASE WHEN _groups.{_name(name)} {nothing} THEN NULL ELSE _groups.{_name(name)} END" for name in groups
    }
    reason = f"coalesce(_unreadable, CASE WHEN _groups._all = '' THEN 'does not match the {kind} format' END)"
    reasoned = f"SELECT * REPLACE ({reason} AS _unreadable) FROM ({parsed})"
    properties = f"json_object({', '.join(f'{quote_text(name)}, {sql}' for name, sql in sorted(values.items()))})"
    cells = [f"{values.get(column, NO_CELL)} AS _c{place}" for place, column in enumerate(columns)]
    rows = "_file, _line, _unreadable, coalesce(_raw, CASE WHEN _unreadable IS NOT NULL THEN _text END) AS _raw"
    sql = f"SELECT {', '.join([rows, f'CAST({properties} AS VARCHAR) AS _properties', *cells])} FROM ({reasoned})"
    return Cells(sql, columns, ("VARCHAR",) * len(columns))


def list_groups(source: Source, pattern: str) -> list[str]:
    """The named groups of a pattern, in order.

    Raises:
        SourceError: no pattern, not a regular expression, or no named group.
    """
    try:
        groups = list(re.compile(pattern).groupindex)
    except re.error as error:
        problem = f"{error}"
    else:
        if groups:
            return groups
        problem = "no named group"
    raise SourceError(
        "bad-pattern",
        f"source {source.name!r}: `pattern` cannot be used",
        found=f"{pattern!r}: {problem}",
        allowed=r"a regular expression with named groups, such as '(?P<time>\S+) (?P<event>\w+)', without look-around",
        do="correct `pattern` in the [[source]]",
    )


def _place_groups(pattern: str) -> list[str]:
    """The group names by position from 1; unnamed groups are empty."""
    compiled = re.compile(pattern)
    names = [""] * compiled.groups
    for name, place in compiled.groupindex.items():
        names[place - 1] = name
    return names


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
