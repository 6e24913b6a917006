"""The funnel by exhaustive search: every chain of every person is written down, and the documents choose."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from reference import SECOND, Event
from statsmodels.stats.proportion import proportion_confint

Test = Callable[[Event], bool]
# A chain: its events by step, from 0.
Chain = dict[int, Event]


@dataclass(frozen=True)
class FunnelRule:
    """The arguments of `funnel()` and of its steps."""

    window_us: int | None = None
    entry: str = "best"
    ties: str = "together"
    order: str = "ordered"
    within_us: Mapping[int, int] = field(default_factory=dict)
    optional: frozenset[int] = frozenset()
    exclude: tuple[tuple[Test, int, int], ...] = ()
    hold: str | None = None


@dataclass(frozen=True)
class Standing:
    """How far one unit or attempt got."""

    chain: Chain
    furthest: int
    status: str
    is_mature: bool
    optional: Mapping[int, int] = field(default_factory=dict)

    @property
    def start_us(self) -> int:
        """When the counted chain began."""
        return self.chain[min(self.chain)].us

    def waits(self) -> dict[int, int]:
        """Microseconds from the start to each step reached (from 1)."""
        return {k + 1: event.us - self.start_us for k, event in self.chain.items()} | dict(self.optional)


def any_of(*names: str) -> Test:
    """A step that any of these names satisfies."""
    return lambda event: event.event in names


def all_chains(events: Sequence[Event], steps: Sequence[Test], rule: FunnelRule, at: set[int]) -> Iterator[Chain]:
    """Every chain of distinct events, of every depth, that the rule lets count, begun at one of the times."""
    if rule.order == "any":
        yield from _windows(events, steps, rule, at)
        return
    runs = _orders(events, rule.ties) if rule.order == "strict" else [list(events)]
    for run in runs:
        grown: list[Chain] = [{0: event} for event in run if steps[0](event) and event.us in at]
        while grown:
            chain = grown.pop()
            yield chain
            last = max(chain)
            for step in range(last + 1, len(steps)):
                if set(range(last + 1, step)) <= rule.optional:
                    grown += [{**chain, step: event} for event in run if _fits(chain, step, event, run, steps, rule)]


def _orders(events: Sequence[Event], ties: str) -> Iterator[list[Event]]:
    """Every order of the events that keeps their times."""
    tied = [list(group) for _, group in itertools.groupby(sorted(events, key=lambda e: e.us), key=lambda e: e.us)]
    for chosen in itertools.product(*(itertools.permutations(group) for group in tied)):
        yield [event for group in chosen for event in group]


def _fits(chain: Chain, step: int, event: Event, run: Sequence[Event], steps: Sequence[Test], rule: FunnelRule) -> bool:
    last = chain[max(chain)]
    if event in chain.values() or not steps[step](event):
        return False
    if event.us < last.us or (rule.ties == "increasing" and event.us == last.us):
        return False
    if rule.order == "strict" and run.index(event) != run.index(last) + 1:
        return False
    if rule.window_us is not None and event.us - chain[0].us > rule.window_us:
        return False
    if step in rule.within_us and event.us - last.us > rule.within_us[step]:
        return False
    return not any(
        j - 1 == step and i - 1 in chain and any(test(e) and chain[i - 1].us < e.us < event.us for e in run)
        for test, i, j in rule.exclude
    )


def _windows(events: Sequence[Event], steps: Sequence[Test], rule: FunnelRule, at: set[int]) -> Iterator[Chain]:
    """Per window and level the moment at which so many different steps can be told in it, as a chain of levels."""
    met = [event for event in events if any(step(event) for step in steps)]
    for begun in sorted({event.us for event in met} & at):
        inside = [e for e in met if e.us >= begun and (rule.window_us is None or e.us - begun <= rule.window_us)]
        chain: Chain = {}
        for until in sorted({event.us for event in inside}):
            level = _most_steps([e for e in inside if e.us <= until], steps, rule.ties)
            here = [event for event in inside if event.us == until]
            chain |= dict.fromkeys(range(len(chain), level), here[0])
            yield dict(chain)


def _most_steps(events: Sequence[Event], steps: Sequence[Test], ties: str) -> int:
    """The most steps that different events (under increasing: of different times) can serve."""
    for size in range(len(steps), 0, -1):
        for picked in itertools.permutations(events, size):
            if ties == "increasing" and len({event.us for event in picked}) < size:
                continue
            for wanted in itertools.combinations(steps, size):
                if all(step(event) for step, event in zip(wanted, picked, strict=True)):
                    return size
    return 0


def _depth(chain: Chain, rule: FunnelRule) -> int:
    return len(set(chain) - rule.optional)


def _merit(chain: Chain, rule: FunnelRule) -> tuple[object, ...]:
    """The deepest, then earliest completion, latest start, earliest second event, third ..., lowest ids."""
    required = [chain[k] for k in sorted(set(chain) - rule.optional)]
    us = [event.us for event in required]
    return -len(required), us[-1], -us[0], us[1:], [event.event_id for event in required]


def stand(events: Sequence[Event], steps: Sequence[Test], rule: FunnelRule, as_of_us: int) -> list[Standing]:
    """Where one unit (or each of its attempts) stands; nothing when it never met step 1."""
    events = [event for event in events if event.us <= as_of_us]
    streams = [events]
    if rule.hold:
        values = sorted({getattr(e, rule.hold) for e in events if getattr(e, rule.hold) is not None})
        streams = [[e for e in events if getattr(e, rule.hold) == value] for value in values]
    opens = (lambda e: any(step(e) for step in steps)) if rule.order == "any" else steps[0]
    entries = sorted(e.us for stream in streams for e in stream if opens(e))
    if not entries:
        return []
    if rule.entry != "each":
        at = set(entries[:1]) if rule.entry == "first" else set(entries)
        chains = [chain for stream in streams for chain in all_chains(stream, steps, rule, at)]
        deciding = entries[0] if rule.entry == "first" else entries[-1]
        return [_standing(chains, len(steps), rule, (entries[0], deciding), as_of_us)]
    found = []
    for stream in streams:
        after = -1
        while starts := [e.us for e in stream if opens(e) and e.us > after]:
            begun = min(starts)
            standing = _standing(
                list(all_chains(stream, steps, rule, {begun})), len(steps), rule, (begun, begun), as_of_us
            )
            if standing.status == "converted":
                after = max(e.us for k, e in standing.chain.items() if k not in rule.optional)
            else:
                after = 2**62 if rule.window_us is None else begun + rule.window_us
            # An attempt ends with its completion: what comes later belongs to it no more.
            chains = list(all_chains([e for e in stream if e.us <= after], steps, rule, {begun}))
            found.append(_standing(chains, len(steps), rule, (begun, begun), as_of_us))
    return sorted(found, key=lambda s: s.start_us)


def _standing(
    chains: Sequence[Chain], step_count: int, rule: FunnelRule, entries: tuple[int, int], as_of_us: int
) -> Standing:
    depth = max(_depth(chain, rule) for chain in chains)
    deepest = sorted((c for c in chains if _depth(c, rule) == depth), key=lambda chain: _merit(chain, rule))
    chain = {k: event for k, event in deepest[0].items() if k not in rule.optional}
    optional = {}
    for step in rule.optional:
        having = [c for c in deepest if step in c]
        if having:
            best = min(having, key=lambda c: (_merit(c, rule), c[step].us))
            optional[step + 1] = best[step].us - best[0].us
    window = rule.window_us
    is_whole = depth == step_count - len(rule.optional)
    is_open = window is not None and entries[1] + window > as_of_us
    status = "converted" if is_whole else "open" if is_open else "dropped"
    is_mature = window is None or entries[0] + window <= as_of_us
    return Standing(chain, max(chain) + 1, status, is_mature, optional)


def count(
    units: Mapping[str, Sequence[Event]], steps: Sequence[Test], rule: FunnelRule, as_of_us: int
) -> tuple[list[dict[str, object]], dict[tuple[str, int], Standing]]:
    """The rows of `.frame` (without names) and the standing of everybody with at least step 1, by unit and attempt."""
    met = {
        (unit, number): standing
        for unit, events in units.items()
        for number, standing in enumerate(stand(events, steps, rule, as_of_us), start=1)
    }
    rows = []
    before = 1
    for k in range(1, len(steps) + 1):
        reached = [s for s in met.values() if k in s.waits()]
        stopped = [s for s in met.values() if s.furthest == k]
        mature = [sum(s.is_mature and j in s.waits() for s in met.values()) for j in (1, before, k)]
        low, high = proportion_confint(mature[2], mature[0], method="wilson") if mature[0] else (None, None)
        rows.append(
            {
                "step_index": k,
                "reached_count": len(reached),
                "dropped_count": sum(s.status == "dropped" for s in stopped),
                "open_count": sum(s.status == "open" for s in stopped),
                "mature_count": mature[2],
                "step_share": mature[2] / mature[1] if mature[1] else None,
                "overall_share": mature[2] / mature[0] if mature[0] else None,
                "overall_share_low": low,
                "overall_share_high": high,
                "median_seconds_from_first": median(s.waits()[k] / SECOND for s in reached) if reached else None,
            }
        )
        if k - 1 not in rule.optional:
            before = k
    return rows, met
