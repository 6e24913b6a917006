"""Rows of a database -> Arrow batches of text."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa


def build_batches(
    batches: Iterator[Any], names: list[str], places: Sequence[int | None], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Number the rows through and write each as JSON of all its columns (`_properties`) and as cells of text.

    Args:
        batches: lists of rows.
        names: the columns of the rows.
        places: which of them become the cells `_c0`, `_c1`, ...; None for a cell that is null
        schema: of the batches.
    """
    line = 1
    for rows in batches:
        properties = [
            json.dumps(
                dict(zip(names, map(_keep_json, row), strict=True)), ensure_ascii=False, default=str, sort_keys=True
            )
            for row in rows
        ]
        cells = [[None if place is None else _write_value(row[place]) for row in rows] for place in places]
        numbers = pa.array(range(line, line + len(rows)), pa.int64())
        line += len(rows)
        yield pa.record_batch(
            [numbers, pa.array(properties, pa.string()), *(pa.array(cell, pa.string()) for cell in cells)],
            schema=schema,
        )


def _keep_json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else _write_value(value)


def _write_value(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        is_whole = math.isfinite(value) and -(10**18) < value < 10**18 and value == int(value)
        return str(int(value)) if is_whole else str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return _write_bytes(bytes(value))
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _write_bytes(value: bytes) -> str:
    """Bytes that are text as that text, others (ids, above all) as hexadecimal digits, so that no two are one."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return f"0x{value.hex()}"
