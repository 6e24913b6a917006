"""Our pass over events in order: sessions, the funnel and path edges of one person after another, in one walk.

The walk of the funnel is the product's own (`search_plain`). Sessions and edges are what `cut_events` and the models
of the paths find, without names, ids, intervals or charts: counts and checksums. Persons are dealt to threads whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numba
import numpy as np

from journeys.insights.funnels.matching import Ints
from journeys.insights.funnels.plain_search import NEVER, TOGETHER, search_plain

THREADS = min(os.cpu_count() or 1, 8)
POSITIONS = 7
SESSIONS, FUNNEL, EDGES = 1, 2, 4
EVERYTHING = SESSIONS | FUNNEL | EDGES
_ALWAYS = 2**62


@dataclass(frozen=True)
class Asked:
    """What is counted.

    Attributes:
        tasks: SESSIONS, FUNNEL and EDGES, added up.
        gap: longest pause inside a session.
        window: longest time from the first step of the funnel; both in the unit of the times.
        masks: per code of an event its steps as bits.
        step_count: steps of the funnel.
    """

    tasks: int
    gap: int
    window: int
    masks: Ints
    step_count: int


@numba.njit(nogil=True)
def _add_session(times: Ints, start: int, end: int, sums: Ints) -> None:
    sums[0] += 1
    sums[1] += (end - start) * (end - start)
    sums[2] += times[end - 1] - times[start]


@numba.njit(nogil=True)
def _walk_sessions(times: Ints, codes: Ints, lo: int, hi: int, gap: int, edges: Ints, sums: Ints) -> None:
    """Cut one person's rows into sessions; with codes, count the edges of each."""
    start, position, before = lo, 0, -1
    for row in range(lo, hi):
        if row > lo and times[row] - times[row - 1] > gap:
            _add_session(times, start, row, sums)
            start, position, before = row, 0, -1
        if len(codes) and codes[row] != before:
            if 1 <= position <= edges.shape[0]:
                edges[position - 1, before, codes[row]] += 1
            position += 1
            before = codes[row]
    _add_session(times, start, hi, sums)


@numba.njit(nogil=True)
def _walk(firsts: Ints, times: Ints, codes: Ints, tasks: int, gap: int, window: int, masks: Ints, step_count: int,
          levels: Ints, edges: Ints, sums: Ints) -> None:  # fmt: skip
    """Walk persons whose rows begin at `firsts` and end at the next; add to levels, edges and sums."""
    longest = 0
    for person in range(len(firsts) - 1):
        longest = max(longest, firsts[person + 1] - firsts[person])
    met_us, met_masks = np.empty(longest, np.int64), np.empty(longest, np.int64)
    steps = codes if tasks & EDGES else codes[:0]
    for person in range(len(firsts) - 1):
        lo, hi = firsts[person], firsts[person + 1]
        if lo < hi and tasks & (SESSIONS | EDGES):
            _walk_sessions(times, steps, lo, hi, gap, edges, sums)
        if lo < hi and tasks & FUNNEL:
            count = 0
            for row in range(lo, hi):
                mask = masks[codes[row]]
                if mask:
                    met_us[count], met_masks[count] = times[row], mask
                    count += 1
            depth, _, _ = search_plain(met_us, met_masks, 0, count, step_count, window, TOGETHER, NEVER, _ALWAYS)
            levels[depth] += 1


@numba.njit(nogil=True)
def _find_firsts(keys: Ints, shift: int, lo: int, hi: int, firsts: Ints) -> int:
    """Write the rows at which a person begins; -1 where the keys are out of order, else how many there are."""
    count = 0
    for row in range(lo, hi):
        if row > 0 and keys[row] < keys[row - 1]:
            return -1
        if row == 0 or keys[row] >> shift != keys[row - 1] >> shift:
            firsts[count] = row
            count += 1
    return count


@numba.njit(nogil=True)
def _count_rows(persons: Ints, codes: Ints, kept: Ints, counts: Ints) -> None:
    """Count each person's rows; with `kept`, those whose code is kept."""
    for row in range(len(persons)):
        if not len(kept) or kept[codes[row]]:
            counts[persons[row]] += 1


@numba.njit(nogil=True)
def _place_rows(persons: Ints, places: Ints, us: Ints, codes: Ints, ids: Ints, kept: Ints, out_us: Ints,
                out_codes: Ints, out_ids: Ints) -> None:  # fmt: skip
    """Move rows to their person's places; what is not asked for is empty."""
    for row in range(len(persons)):
        if len(kept) and not kept[codes[row]]:
            continue
        place = places[persons[row]]
        places[persons[row]] += 1
        out_us[place] = us[row]
        if len(codes):
            out_codes[place] = codes[row]
        if len(ids):
            out_ids[place] = ids[row]


@numba.njit(nogil=True)
def _sort_rows(firsts: Ints, us: Ints, codes: Ints, ids: Ints) -> None:
    """Put each person's rows in the order of time and id: they nearly are, so each moves past a few others."""
    for person in range(len(firsts) - 1):
        lo = firsts[person]
        for row in range(lo + 1, firsts[person + 1]):
            t, other = us[row], row
            code = codes[row] if len(codes) else 0
            rank = ids[row] if len(ids) else 0
            while other > lo and (us[other - 1] > t or (len(ids) and us[other - 1] == t and ids[other - 1] > rank)):
                us[other] = us[other - 1]
                if len(codes):
                    codes[other] = codes[other - 1]
                if len(ids):
                    ids[other] = ids[other - 1]
                other -= 1
            us[other] = t
            if len(codes):
                codes[other] = code
            if len(ids):
                ids[other] = rank


def _share_out(call: Callable[..., Any], parts: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Run a call on each part, each in a thread of its own."""
    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(lambda part: call(*part), parts))


def count_ordered(firsts: Ints, times: Ints, codes: Ints, asked: Asked, code_count: int) -> dict[str, list[int]]:
    """Count over rows in the order of person, time and id; `firsts` ends with the number of rows."""
    cuts = np.searchsorted(firsts, np.linspace(0, firsts[-1], THREADS + 1))
    cuts[0], cuts[-1] = 0, len(firsts) - 1
    levels = np.zeros((THREADS, asked.step_count + 1), np.int64)
    edges = np.zeros((THREADS, POSITIONS, code_count, code_count), np.int64)
    sums = np.zeros((THREADS, 3), np.int64)
    _share_out(_walk, [
        (firsts[cuts[part] : cuts[part + 1] + 1], times, codes, asked.tasks, asked.gap, asked.window, asked.masks,
         asked.step_count, levels[part], edges[part], sums[part]) for part in range(THREADS)
    ])  # fmt: skip
    found = {}
    if asked.tasks & SESSIONS:
        found["sessions"] = sums.sum(0).tolist()
    if asked.tasks & FUNNEL:
        found["funnel"] = levels.sum(0)[1:][::-1].cumsum()[::-1].tolist()
    if asked.tasks & EDGES:
        counts = edges.sum(0)
        weights = np.arange(1, POSITIONS + 1)[:, None, None]
        found["edges"] = [int(np.count_nonzero(counts)), int(counts.sum()), int((counts * counts).sum()),
                          int((counts * weights).sum())]  # fmt: skip
    return found


def find_persons(keys: Ints, shift: int) -> Ints:
    """Return the row at which each person begins, and the number of rows.

    Raises:
        AssertionError: the keys are out of order.
    """
    cuts = np.linspace(0, len(keys), THREADS + 1).astype(np.int64)
    room = [np.empty(int(hi - lo), np.int64) for lo, hi in pairwise(cuts)]
    counts = _share_out(
        _find_firsts, [(keys, shift, cuts[part], cuts[part + 1], room[part]) for part in range(THREADS)]
    )
    assert min(counts) >= 0, "the store is not in order"
    return np.concatenate([*(firsts[:count] for firsts, count in zip(room, counts, strict=True)), [len(keys)]])


def group_rows(persons: Ints, us: Ints, codes: Ints, ids: Ints, kept: Ints) -> tuple[Ints, Ints, Ints]:
    """Put rows in the order of person, time and id: person by person by counting, then each person's few rows.

    Codes and ids may be empty. With `kept`, rows are left out whose code it does not mark.

    Returns:
        The row at which each person begins (and the number of rows), times, codes.
    """
    cuts = np.linspace(0, len(persons), THREADS + 1).astype(np.int64)
    parts = [slice(int(lo), int(hi)) for lo, hi in pairwise(cuts)]
    counts = np.zeros((THREADS, int(persons.max(initial=0)) + 1), np.int64)
    shown = [codes[part] if len(codes) else codes for part in parts]
    _share_out(_count_rows, [(persons[part], shown[place], kept, counts[place]) for place, part in enumerate(parts)])
    firsts = np.append(0, np.cumsum(counts.sum(0)))
    # A thread's rows of a person stand after those of the threads before it.
    places = firsts[:-1] + np.cumsum(counts, axis=0) - counts
    out = [np.empty(firsts[-1] if len(column) else 0, column.dtype) for column in (us, codes, ids)]
    _share_out(_place_rows, [
        (persons[part], places[place], us[part], shown[place], ids[part], kept, *out)
        for place, part in enumerate(parts)
    ])  # fmt: skip
    split = np.searchsorted(firsts, np.linspace(0, firsts[-1], THREADS + 1))
    split[0], split[-1] = 0, len(firsts) - 1
    _share_out(_sort_rows, [(firsts[split[part] : split[part + 1] + 1], *out) for part in range(THREADS)])
    return firsts, out[0], out[1]
