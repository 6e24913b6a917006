"""Conditions on columns as SQL predicates: the one place where values from configuration and calls are quoted."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from journeys.errors import CallError
from journeys.warehouse.engine import Engine
from journeys.warehouse.quoting import quote_name, quote_text

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Facts:
    """The columns of an event that conditions may name.

    Attributes:
        table: table or view with one row per event and its `event_id`.
        columns: name that a condition may use -> column of the table.
        properties: JSON column that holds the source's own fields, or '' when all stand in columns.
    """

    table: str
    columns: Mapping[str, str]
    properties: str = "properties"

    def column_sql(self, column: str) -> str:
        """Return the SQL that reads a column, or a field of the source's own.

        Raises:
            CallError: there is no such column; names the nearest.
        """
        if column in self.columns:
            return quote_name(self.columns[column])
        if self.properties:
            path = "$." + json.dumps(column, ensure_ascii=False)
            return f"json_extract_string({quote_name(self.properties)}, {quote_text(path)})"
        raise CallError(
            "column",
            "a condition names a column that is not there",
            found=repr(column),
            allowed=", ".join(map(repr, sorted(self.columns))),
            do=nearest_text(column, self.columns),
        )


def read_facts(engine: Engine, table: str, *, properties: str) -> Facts:
    """Describe the table that conditions are read from."""
    return Facts(table, {name: name for name in engine.columns(table)}, properties)


def match_sql(conditions: Mapping[str, object], facts: Facts) -> str:
    """Write conditions as one predicate: all columns must match, each by any of its values.

    A text with `*` is a pattern; None is null; numbers compare as numbers, true and false as logical values.
    """
    if not conditions:
        raise CallError(
            "condition", "an empty condition matches nothing", allowed="{column: value}", do="name a column"
        )
    parts = []
    for column, values in conditions.items():
        listed = values if isinstance(values, list | tuple | set | frozenset) else [values]
        if not listed:
            raise CallError("condition", f"the condition on {column!r} lists no value", found="[]", do="name a value")
        tests = [_value_sql(facts.column_sql(str(column)), value) for value in listed]
        parts.append("(" + " OR ".join(tests) + ")")
    return " AND ".join(parts)


def _value_sql(column: str, given: object) -> str:
    value = given.item() if hasattr(given, "item") else given  # numpy's scalars are read as Python's
    if (
        value is None
        or type(value).__name__ in ("NAType", "NaTType")
        or (isinstance(value, float) and math.isnan(value))
    ):
        return f"{column} IS NULL"
    if isinstance(value, bool):
        words = "('true', '1')" if value else "('false', '0')"
        return f"LOWER(CAST({column} AS VARCHAR)) IN {words}"
    if isinstance(value, int | float):
        return f"TRY_CAST({column} AS DOUBLE) = {value!r}"
    if isinstance(value, datetime | date):
        return f"TRY_CAST({column} AS TIMESTAMP) = TIMESTAMP {quote_text(value.isoformat())}"
    if not isinstance(value, str):
        raise CallError(
            "condition",
            "a condition cannot compare with this value",
            found=f"{value!r} ({type(value).__name__})",
            allowed="a text (with `*` as wildcard), a number, true or false, a time, None, or a list of these",
        )
    if "*" not in value:
        return f"CAST({column} AS VARCHAR) = {quote_text(value)}"
    pattern = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    return f"CAST({column} AS VARCHAR) LIKE {quote_text(pattern)} ESCAPE '\\'"


def nearest_text(name: str, names: Iterable[str]) -> str:
    """Say which of the names are nearest to the one given, for the last line of an error."""
    near = difflib.get_close_matches(name, sorted(names), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(repr(each) for each in near)}?" if near else "correct the name"
