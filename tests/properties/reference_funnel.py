"""The funnel by exhaustive search: every chain of every person is written down, and the documents choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from reference import SECOND, Event
from statsmodels.stats.proportion import proportion_confint

Test = Callable[[Event], bool]


@dataclass(frozen=True)
class FunnelRule:
    """The arguments of `funnel()` that are available."""

    window_us: int | None = None
    entry: str = "best"
    ties: str = "together"


@dataclass(frozen=True)
class Standing:
    """How far one unit got."""

    chain: tuple[Event, ...]
    status: str
    is_mature: bool


def any_of(*names: str) -> Test:
    """A step that any of these names satisfies."""
    return lambda event: event.event in names


def all_chains(events: Sequence[Event], steps: Sequence[Test], rule: FunnelRule) -> Iterator[tuple[Event, ...]]:
    """Every chain of distinct events, of every depth, that the rule lets count."""
    entries = [event for event in events if steps[0](event)]
    if rule.entry == "first" and entries:
        earliest = min(event.us for event in entries)
        entries = [event for event in entries if event.us == earliest]
    grown: list[tuple[Event, ...]] = [(entry,) for entry in entries]
    while grown:
        chain = grown.pop()
        yield chain
        if len(chain) == len(steps):
            continue
        for event in events:
            is_later = event.us > chain[-1].us or (rule.ties == "together" and event.us == chain[-1].us)
            is_inside = rule.window_us is None or event.us - chain[0].us <= rule.window_us
            if event not in chain and is_later and is_inside and steps[len(chain)](event):
                grown.append((*chain, event))


def choose(chains: Sequence[tuple[Event, ...]]) -> tuple[Event, ...]:
    """The deepest, then earliest completion, latest start, earliest second event, third ..., lowest ids."""
    return min(
        chains,
        key=lambda chain: (
            -len(chain),
            chain[-1].us,
            -chain[0].us,
            [event.us for event in chain[1:]],
            [event.event_id for event in chain],
        ),
    )


def stand(events: Sequence[Event], steps: Sequence[Test], rule: FunnelRule, as_of_us: int) -> Standing | None:
    """Where one unit stands, or None when it never met step 1."""
    events = [event for event in events if event.us <= as_of_us]
    entries = [event.us for event in events if steps[0](event)]
    if not entries:
        return None
    chain = choose(list(all_chains(events, steps, rule)))
    deciding = min(entries) if rule.entry == "first" else max(entries)
    is_open = rule.window_us is not None and deciding + rule.window_us > as_of_us
    status = "converted" if len(chain) == len(steps) else "open" if is_open else "dropped"
    is_mature = rule.window_us is None or min(entries) + rule.window_us <= as_of_us
    return Standing(chain, status, is_mature)


def count(
    units: Mapping[str, Sequence[Event]], steps: Sequence[Test], rule: FunnelRule, as_of_us: int
) -> tuple[list[dict[str, object]], dict[str, Standing]]:
    """The rows of `.frame` (without names) and the standing of everybody with at least step 1."""
    standings = {unit: stand(events, steps, rule, as_of_us) for unit, events in units.items()}
    met = {unit: standing for unit, standing in standings.items() if standing is not None}
    rows = []
    for k in range(1, len(steps) + 1):
        reached = [s for s in met.values() if len(s.chain) >= k]
        stopped = [s for s in met.values() if len(s.chain) == k]
        mature = [_mature(met, j) for j in (1, max(k - 1, 1), k)]
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
                "median_seconds_from_first": (
                    median((s.chain[k - 1].us - s.chain[0].us) / SECOND for s in reached) if reached else None
                ),
            }
        )
    return rows, met


def _mature(met: Mapping[str, Standing], k: int) -> int:
    return sum(s.is_mature and len(s.chain) >= k for s in met.values())
