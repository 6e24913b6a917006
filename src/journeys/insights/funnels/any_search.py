"""One stream's window with the most different steps in it, whatever their order."""

from __future__ import annotations

import numpy as np

from journeys.insights.funnels.inner import runs_compiled
from journeys.insights.funnels.matching import Ints
from journeys.insights.funnels.plain_search import INCREASING, NEVER

_FREE, _UNSEEN = -1, -1


@runs_compiled
def merge_times(us: Ints, masks: Ints, lo: int, hi: int, ties: int) -> tuple[Ints, Ints, int]:
    """Return per node its first row and its steps: each row, or with INCREASING each time, serves one step."""
    rows, bits, count = np.empty(hi - lo, np.int64), np.empty(hi - lo, np.int64), 0
    for row in range(lo, hi):
        if masks[row] == 0:
            continue
        if ties == INCREASING and count and us[rows[count - 1]] == us[row]:
            bits[count - 1] |= masks[row]
            continue
        rows[count], bits[count] = row, masks[row]
        count += 1
    return rows, bits, count


@runs_compiled
def _serve(bits: Ints, node: int, holders: Ints) -> bool:
    """Let a node serve a step nobody serves yet, moving others where needed (an augmenting path, breadth first).

    Args:
        bits: per node its steps.
        node: the node that comes in.
        holders: per step the node that serves it, -1 for none; changed when there is a way.
    """
    step_count = holders.shape[0]
    wanted_by = np.full(step_count, _UNSEEN, np.int64)
    waiting = np.empty(step_count + 1, np.int64)
    waiting[0] = node
    head, tail = 0, 1
    while head < tail:
        asking = waiting[head]
        head += 1
        for found in range(step_count):
            if wanted_by[found] != _UNSEEN or not (bits[asking] >> found) & 1:
                continue
            wanted_by[found] = asking
            if holders[found] == _FREE:
                step, mover = found, asking
                while True:
                    left = _FREE
                    for held in range(step_count):
                        if holders[held] == mover:
                            left = held
                    holders[step] = mover
                    if mover == node:
                        return True
                    step = left
                    mover = wanted_by[step]
            waiting[tail] = holders[found]
            tail += 1
    return False


@runs_compiled
def search_any(us: Ints, node_rows: Ints, bits: Ints, count: int, window: int, from_us: int, to_us: int,
               rows: Ints) -> tuple[int, int, int]:  # fmt: skip
    """Find the most different steps in one window that a step opens, the earliest completion, the latest start.

    Args:
        us: times of the rows.
        node_rows: per node its first row.
        bits: per node its steps.
        count: number of nodes.
        window: longest time from the start; negative for no limit.
        from_us: the first time at which a window may open.
        to_us: the last one.
        rows: per level the row that brought it; written.

    Returns:
        Depth (0: no start), time of completion, time of the start.
    """
    step_count = rows.shape[0]
    depth, completed, start = 0, NEVER, NEVER
    reached = np.empty(step_count, np.int64)
    for opening in range(count):
        t = us[node_rows[opening]]
        if not from_us <= t <= to_us or (opening and us[node_rows[opening - 1]] == t):
            continue
        if depth == step_count and t > completed:
            break
        holders = np.full(step_count, _FREE, np.int64)
        level, at = 0, opening
        while at < count and level < step_count and (window < 0 or us[node_rows[at]] - t <= window):
            if _serve(bits, at, holders):
                reached[level] = node_rows[at]
                level += 1
            at += 1
        done = us[reached[level - 1]]
        if level > depth or (level == depth and done <= completed):
            depth, completed, start = level, done, t
            rows[:level] = reached[:level]
    return depth, completed, start
