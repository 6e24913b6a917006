"""Keep the counted chains as the tables that funnels are counted from, whoever found them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from journeys.insights.funnels.chains import choose_chains
from journeys.insights.funnels.compiled import is_compiled
from journeys.insights.funnels.matching import Ints
from journeys.insights.funnels.optional import find_optional
from journeys.insights.funnels.portable import find_portable_chains, is_portable
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.streams import Streams, read_streams
from journeys.insights.funnels.tainted import drop_tainted
from journeys.insights.funnels.walked import NO_ROW, Chains, list_required
from journeys.paths.steps import Step
from journeys.warehouse import Engine

# Sets of windows need no compiling: for so many rows they are done before the pass is compiled or loaded. Once it is,
# it takes half their time; few rows are alike to both.
PORTABLE_ROWS, FEW_ROWS = 200_000, 20_000


def find_chains(scratch: Engine, steps: Sequence[Step], rule: FunnelRule) -> None:
    """Write `funnel_best` (each unit's or attempt's chain) and `funnel_times` (when it met each step)."""
    most = FEW_ROWS if is_compiled() else PORTABLE_ROWS
    if scratch.row_count("funnel_matches") <= most and is_portable(scratch, steps, rule):
        find_portable_chains(scratch, len(steps), rule)
    else:
        _find_walked_chains(scratch, steps, rule)


def _find_walked_chains(scratch: Engine, steps: Sequence[Step], rule: FunnelRule) -> None:
    streams = read_streams(scratch, rule)
    chosen, deepest = drop_tainted(streams, rule, *choose_chains(streams, steps, rule))
    required = list_required(steps, rule)
    attempt = number_attempts(streams, chosen, rule)
    _keep_best(scratch, streams, chosen, attempt, rule, required)
    met = [(step, np.flatnonzero(chosen.rows[:, step] != NO_ROW)) for step in required]
    times = [(step, owner, chosen.take(owner)) for step, owner in met]
    _keep_times(scratch, streams, [*times, *find_optional(streams, steps, rule, chosen, deepest)], attempt)


def number_attempts(streams: Streams, chosen: Chains, rule: FunnelRule) -> Ints:
    """Number the attempts of each unit by their entries, from 1; there is one unless attempts are counted."""
    numbers = np.ones(len(chosen.owner), np.int64)
    if rule.entry == "each":
        units = streams.units[chosen.stream]
        order = np.lexsort((chosen.stream, chosen.entries[:, 0], units))
        sorted_units = units[order]
        firsts = np.searchsorted(sorted_units, sorted_units)
        numbers[order] = np.arange(len(order)) - firsts + 1
    return numbers


def _keep_best(scratch: Engine, streams: Streams, chosen: Chains, attempt: Ints, rule: FunnelRule,
               required: Sequence[int]) -> None:  # fmt: skip
    rows = chosen.rows[:, required]
    at = np.arange(len(rows))
    last = rows[at, chosen.depth - 1]
    where = {"first": rows[:, 0], "last": last}
    row = where[rule.by_at] if isinstance(rule.by_at, str) else chosen.rows[:, rule.by_at - 1]
    table = {
        "unit": streams.units[chosen.stream],
        "attempt_index": attempt,
        "depth": np.array(required, np.int64)[chosen.depth - 1] + 1,
        "start_us": streams.us[rows[:, 0]],
        "completed_us": streams.us[last],
        "first_us": chosen.entries[:, 0],
        "last_us": chosen.entries[:, 1],
        "place": np.where(row >= 0, streams.by[row], -1),
    }
    scratch.load("funnel_walked", pa.table(table))
    scratch.save(
        "funnel_best",
        f"""
        WITH units AS (SELECT DISTINCT unit, unit_id FROM funnel_streams)
        SELECT unit_id, attempt_index, depth, start_us, completed_us, first_us, last_us,
          {"COALESCE(by_value, '(none)')" if rule.by else "''"} AS by_value
        FROM funnel_walked INNER JOIN units USING (unit) LEFT JOIN funnel_by_values USING (place)
        """,
    )


def _keep_times(scratch: Engine, streams: Streams, times: Sequence[tuple[int, Ints, Chains]], attempt: Ints) -> None:
    """Keep when steps were met: per step its place, the places of the chosen chains, and the chains that hold it."""
    parts = [
        pa.table(
            {
                "unit": streams.units[chains.stream],
                "attempt_index": attempt[owner],
                "step_index": np.full(len(owner), step + 1, np.int64),
                "reached_us": streams.us[chains.rows[:, step]],
                "wait_us": streams.us[chains.rows[:, step]] - streams.us[chains.rows[:, 0]],
            }
        )
        for step, owner, chains in times
    ]
    scratch.load("funnel_walked_times", pa.concat_tables(parts))
    scratch.save(
        "funnel_times",
        """
        WITH units AS (SELECT DISTINCT unit, unit_id FROM funnel_streams)
        SELECT unit_id, attempt_index, step_index, reached_us, wait_us
        FROM funnel_walked_times INNER JOIN units USING (unit)
        """,
    )
