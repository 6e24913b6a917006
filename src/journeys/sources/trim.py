"""Blanks around texts, taken off in SQL."""

from __future__ import annotations

from journeys.config.identifiers import BLANKS
from journeys.warehouse import quote_text


def trim_text(sql: str) -> str:
    """Text without blanks around it; null when nothing is left."""
    # Nearly all texts begin and end with a printable ASCII character: seen ten times faster than trimming them.
    is_trim = f"({sql}) >= '!' AND ({sql}) < chr(127) AND ({sql})[-1] BETWEEN '!' AND '~'"
    return f"CASE WHEN {is_trim} THEN {sql} ELSE nullif(trim({sql}, {quote_text(BLANKS)}), '') END"
