"""Who has an excluded event between two steps of the chosen chain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from journeys.insights.funnels.matching import Ints
from journeys.insights.funnels.rule import Exclusion, FunnelRule
from journeys.insights.funnels.streams import Streams
from journeys.insights.funnels.walked import Chains


def drop_tainted(streams: Streams, rule: FunnelRule, chosen: Chains, deepest: Chains) -> tuple[Chains, Chains]:
    """Take out of the funnel whose chosen chain is spoilt, where the rule says so."""
    if not (rule.is_tainting and rule.exclude):
        return chosen, deepest
    kept = chosen.take(np.flatnonzero(~_find_tainted(streams, chosen.rows, rule.exclude)))
    return kept, deepest.take(np.flatnonzero(np.isin(deepest.owner, kept.owner)))


def _find_tainted(streams: Streams, rows: Ints, exclusions: Sequence[Exclusion]) -> np.ndarray:
    """Say of each chain whether an excluded event stands strictly between its steps.

    Args:
        streams: the rows.
        rows: per chain and step the row, -1 for none.
        exclusions: what must not stand where.
    """
    is_new = np.ones(len(streams.us) + 1, bool)
    is_new[1:-1] = (streams.stream[1:] != streams.stream[:-1]) | (streams.us[1:] != streams.us[:-1])
    bounds = np.flatnonzero(is_new)
    group = np.cumsum(is_new[:-1]) - 1
    tainted = np.zeros(len(rows), bool)
    for bit, each in enumerate(exclusions):
        counts = np.concatenate([[0], np.cumsum((streams.xmask >> bit) & 1)])
        begin, end = rows[:, each.after - 1], rows[:, each.before - 1]
        has_both = (begin >= 0) & (end >= 0)
        between = counts[bounds[group[end]]] - counts[bounds[group[begin] + 1]]
        tainted |= has_both & (between > 0)
    return tainted
