"""Exact chains where events of one time match several steps, so that which event serves which step is a choice.

Sets of windows cannot make that choice; here each such unit is walked through time, one tied group after the other.
A chain may advance over several steps inside a group when different events can be found for them (a matching).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from journeys.warehouse import Engine

Group = tuple[int, list[frozenset[int]]]


class ChainRule(Protocol):
    """What of a funnel's rule matters for one unit's chains."""

    @property
    def window_us(self) -> int | None:
        """Longest time from step 1; none is no limit."""

    @property
    def entry(self) -> str:
        """Which entries open a window: best or first."""


@dataclass(frozen=True)
class Chain:
    """The counted chain of one unit: when it met each step."""

    reached_us: tuple[int, ...]


def find_tied_chains(scratch: Engine, rule: ChainRule) -> tuple[pa.Table, pa.Table] | None:
    """Find the exact chain of every unit that has a tie with an event matching several steps.

    Returns:
        Rows for `funnel_best` (unit_id, depth, completed_us, start_us) and `funnel_times` (unit_id, step_index,
        reached_us), or None when there is no such unit.
    """
    rows = scratch.rows(
        """
        WITH tied AS (
          SELECT DISTINCT unit_id FROM funnel_matches GROUP BY unit_id, occurred_at_us
          HAVING COUNT(*) > 1 AND MAX(is_shared)
        )
        SELECT unit_id, occurred_at_us, event_id, step_index FROM funnel_candidates
        WHERE unit_id IN (SELECT unit_id FROM tied) ORDER BY unit_id, occurred_at_us, event_id, step_index
        """
    )
    if not rows:
        return None
    events: dict[str, dict[int, dict[str, set[int]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
    for unit_id, occurred_at_us, event_id, step_index in rows:
        events[unit_id][occurred_at_us][event_id].add(step_index)
    chains = {
        unit_id: best_chain([(us, [frozenset(steps) for steps in tied.values()]) for us, tied in groups.items()], rule)
        for unit_id, groups in events.items()
    }
    found = [(unit_id, chain) for unit_id, chain in chains.items() if chain.reached_us]
    best = [(unit_id, len(chain.reached_us), chain.reached_us[-1], chain.reached_us[0]) for unit_id, chain in found]
    times = [(unit_id, place, us) for unit_id, chain in found for place, us in enumerate(chain.reached_us, start=1)]
    return _table(best, "unit_id", "depth", "completed_us", "start_us"), _table(
        times, "unit_id", "step_index", "reached_us"
    )


def best_chain(groups: Sequence[Group], rule: ChainRule) -> Chain:
    """Walk one unit's events, tied ones together, and choose the deepest chain, then the earliest, then the shortest.

    Args:
        groups: per time, the set of steps that each event of that time matches; in time order.
        rule: window and entry.
    """
    starts: dict[int, int] = {}  # level -> latest start of a chain of that length
    best: tuple[int, int, int] = (0, 0, 0)  # depth, -completed, start
    may_enter = True
    for us, events in groups:
        advanced = dict(starts)
        froms = [(0, us)] if may_enter else []
        for level, start in [*froms, *starts.items()]:
            if rule.window_us is not None and us - start > rule.window_us:
                continue
            for reached in _advances(events, level):
                if start >= advanced.get(reached, start):
                    advanced[reached] = start
                best = max(best, (reached, -us, start))
        starts = advanced
        if rule.entry == "first" and 1 in starts:
            may_enter = False
    depth, completed, start = best[0], -best[1], best[2]
    return Chain(_times(groups, depth, start, completed)) if depth else Chain(())


def _times(groups: Sequence[Group], depth: int, start: int, completed: int) -> tuple[int, ...]:
    """Meet each step as early as can be from the chosen start; the last step then comes at its completion."""
    reached: list[int] = []
    for us, events in groups:
        if start <= us <= completed and len(reached) < depth:
            farthest = max((level for level in _advances(events, len(reached)) if level <= depth), default=len(reached))
            reached += [us] * (farthest - len(reached))
    return tuple(reached)


def _advances(events: list[frozenset[int]], level: int) -> Iterator[int]:
    """Yield the levels reachable from `level` with different events of one tied group, one event per step."""
    holder: dict[int, int] = {}  # event -> step it serves
    step = level + 1
    while _place(step, events, holder, set()):
        yield step
        step += 1


def _place(step: int, events: list[frozenset[int]], holder: dict[int, int], tried: set[int]) -> bool:
    """Find an event for the step, moving earlier steps to other events where needed (an augmenting path)."""
    for place, steps in enumerate(events):
        if step in steps and place not in tried:
            tried.add(place)
            if place not in holder or _place(holder[place], events, holder, tried):
                holder[place] = step
                return True
    return False


def _table(rows: Sequence[tuple[object, ...]], *names: str) -> pa.Table:
    kinds = [pa.string(), *[pa.int64()] * (len(names) - 1)]
    return pa.table(
        {
            name: pa.array([row[place] for row in rows], kind)
            for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
        }
    )
