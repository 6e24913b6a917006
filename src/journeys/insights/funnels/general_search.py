"""One stream's deepest chain under any setting of an ordered or strict funnel, by walking through time.

A state is a chain so far: at which place in time it met each step. All limits (window, `within`, exclusions) ask that
some earlier step is not too long ago, so a state whose steps are all as late as another's makes the other needless.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from journeys.insights.funnels.inner import runs_compiled
from journeys.insights.funnels.matching import Ints, count_served
from journeys.insights.funnels.plain_search import INCREASING, NEVER

STRICT = 1
OPEN_PLACE = -1


class Limits(NamedTuple):
    """What a chain has to keep besides the window.

    Attributes:
        xmasks: per row, bit e for exclusion e.
        within: longest time since the step before, per step; negative for no limit.
        ex_from: per exclusion the step before it (from 0).
        ex_to: per exclusion the step after it.
        relevant: of `mark_relevant`.
    """

    xmasks: Ints
    within: Ints
    ex_from: Ints
    ex_to: Ints
    relevant: Ints


def mark_relevant(within: Ints, ex_from: Ints, ex_to: Ints) -> Ints:
    """Say which earlier steps still matter to a chain of each length: row = length, column = step, 1 = matters."""
    step_count = within.shape[0]
    relevant = np.zeros((step_count + 1, step_count), np.int64)
    for level in range(1, step_count + 1):
        relevant[level, 0] = 1
        if level < step_count and within[level] >= 0:
            relevant[level, level - 1] = 1
        for place in range(ex_from.shape[0]):
            if ex_from[place] < level <= ex_to[place]:
                relevant[level, ex_from[place]] = 1
    return relevant


@runs_compiled
def _is_dominated(states: Ints, levels: Ints, count: int, place: int, relevant: Ints) -> bool:
    """Say whether another state of the same length is as late in all that matters (of equal ones the first stays)."""
    level = levels[place]
    for other in range(count):
        if other == place or levels[other] != level:
            continue
        is_as_late, is_equal = True, True
        for step in range(level):
            if relevant[level, step]:
                if states[other, step] < states[place, step]:
                    is_as_late = False
                    break
                if states[other, step] != states[place, step]:
                    is_equal = False
        if is_as_late and (not is_equal or other < place):
            return True
    return False


@runs_compiled
def _drop_dominated(states: Ints, levels: Ints, count: int, relevant: Ints) -> int:
    keeps = np.ones(count, np.int64)
    for place in range(count):
        if _is_dominated(states, levels, count, place, relevant):
            keeps[place] = 0
    kept = 0
    for place in range(count):
        if keeps[place]:
            states[kept] = states[place]
            levels[kept] = levels[place]
            kept += 1
    return kept


@runs_compiled
def _reach(times: Ints, state: Ints, level: int, at: int, served: int, limits: Limits, last_excluded: Ints,
           pins: Ints) -> int:  # fmt: skip
    """Count how many of the served steps the limits let this chain take at place `at`."""
    for taken in range(served):
        step = level + taken
        if pins[step] != OPEN_PLACE and pins[step] != at:
            return taken
        longest = limits.within[step]
        if taken == 0 and level > 0 and longest >= 0 and times[at] - times[state[level - 1]] > longest:
            return taken
        for place in range(limits.ex_from.shape[0]):
            begun = limits.ex_from[place]
            if limits.ex_to[place] == step and begun < level and times[state[begun]] < last_excluded[place]:
                return taken
    return served


@runs_compiled
def _note_excluded(last_excluded: Ints, pending: int, t: int) -> None:
    """Remember a time at which excluded events stood."""
    for place in range(last_excluded.shape[0]):
        if (pending >> place) & 1:
            last_excluded[place] = t


@runs_compiled
def _room_for(states: Ints, levels: Ints, count: int) -> tuple[Ints, Ints]:
    if count > levels.shape[0]:
        return np.concatenate((states, np.zeros_like(states))), np.concatenate((levels, np.zeros_like(levels)))
    return states, levels


@runs_compiled
def search_general(masks: Ints, groups: Ints, times: Ints, first: int, after: int, order: int, ties: int, window: int,
                   limits: Limits, from_us: int, to_us: int, pins: Ints) -> tuple[int, int, int]:  # fmt: skip
    """Find depth, place of completion and latest place of the start of the counted chain.

    Args:
        masks: per row its steps as bits.
        groups: first row of each place in time, and at the end the row after the last.
        times: time of each place.
        first: the first place looked at.
        after: the place after the last.
        order: STRICT, or ordered.
        ties: as of `search_plain`.
        window: longest time from step 1; negative for no limit.
        limits: what a chain has to keep besides.
        from_us: the first time at which a chain may start.
        to_us: the last one.
        pins: per step the place where it must be met; OPEN_PLACE leaves it free.
    """
    step_count = pins.shape[0]
    states, levels = np.zeros((16, step_count), np.int64), np.zeros(16, np.int64)
    count, depth, completed, start = 0, 0, OPEN_PLACE, OPEN_PLACE
    last_excluded = np.full(limits.ex_from.shape[0], NEVER, np.int64)
    pending, pending_us = 0, NEVER
    for at in range(first, after):
        t = times[at]
        if t > pending_us:
            _note_excluded(last_excluded, pending, pending_us)
            pending, pending_us = 0, t
        for row in range(groups[at], groups[at + 1]):
            pending |= limits.xmasks[row]
        size = groups[at + 1] - groups[at]
        standing = count
        for place in range(-1 if from_us <= t <= to_us else 0, standing):
            level = 0 if place < 0 else levels[place]
            if level and window >= 0 and t - times[states[place, 0]] > window:
                continue
            state = states[max(place, 0)].copy()
            most = min(step_count - level, 1 if ties == INCREASING else size)
            served = count_served(masks, groups[at], groups[at + 1], level, most)
            taken = _reach(times, state, level, at, served, limits, last_excluded, pins)
            states, levels = _room_for(states, levels, count + taken)
            for more in range(1, taken + 1):
                state[level + more - 1] = at
                reached = level + more
                if reached > depth or (reached == depth and at == completed and state[0] > start):
                    depth, completed, start = reached, at, state[0]
                # A strict chain goes on only when no row of this time is left standing after it.
                if order != STRICT or level == 0 or more == size:
                    states[count], levels[count] = state, reached
                    count += 1
        if depth == step_count:
            break
        if order == STRICT:
            for place in range(standing, count):
                states[place - standing], levels[place - standing] = states[place], levels[place]
            count -= standing
        count = _drop_dominated(states, levels, count, limits.relevant)
    return depth, completed, start
