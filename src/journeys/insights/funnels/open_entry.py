"""A funnel that people may enter at any step: every two neighbouring steps are a funnel of their own, a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from journeys.errors import CallError
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.streams import Streams, order_in_time, read_streams
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
    streams = read_streams(scratch, rule, rank_by=order_in_time(rule))
    scratch.load("open_met", _list_met(streams, len(steps), is_held=rule.hold is not None))
    scratch.load("open_links", _list_links(streams, steps, rule))
    limits = {"window_us": rule.window_us, "as_of_us": as_of_us}
    scratch.save("open_entries", *select_model("open_entries", limits | {"last_step": len(steps)}))
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


def _list_met(streams: Streams, step_count: int, *, is_held: bool) -> pa.Table:
    """List who met which step: its first and last time, and the place and value of its first event.

    Args:
        streams: the rows.
        step_count: steps of the funnel.
        is_held: a unit may have several streams, whose rows are put into one order of time.
    """
    units, places = streams.units[streams.stream], np.arange(len(streams.us))
    if is_held:
        places = np.lexsort((streams.rank, streams.us, units))
    parts = []
    for step in range(step_count):
        rows = np.flatnonzero((streams.mask[places] >> step) & 1)
        owners = units[places[rows]]
        is_first = np.diff(owners, prepend=-1) != 0
        firsts, lasts = rows[is_first], rows[np.roll(is_first, -1)]
        parts.append(
            pa.table(
                {
                    "unit": owners[is_first],
                    "step_index": np.full(len(firsts), step + 1, np.int64),
                    "first_us": streams.us[places[firsts]],
                    "last_us": streams.us[places[lasts]],
                    "first_row": firsts,
                    "place": streams.by[places[firsts]],
                }
            )
        )
    return pa.concat_tables(parts)


def _list_links(streams: Streams, steps: Sequence[Step], rule: FunnelRule) -> pa.Table:
    """List who went on from which step to the next, within the window of any event of the step."""
    linking = replace(rule, entry="best")
    parts = [np.zeros((0, 2), np.int64)]
    for place in range(len(steps) - 1):
        chains = walk_steps(streams, steps, linking, [place, place + 1])
        # A unit has several streams where values are held.
        units = np.unique(streams.units[chains.stream[chains.depth == 2]])
        parts.append(np.column_stack([units, np.full(len(units), place + 1)]))
    links = np.concatenate(parts)
    return pa.table({"unit": links[:, 0], "step_index": links[:, 1]})
