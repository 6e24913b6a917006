"""JSON lines -> cells: each line is parsed once by DuckDB; the line itself is the row's `properties`."""

from __future__ import annotations

import re

from journeys.sources.mapping import Cells

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def read_json_cells(lines: str, columns: tuple[str, ...]) -> Cells:
    """Write the cells of JSON lines.

    Args:
        lines: table with the columns of lines.LINE_SCHEMA.
        columns: keys of the objects; 'user.id' and 'items[0].sku' reach into nested values, unless the object has
            a key of exactly that name.
    """
    paths: list[str] = []
    cells = []
    for place, column in enumerate(columns):
        choices = []
        for pointer in _list_pointers(column):
            paths.append(pointer)
            choices.append(f"_values[{len(paths)}]")
        cells.append(f"coalesce({', '.join(choices)}) AS _c{place}")
    pointers = ", ".join("'" + path.replace("'", "''") + "'" for path in paths or ["/"])
    is_object = "starts_with(ltrim(_text, ' \t'), '{')"
    # TRY alone is right, too, but takes a bad line's whole vector row by row; it is left for what json_valid lets pass.
    objects = f"CASE WHEN {is_object} AND json_valid(_text) THEN _text END"
    parsed = f"SELECT *, TRY(json_extract_string({objects}, [{pointers}])) AS _values FROM {lines}"
    kind = f"CASE WHEN json_valid(_text) AND NOT {is_object} THEN 'not a JSON object' ELSE 'not JSON' END"
    reason = f"coalesce(_unreadable, CASE WHEN _values IS NULL THEN {kind} END)"
    reasoned = f"SELECT * REPLACE ({reason} AS _unreadable) FROM ({parsed})"
    rows = "_file, _line, _unreadable, coalesce(_raw, CASE WHEN _unreadable IS NOT NULL THEN _text END) AS _raw"
    sql = f"SELECT {', '.join([rows, '_text AS _properties', *cells])} FROM ({reasoned})"
    return Cells(sql, columns, ("VARCHAR",) * len(columns))


def _list_pointers(column: str) -> list[str]:
    """The JSON pointers of a column name, the literal key first."""
    literal = "/" + _escape(column)
    steps = list(_STEP.finditer(column))
    if len(steps) < 2:
        return [literal]
    return [literal, "".join("/" + _escape(step[1] or step[2]) for step in steps)]


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
