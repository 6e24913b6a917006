"""Walk streams for the chains of some of a funnel's steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journeys.insights.funnels.compiled import choose_walk
from journeys.insights.funnels.general_search import Limits, mark_relevant
from journeys.insights.funnels.matching import Ints
from journeys.insights.funnels.rule import ENTRIES, ORDERS, TIES, FunnelRule
from journeys.insights.funnels.streams import Streams
from journeys.insights.funnels.walk import ANY, EACH, UNDONE
from journeys.paths.steps import Step

NO_ROW = -1


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


def list_required(steps: Sequence[Step], rule: FunnelRule) -> list[int]:
    """Return the places (from 0) of the steps that a funnel does not go on without."""
    return [place for place, each in enumerate(steps) if rule.order == "any" or not each.is_optional]


def walk_steps(streams: Streams, steps: Sequence[Step], rule: FunnelRule, places: Sequence[int]) -> Chains:
    """Walk the streams for the steps at these places; each stream owns its chains."""
    mask = np.zeros_like(streams.mask)
    for bit, place in enumerate(places):
        mask |= ((streams.mask >> place) & 1) << bit
    kept = [each for each in rule.exclude if {each.after - 1, each.before - 1} <= set(places)]
    within = [steps[place].within_us for place in places]
    is_free = rule.order == "ordered" and (rule.is_tainting or not kept) and not any(within)
    found, rows = _run(streams, mask, len(places), rule, None if is_free else _limits(streams, rule, places, within))
    every = np.full((len(rows), len(steps)), NO_ROW, np.int64)
    every[:, places] = rows
    required = np.zeros(len(steps), bool)
    required[list_required(steps, rule)] = True
    depth = (every[:, required] != NO_ROW).sum(axis=1)
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
    limits = np.array([NO_ROW if each is None else each for each in within], np.int64)
    return Limits(xmask, limits, ex_from, ex_to, mark_relevant(limits, ex_from, ex_to))


def _run(streams: Streams, mask: Ints, step_count: int, rule: FunnelRule, limits: Limits | None) -> tuple[Ints, Ints]:
    """Walk, and walk with limits where the plain walk leaves a choice inside a tie."""
    order, entry, ties = ORDERS.index(rule.order), ENTRIES.index(rule.entry), TIES.index(rule.ties)
    window = -1 if rule.window_us is None else rule.window_us
    is_entry = mask != 0 if order == ANY else mask & 1 == 1
    entered = streams.stream[is_entry]
    room = len(entered) if entry == EACH else int(np.count_nonzero(np.diff(entered, prepend=-1)))
    walk = choose_walk(len(mask))
    heads, rows, count = walk(streams.stream, streams.us, mask, step_count, order, entry, ties, window, limits, room)
    heads, rows = heads[:count], rows[:count]
    left = heads[heads[:, 2] == UNDONE, 0]
    if not len(left):
        return heads, rows
    picked, done = np.flatnonzero(np.isin(streams.stream, left)), ~np.isin(heads[:, 0], left)
    free = np.full(step_count, NO_ROW, np.int64)
    none = np.zeros(0, np.int64)
    limits = Limits(np.zeros(len(picked), np.int64), free, none, none, mark_relevant(free, none, none))
    part, again = _run(streams.take(picked), mask[picked], step_count, rule, limits)
    heads = np.concatenate([heads[done], part])
    rows = np.concatenate([rows[done], rows_of_whole(picked, again)])
    order_by = np.lexsort((heads[:, 1], heads[:, 0]))
    return heads[order_by], rows[order_by]


def rows_of_whole(picked: Ints, rows: Ints) -> Ints:
    """Return the rows of the whole for rows of a part."""
    return np.where(rows == NO_ROW, NO_ROW, picked[rows]) if len(picked) else rows


def join_chains(parts: Sequence[Chains]) -> Chains:
    """Put chains of several walks under each other."""
    return Chains(*(np.concatenate([getattr(each, name) for each in parts]) for name in Chains.__dataclass_fields__))
