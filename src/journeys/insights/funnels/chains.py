"""The counted chain of each unit or attempt by the walk: optional steps, held values, and the choice among chains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from journeys.insights.funnels.compiled import choose_walk
from journeys.insights.funnels.general_search import Limits, mark_relevant
from journeys.insights.funnels.matching import Ints
from journeys.insights.funnels.rule import ENTRIES, ORDERS, TIES, FunnelRule
from journeys.insights.funnels.streams import Streams
from journeys.insights.funnels.walk import ANY, EACH, UNDONE
from journeys.paths.steps import Step

_LATEST = 2**62
_NO_ROW = -1


@dataclass(frozen=True)
class Chains:
    """Chains, one per row of each array.

    Attributes:
        owner: the unit, or under entry='each' the attempt, that the chain is of.
        stream: the stream it runs in.
        entries: times of its first and of its last entry, two columns.
        rows: per step the row that serves it, -1 for none.
        depth: required steps reached; under order='any' the level.
    """

    owner: Ints
    stream: Ints
    entries: Ints
    rows: Ints
    depth: Ints

    def take(self, places: Ints) -> Chains:
        """Return some of the chains."""
        return Chains(
            self.owner[places], self.stream[places], self.entries[places], self.rows[places], self.depth[places]
        )


def choose_chains(streams: Streams, steps: Sequence[Step], rule: FunnelRule) -> tuple[Chains, Chains]:
    """Find the counted chain of each owner.

    Chosen is the deepest, then the earliest completion, the latest start, the earliest event at step 2, at step 3 and
    so on, then the lowest event_id.

    Returns:
        The chosen chains by owner; and all chains of the chosen's depth, the best first, in which optional steps are
        looked for.
    """
    found = _walk_variants(streams, steps, rule)
    required = _required(steps, rule)
    order = _rank(streams, found, required)
    ranked = found.take(order)
    is_first = np.ones(len(order), bool)
    is_first[1:] = ranked.owner[1:] != ranked.owner[:-1]
    chosen = ranked.take(np.flatnonzero(is_first))
    place = np.cumsum(is_first) - 1
    entries = chosen.entries.copy()
    np.minimum.at(entries[:, 0], place, ranked.entries[:, 0])
    np.maximum.at(entries[:, 1], place, ranked.entries[:, 1])
    return replace(chosen, entries=entries), ranked.take(np.flatnonzero(ranked.depth == chosen.depth[place]))


def _required(steps: Sequence[Step], rule: FunnelRule) -> list[int]:
    return [place for place, each in enumerate(steps) if rule.order == "any" or not each.is_optional]


def _walk_variants(streams: Streams, steps: Sequence[Step], rule: FunnelRule) -> Chains:
    """Walk the required steps, and beside them the sets of optional steps that can make a difference."""
    required = _required(steps, rule)
    base = _own(streams, _walk(streams, steps, rule, required), rule)
    optional = [place for place, each in enumerate(steps) if each.is_optional]
    if not optional:
        return base
    # A limit since the step before may be kept only by way of an optional step; else one at a time tells all.
    sizes = range(1, len(optional) + 1) if any(each.within_us is not None for each in steps) else [1]
    wanted = [sorted([*required, *chosen]) for size in sizes for chosen in combinations(optional, size)]
    if rule.entry == "each":
        rows, attempts = _cut_attempts(streams, base, rule, len(required))
        inside, single = replace(streams.take(rows), stream=attempts), replace(rule, entry="first")
        walked = [_walk(inside, steps, single, places) for places in wanted]
        parts = [
            replace(each, owner=each.stream, stream=base.stream[each.stream], rows=_rows_of(rows, each.rows))
            for each in walked
        ]
    else:
        parts = [_own(streams, _walk(streams, steps, rule, places), rule) for places in wanted]
    joined = [np.concatenate([getattr(part, name) for part in [base, *parts]]) for name in Chains.__dataclass_fields__]
    return Chains(*joined)


def _own(streams: Streams, chains: Chains, rule: FunnelRule) -> Chains:
    """Say whose the chains are; under entry='first' only the streams of the unit's first entry count."""
    units = streams.units[chains.stream]
    if rule.entry == "each":
        return replace(chains, owner=np.arange(len(units)))
    if rule.entry == "first" and rule.hold:
        first = np.full(int(units.max(initial=-1)) + 1, _LATEST)
        np.minimum.at(first, units, chains.entries[:, 0])
        kept = np.flatnonzero(chains.entries[:, 0] == first[units])
        return replace(chains.take(kept), owner=units[kept])
    return replace(chains, owner=units)


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


def _rows_of(picked: Ints, rows: Ints) -> Ints:
    """Return the rows of the whole for rows of a part."""
    return np.where(rows == _NO_ROW, _NO_ROW, picked[rows]) if len(picked) else rows


def _walk(streams: Streams, steps: Sequence[Step], rule: FunnelRule, places: Sequence[int]) -> Chains:
    """Walk the streams for some of the steps."""
    mask = np.zeros_like(streams.mask)
    for bit, place in enumerate(places):
        mask |= ((streams.mask >> place) & 1) << bit
    kept = [each for each in rule.exclude if {each.after - 1, each.before - 1} <= set(places)]
    within = [steps[place].within_us for place in places]
    is_free = rule.order == "ordered" and (rule.is_tainting or not kept) and not any(within)
    found, rows = _run(streams, mask, len(places), rule, None if is_free else _limits(streams, rule, places, within))
    every = np.full((len(rows), len(steps)), _NO_ROW, np.int64)
    every[:, places] = rows
    required = np.zeros(len(steps), bool)
    required[_required(steps, rule)] = True
    depth = (every[:, required] != _NO_ROW).sum(axis=1)
    return Chains(found[:, 0], found[:, 0], found[:, 3:5], every, depth)


def _limits(streams: Streams, rule: FunnelRule, places: Sequence[int], within: Sequence[int | None]) -> Limits:
    bits = [
        (bit, places.index(each.after - 1), places.index(each.before - 1))
        for bit, each in enumerate(rule.exclude)
        if each.after - 1 in places and each.before - 1 in places and not rule.is_tainting
    ]
    xmask = np.zeros_like(streams.xmask)
    for new, (old, _, _) in enumerate(bits):
        xmask |= ((streams.xmask >> old) & 1) << new
    ex_from = np.array([after for _, after, _ in bits], np.int64)
    ex_to = np.array([before for _, _, before in bits], np.int64)
    limits = np.array([_NO_ROW if each is None else each for each in within], np.int64)
    return Limits(xmask, limits, ex_from, ex_to, mark_relevant(limits, ex_from, ex_to))


def _run(streams: Streams, mask: Ints, step_count: int, rule: FunnelRule, limits: Limits | None) -> tuple[Ints, Ints]:
    """Walk, and walk with limits where the plain walk leaves a choice inside a tie."""
    order, entry, ties = ORDERS.index(rule.order), ENTRIES.index(rule.entry), TIES.index(rule.ties)
    window = -1 if rule.window_us is None else rule.window_us
    is_entry = mask != 0 if order == ANY else mask & 1 == 1
    room = int(is_entry.sum()) if entry == EACH else len(np.unique(streams.stream[is_entry]))
    walk = choose_walk(len(mask))
    heads, rows, count = walk(streams.stream, streams.us, mask, step_count, order, entry, ties, window, limits, room)
    heads, rows = heads[:count], rows[:count]
    undone = heads[:, 2] == UNDONE
    if not undone.any():
        return heads, rows
    picked = np.flatnonzero(np.isin(streams.stream, heads[undone, 0]))
    free = np.full(step_count, _NO_ROW, np.int64)
    none = np.zeros(0, np.int64)
    limits = Limits(np.zeros(len(picked), np.int64), free, none, none, mark_relevant(free, none, none))
    part, again = _run(replace(streams.take(picked)), mask[picked], step_count, rule, limits)
    heads = np.concatenate([heads[~undone], part])
    rows = np.concatenate([rows[~undone], _rows_of(picked, again)])
    order_by = np.lexsort((heads[:, 1], heads[:, 0]))
    return heads[order_by], rows[order_by]


def _rank(streams: Streams, chains: Chains, required: Sequence[int]) -> Ints:
    """Order chains by owner, and of one owner the better before the worse."""
    owners = chains.owner
    if len(owners) == len(np.unique(owners)):
        return np.argsort(owners)
    rows = chains.rows[:, required]
    us = np.where(rows == _NO_ROW, _LATEST, streams.us[rows])
    completed = np.where(rows == _NO_ROW, -_LATEST, streams.us[rows]).max(axis=1)
    ids = np.where(rows == _NO_ROW, _LATEST, streams.rank[rows])
    keys = [owners, -chains.depth, completed, -us[:, 0], *us.T[1:], *ids.T]
    return np.lexsort(keys[::-1])
