"""One stream's deepest chain where a later start is always as good: no limits between steps, no choice inside a tie.

For each length only the latest start matters, since whatever follows is reachable from it too. One pass, a few
operations per row.
"""

from __future__ import annotations

import numpy as np

from journeys.insights.funnels.inner import runs_compiled
from journeys.insights.funnels.matching import Ints

TOGETHER, INCREASING, SEQUENCE = 0, 1, 2
NEVER = -(2**62)


@runs_compiled
def end_of_time(us: Ints, row: int, hi: int, ties: int) -> int:
    """Return the row after the last that stands at the same place in time; in sequence each row has its own."""
    end = row + 1
    if ties != SEQUENCE:
        while end < hi and us[end] == us[row]:
            end += 1
    return end


@runs_compiled
def search_plain(us: Ints, masks: Ints, lo: int, hi: int, step_count: int, window: int, ties: int,
                 from_us: int, to_us: int) -> tuple[int, int, int]:  # fmt: skip
    """Find depth, completion and latest start of the counted chain.

    Args:
        us: times, in order.
        masks: per row its steps as bits.
        lo: the first row.
        hi: the row after the last.
        step_count: steps of the funnel.
        window: longest time from step 1; negative for no limit.
        ties: TOGETHER, INCREASING or SEQUENCE.
        from_us: the first time at which a chain may start.
        to_us: the last one.

    Returns:
        Depth (0: no start), time of completion, time of the start.
    """
    latest = np.full(step_count, NEVER, np.int64)
    depth, completed, start = 0, NEVER, NEVER
    row = lo
    while row < hi:
        t = us[row]
        end = end_of_time(us, row, hi, ties)
        bits = masks[row]
        for other in range(row + 1, end):
            bits |= masks[other]
        is_chained = ties == TOGETHER and end - row > 1
        may_start = (bits & 1) != 0 and from_us <= t <= to_us
        if is_chained and may_start:
            latest[0] = t
        for place in range(1, step_count):
            # Rows of one time may follow each other; a lone row may not follow itself: the longest chain moves first.
            step = place if is_chained else step_count - place
            before = latest[step - 1]
            if (bits >> step) & 1 and before != NEVER and (window < 0 or t - before <= window):
                latest[step] = max(latest[step], before)
                if step + 1 > depth or (step + 1 == depth and t == completed):
                    depth, completed, start = step + 1, t, latest[step]
        if not is_chained and may_start:
            latest[0] = t
        if depth == 0 and latest[0] == t:
            depth, completed, start = 1, t, t
        if depth == step_count:
            break
        row = end
    return depth, completed, start


@runs_compiled
def follow_plain(us: Ints, masks: Ints, lo: int, hi: int, ties: int, depth: int, start: int, rows: Ints) -> None:
    """Write into `rows` the earliest row for each step of the chain of this depth from this start."""
    level = 0
    row = lo
    while row < hi and level < depth:
        end = end_of_time(us, row, hi, ties)
        if us[row] >= start:
            other = row
            while other < end and level < depth:
                if (masks[other] >> level) & 1:
                    rows[level] = other
                    level += 1
                    if ties != TOGETHER or end - row == 1:
                        break
                    other = row
                else:
                    other += 1
        row = end
