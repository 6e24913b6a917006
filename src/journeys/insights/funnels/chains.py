"""The counted chain of each unit or attempt: held values, and the choice among chains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from journeys.insights.funnels.matching import Ints
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.streams import Streams
from journeys.insights.funnels.walked import NO_ROW, Chains, join_chains, list_required, walk_steps
from journeys.paths.steps import Step

_LATEST = 2**62


def choose_chains(streams: Streams, steps: Sequence[Step], rule: FunnelRule) -> tuple[Chains, Chains]:
    """Find the counted chain of each owner.

    Chosen is the deepest, then the earliest completion, the latest start, the earliest event at step 2, at step 3 and
    so on, then the lowest event_id.

    Returns:
        The chosen chains by owner, and all chains of the chosen's depth, the best first.
    """
    found = join_chains([own_chains(streams, each, rule) for each in _walk_sets(streams, steps, rule)])
    ranked = found.take(_rank(streams, found, list_required(steps, rule)))
    is_first = np.ones(len(ranked.owner), bool)
    is_first[1:] = ranked.owner[1:] != ranked.owner[:-1]
    chosen = ranked.take(np.flatnonzero(is_first))
    place = np.cumsum(is_first) - 1
    entries = chosen.entries.copy()
    np.minimum.at(entries[:, 0], place, ranked.entries[:, 0])
    np.maximum.at(entries[:, 1], place, ranked.entries[:, 1])
    return replace(chosen, entries=entries), ranked.take(np.flatnonzero(ranked.depth == chosen.depth[place]))


def _walk_sets(streams: Streams, steps: Sequence[Step], rule: FunnelRule) -> list[Chains]:
    """Walk the required steps; where a chain may be kept together only by way of optional ones, those too."""
    required = list_required(steps, rule)
    optional = sorted(set(range(len(steps))) - set(required))
    is_bound = rule.order == "strict" or any(each.within_us is not None for each in steps)
    sizes = range(len(optional) + 1) if is_bound else [0]
    sets = [chosen for size in sizes for chosen in combinations(optional, size)]
    return [walk_steps(streams, steps, rule, sorted([*required, *chosen])) for chosen in sets]


def own_chains(streams: Streams, chains: Chains, rule: FunnelRule) -> Chains:
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


def _rank(streams: Streams, chains: Chains, required: Sequence[int]) -> Ints:
    """Order chains by owner, and of one owner the better before the worse."""
    owners = chains.owner
    if np.all(owners[1:] > owners[:-1]):
        return np.arange(len(owners))
    rows = chains.rows[:, required]
    us = np.where(rows == NO_ROW, _LATEST, streams.us[rows])
    completed = np.where(rows == NO_ROW, -_LATEST, streams.us[rows]).max(axis=1)
    ids = np.where(rows == NO_ROW, _LATEST, streams.rank[rows])
    keys = [owners, -chains.depth, completed, -us[:, 0], *us.T[1:], *ids.T]
    return np.lexsort(keys[::-1])
