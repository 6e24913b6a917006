"""Names and texts written into SQL, which is text in this product."""

from __future__ import annotations


def quote_name(name: str) -> str:
    """Quote a table or column name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Quote a text value for SQL, for the few statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"
