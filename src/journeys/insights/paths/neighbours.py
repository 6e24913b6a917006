"""Transitions counted from neighbours in order, as codes: what `transition_counts` says, without windows over texts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from journeys.paths.in_order import number_units, read_in_order
from journeys.warehouse import Engine

_START, _END = -1, -2
_COUNTED = """
    WITH counted AS (
      SELECT from_code, to_code, COUNT(*) AS transition_count, COUNT(DISTINCT person) AS person_count,
        MEDIAN(CASE WHEN to_code >= 0 AND from_code >= 0 THEN wait_us END) / 1000000 AS median_seconds
      FROM neighbours GROUP BY from_code, to_code
    )
    SELECT from_names.name AS from_step, to_names.name AS to_step, transition_count, person_count,
      CAST(transition_count AS DOUBLE) / CAST(SUM(transition_count) OVER (PARTITION BY from_code) AS BIGINT) AS share,
      median_seconds
    FROM counted
    INNER JOIN neighbour_names AS from_names ON from_names.code = counted.from_code
    INNER JOIN neighbour_names AS to_names ON to_names.code = counted.to_code
    ORDER BY transition_count DESC, from_step, to_step
"""


def count_neighbours(scratch: Engine, *, collapse: bool, boundaries: bool) -> pd.DataFrame | None:
    """Count the transitions of `contacts`, the commonest first; none where a step may bear the name of a boundary."""
    rows = read_in_order(scratch, "contacts", "step_name", "person_id")
    units, us = number_units(rows), rows["occurred_at_us"].to_numpy()
    named = rows["step_name"].combine_chunks().dictionary_encode()
    texts = named.dictionary.to_pylist()
    if any(text.startswith("(") for text in texts):
        return None
    steps = named.indices.to_numpy()
    persons = rows["person_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    if collapse and len(units):
        is_kept = np.append(True, (steps[1:] != steps[:-1]) | (units[1:] != units[:-1]))
        units, us, steps, persons = units[is_kept], us[is_kept], steps[is_kept], persons[is_kept]
    # Neighbours of one unit are pairs, of two the end of one and the start of the next.
    is_pair = units[1:] == units[:-1]
    parts = [(steps[:-1][is_pair], steps[1:][is_pair], persons[:-1][is_pair], np.diff(us)[is_pair])]
    if boundaries and len(units):
        lasts, firsts = np.append(~is_pair, True), np.append(True, ~is_pair)
        parts.append((steps[lasts], np.full(lasts.sum(), _END), persons[lasts], np.zeros(lasts.sum(), np.int64)))
        parts.append((np.full(firsts.sum(), _START), steps[firsts], persons[firsts], np.zeros(firsts.sum(), np.int64)))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    codes = [pa.array(column.astype(np.int32)) for column in columns[:3]]
    scratch.load("neighbours", pa.table([*codes, columns[3]], names=["from_code", "to_code", "person", "wait_us"]))
    names = {"code": pa.array([*range(len(texts)), _START, _END], pa.int32()), "name": [*texts, "(start)", "(end)"]}
    scratch.load("neighbour_names", pa.table(names))
    return scratch.frame(_COUNTED)
