"""When optional steps were met: inside the chosen chain, else inside another chain as deep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from journeys.insights.funnels.chains import own_chains
from journeys.insights.funnels.matching import Ints
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.streams import Streams
from journeys.insights.funnels.walked import NO_ROW, Chains, join_chains, list_required, rows_of_whole, walk_steps
from journeys.paths.steps import Step

_LATEST = 2**62


def find_optional(
    streams: Streams, steps: Sequence[Step], rule: FunnelRule, chosen: Chains, deepest: Chains
) -> Iterator[tuple[int, Ints, Chains]]:
    """Yield per optional step its place, the places in `chosen` of those who met it, and a chain that holds it.

    Args:
        streams: the rows.
        steps: the steps.
        rule: how to count.
        chosen: the counted chains by owner.
        deepest: chains of the same depth that were found on the way, the best first.
    """
    required = list_required(steps, rule)
    optional = sorted(set(range(len(steps))) - set(required))
    if not optional or not len(chosen.owner):
        return
    rows, inside = None, streams
    single, base = rule, chosen
    if rule.entry == "each":
        rows, attempts = _cut_attempts(streams, chosen, rule, len(required))
        inside, single = replace(streams.take(rows), stream=attempts), replace(rule, entry="first")
        base = replace(chosen, rows=_rows_of_part(rows, attempts, chosen.rows), stream=np.arange(len(chosen.owner)))
    for step in optional:
        places = sorted([*required, step])
        pinned = walk_steps(_pin(inside, base, required, step), steps, replace(single, entry="best"), places)
        free = walk_steps(inside, steps, single, places)
        parts = [_whose(streams, each, rule, chosen, rows) for each in (pinned, free)]
        found = join_chains([*parts, deepest] if rule.entry != "each" else parts)
        found = found.take(np.flatnonzero(np.isin(found.owner, chosen.owner)))
        place = np.searchsorted(chosen.owner, found.owner)
        has = np.flatnonzero((found.rows[:, step] != NO_ROW) & (found.depth == chosen.depth[place]))
        owner, first = np.unique(place[has], return_index=True)
        yield step, owner, found.take(has[first])


def _pin(inside: Streams, base: Chains, required: Sequence[int], step: int) -> Streams:
    """Leave of the required steps only the chosen rows, and of the others the optional step."""
    optional = inside.mask & (1 << step)
    mask = optional.copy()
    for place in required:
        rows = base.rows[:, place]
        mask[rows[rows != NO_ROW]] = 0
    for place in required:
        rows = base.rows[:, place]
        mask[rows[rows != NO_ROW]] |= 1 << place
    return replace(inside, mask=mask)


def _whose(streams: Streams, chains: Chains, rule: FunnelRule, chosen: Chains, rows: Ints | None) -> Chains:
    """Say whose the chains are; an attempt is a stream of its own, with rows of its own."""
    if rows is None:
        return own_chains(streams, chains, rule)
    return replace(chains, owner=chosen.owner[chains.stream], stream=chosen.stream[chains.stream],
                   rows=rows_of_whole(rows, chains.rows))  # fmt: skip


def _rows_of_part(picked: Ints, attempts: Ints, rows: Ints) -> Ints:
    """Return the rows of the part for rows of the whole, per attempt."""
    shift = np.searchsorted(attempts, np.arange(len(rows))) - picked[np.searchsorted(attempts, np.arange(len(rows)))]
    return np.where(rows == NO_ROW, NO_ROW, rows + shift[:, None])


def _cut_attempts(streams: Streams, base: Chains, rule: FunnelRule, required_count: int) -> tuple[Ints, Ints]:
    """Return the rows of each attempt, from its entry to its completion or the end of its window, and its number."""
    window = _LATEST if rule.window_us is None else rule.window_us
    last = streams.us[base.rows.max(axis=1)]
    begins = base.entries[:, 0]
    ends = np.where(base.depth == required_count, last, np.minimum(begins, _LATEST - window) + window)
    bounds = np.searchsorted(streams.stream, np.arange(len(streams.units) + 1))
    rows = []
    for stream, begin, end in zip(base.stream, begins, ends, strict=True):
        lo, hi = bounds[stream], bounds[stream + 1]
        inside = streams.us[lo:hi]
        rows.append(np.arange(lo + np.searchsorted(inside, begin), lo + np.searchsorted(inside, end, "right")))
    return np.concatenate(rows), np.repeat(np.arange(len(rows)), [len(each) for each in rows])
