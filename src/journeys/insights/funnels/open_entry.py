"""A funnel that people may enter at any step: every two neighbouring steps are a funnel of their own, a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from journeys.errors import CallError
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.streams import read_streams
from journeys.insights.funnels.walked import walk_steps
from journeys.insights.statistics.intervals import share_of, wilson_interval
from journeys.paths.steps import Step
from journeys.warehouse import Engine, select_model

OPEN_COLUMNS = ["step_index", "step_name", "reached_count", "entered_count", "continued_count", "dropped_count",
                "open_count", "mature_count", "mature_entrant_count", "step_share", "overall_share",
                "overall_share_low", "overall_share_high", "median_seconds_from_first"]  # fmt: skip


def refuse_open_entry(rule: FunnelRule) -> None:
    """Refuse an open funnel where a question needs one chain of each unit.

    Raises:
        CallError: the rule has entry='open'.
    """
    if rule.entry == "open":
        raise CallError("open-entry", "this question follows one chain from step 1, and an open funnel has none",
                        found="entry='open'", allowed="entry='best', 'first' or 'each'",
                        do="ask about one link of it: its two steps with entry='best'")  # fmt: skip


def write_open_units(scratch: Engine, steps: Sequence[Step], rule: FunnelRule, as_of_us: int) -> None:
    """Write `open_entries` and `open_units`; needs `funnel_matches`."""
    candidates = [
        f"SELECT unit_id, event_id, occurred_at_us, source_index, sequence, by_value, "
        f"CAST({place + 1} AS BIGINT) AS step_index FROM funnel_matches WHERE mask & {1 << place} > 0"
        for place in range(len(steps))
    ]
    scratch.show("open_candidates", " UNION ALL ".join(candidates))
    _walk_links(scratch, steps, rule)
    limits = {"window_us": rule.window_us, "as_of_us": as_of_us}
    standing = limits | {"last_step": len(steps), "is_in_sequence": rule.ties == "sequence"}
    scratch.save("open_entries", *select_model("open_entries", standing))
    is_named = isinstance(rule.by_at, str)
    splitting = {"has_by": rule.by is not None, "by_at": rule.by_at if is_named else "step",
                 "by_step": 0 if is_named else rule.by_at}  # fmt: skip
    scratch.save("open_units", *select_model("open_units", limits | splitting))


def count_open_steps(scratch: Engine, rule: FunnelRule) -> pd.DataFrame:
    """Count the units of `write_open_units` by step: `by_value` and OPEN_COLUMNS."""
    select, parameters = select_model("open_counts", {"has_by": rule.by is not None})
    counts = scratch.frame(f"SELECT * FROM ({select}) ORDER BY by_value, step_index", parameters)
    mature, entrants = counts["mature_count"], counts["mature_entrant_count"]
    # Nobody comes to step 1 from a step before; there the share is of itself, as in a closed funnel.
    is_first = counts["step_index"] == 1
    before = mature.shift().where(~is_first, mature)
    counts["step_share"] = share_of(counts["mature_arrived_count"].where(~is_first, mature), before)
    counts["overall_share"] = share_of(mature, entrants)
    counts["overall_share_low"], counts["overall_share_high"] = wilson_interval(mature, entrants)
    return counts[["by_value", *OPEN_COLUMNS]]


def _walk_links(scratch: Engine, steps: Sequence[Step], rule: FunnelRule) -> None:
    """Write `open_links`: who went on from which step to the next, within the window of any event of the step."""
    linking = replace(rule, entry="best", by=None, by_at="first")
    streams = read_streams(scratch, linking)
    parts = []
    for place in range(len(steps) - 1):
        chains = walk_steps(streams, steps, linking, [place, place + 1])
        # A unit has several streams where values are held.
        units = np.unique(streams.units[chains.stream[chains.depth == 2]])
        parts.append(pa.table({"unit": units, "step_index": np.full(len(units), place + 1, np.int64)}))
    none = np.zeros(0, np.int64)
    scratch.load("open_walked", pa.concat_tables([pa.table({"unit": none, "step_index": none}), *parts]))
    scratch.save(
        "open_links",
        """
        WITH units AS (SELECT DISTINCT unit, unit_id FROM funnel_streams)
        SELECT unit_id, step_index FROM open_walked INNER JOIN units USING (unit)
        """,
    )
