"""The rows of a funnel as sorted arrays: one stream per unit, or per unit and held value."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from journeys.insights.funnels.matching import Ints
from journeys.insights.funnels.rule import FunnelRule
from journeys.warehouse import Engine

_PER_ROW = ("stream", "us", "mask", "xmask", "by", "rank", "origin")


@dataclass(frozen=True)
class Streams:
    """Rows sorted by stream, time and event_id.

    Attributes:
        stream: per row its stream, as in the table `funnel_streams` (stream, unit, unit_id).
        us: per row its time.
        mask: per row, bit k for step k (from 0).
        xmask: per row, bit e for exclusion e.
        by: per row its place in the table `funnel_by_values`, -1 for none.
        rank: per row its rank by event_id, where chains of several streams are compared.
        origin: per row the row of `funnel_matches` in this order; a row may stand here several times.
        units: per stream its unit.
    """

    stream: Ints
    us: Ints
    mask: Ints
    xmask: Ints
    by: Ints
    rank: Ints
    origin: Ints
    units: Ints

    def take(self, rows: Ints) -> Streams:
        """Return some of the rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in _PER_ROW})


def order_in_time(rule: FunnelRule) -> str:
    """Write in which order the rows of one time stand in a stream."""
    return "source_index, sequence NULLS LAST, event_id" if rule.ties == "sequence" else "event_id"


def read_streams(scratch: Engine, rule: FunnelRule, *, rank_by: str = "event_id") -> Streams:
    """Read `funnel_matches` in the order the walk needs; writes `funnel_streams` and `funnel_by_values`.

    Args:
        scratch: holds `funnel_matches`.
        rule: how the funnel counts.
        rank_by: SQL of the order in which rows of several streams of a unit are compared.
    """
    scratch.save(
        "funnel_streams",
        """
        WITH found AS (SELECT DISTINCT unit_id, hold_value FROM funnel_matches)
        SELECT CAST(ROW_NUMBER() OVER (ORDER BY unit_id, hold_value) - 1 AS BIGINT) AS stream,
          CAST(DENSE_RANK() OVER (ORDER BY unit_id) - 1 AS BIGINT) AS unit, unit_id, hold_value
        FROM found
        """,
    )
    by_values = [row[0] for row in scratch.rows(
        "SELECT DISTINCT by_value FROM funnel_matches WHERE by_value IS NOT NULL ORDER BY 1")]  # fmt: skip
    scratch.load("funnel_by_values", pd.DataFrame(
        {"by_value": pd.Series(by_values, dtype=str), "place": np.arange(len(by_values))}))  # fmt: skip
    place = "COALESCE(funnel_by_values.place, -1)" if rule.by else "-1"
    # Only chains of several streams are compared by the ids of their events; inside a stream rows stand in that order.
    id_rank = f"ROW_NUMBER() OVER (ORDER BY {rank_by})" if rule.hold else "0"
    joins = "LEFT JOIN funnel_by_values ON funnel_by_values.by_value = funnel_matches.by_value" if rule.by else ""
    held = "AND funnel_streams.hold_value = funnel_matches.hold_value" if rule.hold else ""
    rows = scratch.frame(
        f"""
        SELECT stream, occurred_at_us, mask, xmask,
          CAST({place} AS BIGINT) AS place, CAST({id_rank} AS BIGINT) AS id_rank
        FROM funnel_matches
        INNER JOIN funnel_streams ON funnel_streams.unit_id = funnel_matches.unit_id {held} {joins}
        ORDER BY stream, occurred_at_us, {order_in_time(rule)}
        """
    )
    units = scratch.frame("SELECT unit FROM funnel_streams ORDER BY stream")["unit"].to_numpy()
    stream, us, mask, xmask, by, ids = (
        rows[name].to_numpy() for name in ("stream", "occurred_at_us", "mask", "xmask", "place", "id_rank")
    )
    rank = ids if rule.hold else np.arange(len(us))
    streams = Streams(stream, us, mask, xmask, by, rank, np.arange(len(us)), units)
    return _split_shared(streams) if rule.is_reused else streams


def _split_shared(streams: Streams) -> Streams:
    """Give an event that meets several steps a row for each, so that it may serve them all."""
    steps = [
        np.flatnonzero(streams.mask & (1 << place)) for place in range(int(streams.mask.max(initial=0)).bit_length())
    ]
    rows = np.concatenate([*steps, np.flatnonzero(streams.mask == 0)])
    bits = [np.full(len(found), 1 << place, np.int64) for place, found in enumerate(steps)]
    masks = np.concatenate([*bits, np.zeros(len(rows) - sum(map(len, bits)), np.int64)])
    order = np.lexsort((masks, rows))
    rows, masks = rows[order], masks[order]
    return replace(streams.take(rows), mask=masks)
