"""The pass over sorted streams that finds each one's counted chain; the same lines run compiled and interpreted."""

from __future__ import annotations

import numpy as np

from journeys.insights.funnels.any_search import merge_times, search_any
from journeys.insights.funnels.general_search import OPEN_PLACE, Limits, search_general
from journeys.insights.funnels.inner import runs_compiled
from journeys.insights.funnels.matching import Ints, assign_rows
from journeys.insights.funnels.plain_search import NEVER, TOGETHER, end_of_time, follow_plain, search_plain

ORDERED, STRICT, ANY = 0, 1, 2
UNDONE = -1
BEST, FIRST, EACH = 0, 1, 2


@runs_compiled
def _is_plain(us: Ints, masks: Ints, lo: int, hi: int, ties: int) -> bool:
    """Say whether no time of the stream has several rows of which one serves several steps."""
    if ties != TOGETHER:
        return True
    row = lo
    while row < hi:
        end = end_of_time(us, row, hi, ties)
        if end - row > 1:
            for other in range(row, end):
                if masks[other] & (masks[other] - 1):
                    return False
        row = end
    return True


@runs_compiled
def _part_times(us: Ints, lo: int, hi: int, ties: int) -> tuple[Ints, Ints, int]:
    """Return the first row of each place in time (and the row after the last), their times and their number."""
    groups, times, count = np.empty(hi - lo + 1, np.int64), np.empty(hi - lo, np.int64), 0
    row = lo
    while row < hi:
        groups[count], times[count] = row, us[row]
        row = end_of_time(us, row, hi, ties)
        count += 1
    groups[count] = hi
    return groups, times, count


@runs_compiled
def _pin_chain(masks: Ints, groups: Ints, times: Ints, order: int, ties: int, window: int, limits: Limits,
               depth: int, completed: int, start: int, rows: Ints) -> None:  # fmt: skip
    """Choose the earliest place for each step in turn such that the chain of this depth can still be completed."""
    pins = np.full(rows.shape[0], OPEN_PLACE, np.int64)
    pins[0] = start
    pins[depth - 1] = completed
    t = times[start]
    for step in range(1, depth - 1):
        for at in range(pins[step - 1], completed + 1):
            pins[step] = at
            found, _, _ = search_general(
                masks, groups, times, start, completed + 1, order, ties, window, limits, t, t, pins
            )
            if found >= depth:
                break
    step = 0
    while step < depth:
        last = step
        while last + 1 < depth and pins[last + 1] == pins[step]:
            last += 1
        assign_rows(masks, groups[pins[step]], groups[pins[step] + 1], step, last, rows)
        step = last + 1


@runs_compiled
def _find_general(us: Ints, masks: Ints, lo: int, hi: int, order: int, ties: int, window: int, limits: Limits,
                  from_us: int, to_us: int, rows: Ints) -> tuple[int, int]:  # fmt: skip
    """Find depth and time of completion of the counted chain that starts in a span of time; write its rows."""
    if order == ANY:
        nodes, bits, count = merge_times(us, masks, lo, hi, ties)
        depth, completed, _ = search_any(us, nodes, bits, count, window, from_us, to_us, rows)
        return depth, completed
    groups, times, count = _part_times(us, lo, hi, ties)
    pins = np.full(rows.shape[0], OPEN_PLACE, np.int64)
    depth, completed, start = search_general(
        masks, groups, times, 0, count, order, ties, window, limits, from_us, to_us, pins
    )
    if depth == 0:
        return 0, NEVER
    _pin_chain(masks, groups, times, order, ties, window, limits, depth, completed, start, rows)
    return depth, times[completed]


@runs_compiled
def _find_chain(us: Ints, masks: Ints, lo: int, hi: int, order: int, ties: int, window: int, limits: Limits | None,
                from_us: int, to_us: int, rows: Ints) -> tuple[int, int]:  # fmt: skip
    """As `_find_general`; without limits by the plain search, and UNDONE where the stream asks for more."""
    if limits is None:
        if not _is_plain(us, masks, lo, hi, ties):
            return UNDONE, NEVER
        depth, completed, start = search_plain(us, masks, lo, hi, rows.shape[0], window, ties, from_us, to_us)
        follow_plain(us, masks, lo, hi, ties, depth, start, rows)
        return depth, completed
    else:  # noqa: RET505 - numba leaves out the branch that `limits` rules out, and with it most of the compiling
        return _find_general(us, masks, lo, hi, order, ties, window, limits, from_us, to_us, rows)


@runs_compiled
def _next_entry(masks: Ints, row: int, hi: int, entry_bits: int) -> int:
    while row < hi and not masks[row] & entry_bits:
        row += 1
    return row


@runs_compiled
def _last_entry(us: Ints, masks: Ints, row: int, hi: int, entry_bits: int) -> int:
    last = int(us[row])
    for other in range(row, hi):
        if masks[other] & entry_bits:
            last = int(us[other])
    return last


@runs_compiled
def _first_after(us: Ints, row: int, hi: int, t: int) -> int:
    while row < hi and us[row] <= t:
        row += 1
    return row


def walk_streams(streams: Ints, us: Ints, masks: Ints, step_count: int, order: int, entry: int, ties: int,
                 window: int, limits: Limits | None, room: int) -> tuple[Ints, Ints, int]:  # fmt: skip
    """Find the counted chain of each stream, or of each of its attempts.

    Args:
        streams: per row its stream; rows are sorted by stream, time and event_id.
        us: per row its time.
        masks: per row, bit k for step k (from 0).
        step_count: steps of the funnel.
        order: ORDERED, STRICT or ANY.
        entry: BEST, FIRST or EACH.
        ties: as of `search_plain`.
        window: longest time from step 1; negative for no limit.
        limits: none for an ordered funnel without further limits.
        room: chains at most.

    Returns:
        Per chain: stream, attempt (from 1), depth, time of the first and of the last entry; the row of each step
        (-1: not reached); and the number of chains. Without limits, a stream in which events of one time leave a
        choice has the depth UNDONE, and asks for a walk with limits.
    """
    heads = np.zeros((room, 5), np.int64)
    rows = np.full((room, step_count), -1, np.int64)
    found = 0
    entry_bits = -1 if order == ANY else 1
    lo, total = 0, us.shape[0]
    while lo < total:
        hi = lo + 1
        while hi < total and streams[hi] == streams[lo]:
            hi += 1
        attempt = 0
        row = _next_entry(masks, lo, hi, entry_bits)
        while row < hi:
            first = us[row]
            last = first if entry == EACH else _last_entry(us, masks, row, hi, entry_bits)
            end = hi
            if entry != BEST and window >= 0:
                end = _first_after(us, row, hi, first + window)
            while row > lo and us[row - 1] == first:
                row -= 1
            depth, completed = _find_chain(
                us, masks, row, end, order, ties, window, limits, first, last if entry == BEST else first, rows[found]
            )
            attempt += 1
            heads[found, 0], heads[found, 1], heads[found, 2] = streams[lo], attempt, depth
            heads[found, 3], heads[found, 4] = first, last
            found += 1
            if entry != EACH or depth == UNDONE:
                break
            row = _first_after(us, row, end, completed) if depth == step_count else end
            row = _next_entry(masks, row, hi, entry_bits)
        lo = hi
    return heads, rows, found
