"""JSON lines -> cells: each line is parsed once by DuckDB; the line is the row's `properties`."""

from __future__ import annotations

import re

from journeys.sources.mapping import Cells

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def read_json_cells(lines: str, columns: tuple[str, ...], *, has_ids: bool) -> Cells:
    """Write the cells of JSON lines.

    Args:
        lines: table with the columns of lines.LINE_SCHEMA.
        columns: keys of the objects; 'user.id' and 'items[0].sku' reach into nested values, unless the object has
            a key of exactly that name.
        has_ids: an event_id is mapped; without one the content identifies an event, and is written by name.
    """
    paths: list[str] = []
    cells = []
    for place, column in enumerate(columns):
        choices = []
        for pointer in list_pointers(column):
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
    content = "_text" if has_ids else _BY_NAME
    sql = f"SELECT {', '.join([rows, f'{content} AS _properties', *cells])} FROM ({reasoned})"
    return Cells(sql, columns, ("VARCHAR",) * len(columns))


# An object with its keys by name and without blanks: where the content is what identifies an event, the same content is
# the same text. An object that repeats a key stays as it is.
_BY_NAME = """coalesce(
  '{' || array_to_string(list_sort(list_transform(
    map_entries(TRY(CAST(CAST(CASE WHEN json_valid(_text) THEN _text END AS JSON) AS MAP(VARCHAR, JSON)))),
    lambda e: CAST(to_json(e.key) AS VARCHAR) || ':' || coalesce(CAST(e.value AS VARCHAR), 'null'))), ',') || '}',
  _text)"""


def list_pointers(column: str) -> list[str]:
    """The JSON pointers of a column name, the literal key first."""
    literal = "/" + _escape(column)
    steps = list(_STEP.finditer(column))
    if len(steps) < 2:
        return [literal]
    return [literal, "".join("/" + _escape(step[1] or step[2]) for step in steps)]


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
