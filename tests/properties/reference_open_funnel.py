"""The funnel that is entered at any step, in plain Python: every pair of events of neighbouring steps is looked at."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from reference import SECOND, Event, order
from reference_funnel import FunnelRule, Test
from statsmodels.stats.proportion import proportion_confint


@dataclass(frozen=True)
class Entrant:
    """One unit with an event of any step."""

    met: Mapping[int, list[Event]]  # step (from 1): its events in order
    gone_on: frozenset[int]
    status: Mapping[int, str]
    first: Event
    is_mature: bool
    values: Mapping[str, str]  # by_at: the value that the counts are split by

    @property
    def furthest(self) -> int:
        """The highest step that was met."""
        return max(self.met)

    @property
    def entry_step(self) -> int:
        """The lowest step that the first event meets."""
        return min(step for step, events in self.met.items() if self.first in events)


def goes_on(stream: Sequence[Event], step: int, steps: Sequence[Test], rule: FunnelRule) -> bool:
    """Say whether some event of a step (from 1) is followed in time by one of the next."""
    return any(
        steps[step - 1](a) and steps[step](b) and _follows(stream, a, b, step, rule)
        for a, b in itertools.permutations(stream, 2)
    )


def _follows(stream: Sequence[Event], a: Event, b: Event, step: int, rule: FunnelRule) -> bool:
    waited = b.us - a.us
    if rule.ties == "sequence" and stream.index(b) < stream.index(a):
        return False
    if waited < 0 or (rule.ties == "increasing" and waited == 0):
        return False
    longest = [limit for limit in (rule.window_us, rule.within_us.get(step)) if limit is not None]
    if longest and waited > min(longest):
        return False
    between = [event for event in stream if a.us < event.us < b.us]
    if rule.order == "strict" and (between or (rule.ties == "sequence" and stream.index(b) != stream.index(a) + 1)):
        return False
    return not any(after == step and any(test(event) for event in between) for test, after, _ in rule.exclude)


def find_entrant(
    events: Sequence[Event], steps: Sequence[Test], rule: FunnelRule, as_of_us: int, by: str
) -> Entrant | None:
    """Stand one unit; none when it never met a step."""
    seen = [e for e in events if e.us <= as_of_us and (rule.hold is None or getattr(e, rule.hold) is not None)]
    in_order = order(seen) if rule.ties == "sequence" else sorted(seen, key=lambda e: (e.us, e.event_id))
    met = {k: found for k, test in enumerate(steps, start=1) if (found := [e for e in in_order if test(e)])}
    if not met:
        return None
    held = {getattr(e, rule.hold) for e in in_order} if rule.hold else {None}
    streams = [[e for e in in_order if rule.hold is None or getattr(e, rule.hold) == value] for value in held]
    gone_on = frozenset(k for k in range(1, len(steps)) if any(goes_on(s, k, steps, rule) for s in streams))
    first = min((found[0] for found in met.values()), key=in_order.index)
    window = rule.window_us
    status = {}
    for k, found in met.items():
        is_open = window is not None and found[-1].us + window > as_of_us
        status[k] = "converted" if k == len(steps) else "went on" if k in gone_on else "open" if is_open else "dropped"
    chosen = {"first": first, "last": met[max(met)][0]} | {str(k): found[0] for k, found in met.items()}
    values = {at: getattr(event, by) or "(none)" for at, event in chosen.items()}
    return Entrant(met, gone_on, status, first, window is None or first.us + window <= as_of_us, values)


def count_rows(entrants: Sequence[Entrant], step_count: int) -> list[dict[str, Any]]:
    """The rows of `.frame`, without names."""
    rows = []
    mature = [each for each in entrants if each.is_mature]
    for k in range(1, step_count + 1):
        here = [each for each in entrants if k in each.met]
        reached = sum(k in each.met for each in mature)
        base = sum(max(k - 1, 1) in each.met for each in mature)
        came = reached if k == 1 else sum(k - 1 in each.gone_on for each in mature)
        low, high = proportion_confint(reached, len(mature), method="wilson") if mature else (None, None)
        rows.append(
            {
                "step_index": k,
                "reached_count": len(here),
                "entered_count": sum(k - 1 not in each.gone_on for each in here),
                "continued_count": sum(k in each.gone_on for each in here),
                "dropped_count": sum(each.status[k] == "dropped" for each in here),
                "open_count": sum(each.status[k] == "open" for each in here),
                "mature_count": reached,
                "mature_entrant_count": len(mature),
                "step_share": came / base if base else None,
                "overall_share": reached / len(mature) if mature else None,
                "overall_share_low": low,
                "overall_share_high": high,
                "median_seconds_from_first": median((e.met[k][0].us - e.first.us) / SECOND for e in here)
                if here
                else None,
            }
        )
    return rows
