"""Contacts as arrays, unit by unit and each unit's in their order; where they lie in order already, without a sort."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journeys.warehouse import Engine

_ORDER = "unit_id, occurred_at_us, source_index, sequence NULLS LAST, event_id"
# So many rows show whether a table lies in order at all.
_SAMPLE = 10_000


def read_in_order(scratch: Engine, table: str, *columns: str) -> pa.Table:
    """Read contacts so that a unit's stand together and in the order of `contacts`.

    The rows of a log in memory lie so; a table of another log is put in order. Nothing relies on how a table lies:
    the rows that were read are looked at.

    Args:
        scratch: holds the table.
        table: has `unit_id`, `event_id`, `source_index`, `sequence` and `occurred_at_us`.
        columns: further ones wanted.

    Returns:
        `unit_id`, `event_id`, `source_index`, `sequence`, `occurred_at_us`, and the columns.
    """
    listed = ", ".join(("unit_id", "event_id", "source_index", "sequence", "occurred_at_us", *columns))
    select = f"SELECT {listed} FROM {table}"
    if is_in_order(scratch.arrow(f"{select} LIMIT {_SAMPLE}")) and is_in_order(rows := scratch.arrow(select)):
        return rows
    return scratch.arrow(f"{select} ORDER BY {_ORDER}")


def is_in_order(rows: pa.Table) -> bool:
    """Say whether a unit's rows stand together, and in the order of time and, at one time, of event_id.

    Where rows of one time are told apart by source or sequence the answer is no, which costs a sort and no more.
    """
    if len(rows) < 2:
        return True
    unit = rows["unit_id"].combine_chunks()
    is_same = pc.equal(unit.slice(1), unit.slice(0, len(unit) - 1)).to_numpy(zero_copy_only=False)
    firsts = unit.take(pa.array(np.flatnonzero(np.append(True, ~is_same))))
    if pc.count_distinct(firsts).as_py() != len(firsts):
        return False
    pauses = np.diff(rows["occurred_at_us"].to_numpy())
    if np.any(pauses[is_same] < 0):
        return False
    ties = np.flatnonzero(is_same & (pauses == 0))
    told_apart = rows.select(["source_index", "sequence", "event_id"])
    before, after = told_apart.take(pa.array(ties)), told_apart.take(pa.array(ties + 1))
    return (
        before["sequence"].null_count == after["sequence"].null_count == len(ties)
        and _all(pc.equal(before["source_index"], after["source_index"]))
        and _all(pc.less(before["event_id"], after["event_id"]))
    )


def number_units(rows: pa.Table) -> np.ndarray:
    """Number the units of rows in order, from 0."""
    if not len(rows):
        return np.empty(0, np.int64)
    unit = rows["unit_id"].combine_chunks()
    changes = pc.not_equal(unit.slice(1), unit.slice(0, len(unit) - 1)).to_numpy(zero_copy_only=False)
    numbers: np.ndarray = np.append(0, np.cumsum(changes))
    return numbers


def _all(found: pa.ChunkedArray) -> bool:
    return bool(pc.all(found).as_py() is not False)
