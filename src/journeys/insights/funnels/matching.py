"""Which rows of one time can serve which steps: a matching, for one event serves one step.

Written for the compiled pass: plain loops over arrays, so that the same lines run compiled and interpreted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from journeys.insights.funnels.inner import runs_compiled

Ints = np.ndarray[Any, np.dtype[np.int64]]
_FREE, _START, _UNSEEN = -1, -1, -2


@runs_compiled
def count_served(masks: Ints, lo: int, hi: int, level: int, most: int) -> int:
    """Count how many steps in a row, from `level` on, different rows can serve.

    Args:
        masks: per row, bit k for step k (from 0).
        lo: the first row of the time.
        hi: the row after the last.
        level: the first step asked for.
        most: steps asked for at most.
    """
    if most <= 0:
        return 0
    if hi - lo == 1:
        return int((masks[lo] >> level) & 1)
    taken = np.full(hi - lo, _FREE, np.int64)
    served = 0
    while served < most and place_step(masks, lo, level + served, taken):
        served += 1
    return served


@runs_compiled
def place_step(masks: Ints, lo: int, step: int, taken: Ints) -> bool:
    """Give a row to the step, moving earlier steps to other rows where needed (an augmenting path, breadth first).

    Args:
        masks: per row, its steps as bits.
        lo: the row of the first place in `taken`.
        step: the step to serve.
        taken: per row the step it serves, -1 for none; changed when a row is found.
    """
    count = taken.shape[0]
    came_from = np.full(count, _UNSEEN, np.int64)
    waiting = np.empty(count + 1, np.int64)
    waiting[0] = _START
    head, tail = 0, 1
    while head < tail:
        holder = waiting[head]
        head += 1
        wanted = step if holder == _START else taken[holder]
        for row in range(count):
            if came_from[row] != _UNSEEN or not (masks[lo + row] >> wanted) & 1:
                continue
            came_from[row] = holder
            if taken[row] == _FREE:
                mover = row
                while mover != _START:
                    before = came_from[mover]
                    taken[mover] = step if before == _START else taken[before]
                    mover = before
                return True
            waiting[tail] = row
            tail += 1
    return False


@runs_compiled
def assign_rows(masks: Ints, lo: int, hi: int, first: int, last: int, rows: Ints) -> None:
    """Write into `rows` which row serves each of the steps first..last: the lowest rows, first step first.

    Rows of one time stand in the order of their event_id, so that the lowest row has the lowest id.
    """
    count = hi - lo
    fixed = np.full(count, _FREE, np.int64)
    for step in range(first, last + 1):
        for row in range(count):
            if fixed[row] != _FREE or not (masks[lo + row] >> step) & 1:
                continue
            fixed[row] = step
            if _rest_fits(masks, lo, step + 1, last, fixed):
                rows[step] = lo + row
                break
            fixed[row] = _FREE


@runs_compiled
def _rest_fits(masks: Ints, lo: int, first: int, last: int, fixed: Ints) -> bool:
    """Say whether the steps first..last can be served by rows that are not fixed."""
    if first > last:
        return True
    free = np.empty(fixed.shape[0], np.int64)
    count = 0
    for row in range(fixed.shape[0]):
        if fixed[row] == _FREE:
            free[count] = masks[lo + row]
            count += 1
    taken = np.full(count, _FREE, np.int64)
    placed = 0
    while first + placed <= last and place_step(free, 0, first + placed, taken):
        placed += 1
    return first + placed > last
