"""Transitions, paths and touchpoints counted person by person, from the sentences of the documents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from reference import SECOND, Event
from statsmodels.stats.proportion import proportion_confint

Test = Callable[[Event], bool]
Units = Mapping[str, Sequence[Event]]


def collapse(names: Sequence[str]) -> list[str]:
    """Make consecutive repeats one."""
    return [name for place, name in enumerate(names) if place == 0 or names[place - 1] != name]


@dataclass
class Pair:
    """What is known of one pair of steps."""

    count: int = 0
    persons: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)


def count_transitions(units: Units, *, is_collapsed: bool, has_boundaries: bool) -> dict[tuple[str, str], Pair]:
    """Adjacent pairs; collapsed, a stretch of one step counts once and has the time of its first event."""
    pairs: dict[tuple[str, str], Pair] = defaultdict(Pair)

    def note(start: str, end: str, person: str, seconds: float | None) -> None:
        pair = pairs[start, end]
        pair.count += 1
        pair.persons.add(person)
        if seconds is not None:
            pair.seconds.append(seconds)

    for events in units.values():
        stretches = [e for n, e in enumerate(events) if not (is_collapsed and n and events[n - 1].event == e.event)]
        for left, right in pairwise(stretches):
            note(left.event, right.event, left.person, (right.us - left.us) / SECOND)
        if has_boundaries and events:
            note("(start)", events[0].event, events[0].person, None)
            note(events[-1].event, "(end)", events[-1].person, None)
    return dict(pairs)


@dataclass(frozen=True)
class Cut:
    """One unit's path: its events and how it ends."""

    events: tuple[Event, ...]
    outcome: str


@dataclass(frozen=True)
class Anchors:
    """Where paths start, convert and end."""

    start: Test | None = None
    goal: Test | None = None
    end: Test | None = None


def cut(events: Sequence[Event], anchors: Anchors, inactive_us: int, as_of_us: int) -> Cut | None:
    """Apply start, then goal, then end; None when the unit lacks a start or an end that was asked for."""
    path = list(events)
    is_converted = is_ended = False
    if anchors.start:
        first = _place(path, anchors.start, 0)
        if first is None:
            return None
        path = path[first:]
    if anchors.goal:
        met = _place(path, anchors.goal, 0)
        if met is not None:
            path, is_converted = path[: met + 1], True
    if anchors.end:
        met = _place(path, anchors.end, 1 if anchors.start else 0)
        if met is None:
            return None
        is_converted = is_converted and met == len(path) - 1
        path, is_ended = path[: met + 1], not is_converted
    if is_converted:
        return Cut(tuple(path), "(converted)")
    if is_ended:
        return Cut(tuple(path), "(end)")
    return Cut(tuple(path), "(dropped)" if events[-1].us + inactive_us <= as_of_us else "(open)")


def _place(path: Sequence[Event], test: Test, start: int) -> int | None:
    return next((place for place in range(start, len(path)) if test(path[place])), None)


def count_paths(
    cuts: Sequence[Cut], *, depth: int, top: int | None, is_collapsed: bool
) -> tuple[Counter[tuple[int, str, str]], dict[int, Counter[str]]]:
    """Links (step_index, from, to) and the balance of each position."""
    paths = []
    for one in cuts:
        names = [event.event for event in one.events]
        paths.append((collapse(names) if is_collapsed else names, one.outcome))
    kept = {}
    for place in range(depth):
        met = Counter(names[place] for names, _ in paths if len(names) > place)
        ranked = sorted(met, key=lambda name: (-met[name], name.encode()))
        kept[place] = set(ranked if top is None else ranked[:top])
    links: Counter[tuple[int, str, str]] = Counter()
    balance: dict[int, Counter[str]] = defaultdict(Counter)
    words = {"(converted)": "converted", "(dropped)": "dropped", "(open)": "open", "(end)": "continued"}
    for names, outcome in paths:
        shown = [name if name in kept.get(place, ()) else "(other)" for place, name in enumerate(names)]
        for place in range(min(depth, len(names))):
            balance[place + 1]["entrant"] += 1
            if place == len(names) - 1:
                target, word = outcome, words[outcome]
            else:
                target, word = (shown[place + 1] if place + 1 < depth else "(more)"), "continued"
            links[place + 1, shown[place], target] += 1
            balance[place + 1][word] += 1
    return links, dict(balance)


def count_touchpoints(units: Units, goal: Test, inactive_us: int, as_of_us: int) -> dict[str, dict[str, object]]:
    """One row per touchpoint from contacts strictly before the first goal, in the order of events."""
    before: dict[str, list[str]] = {}
    outcome: dict[str, str] = {}
    for person, events in units.items():
        met = _place(events, goal, 0)
        before[person] = [event.event for event in (events if met is None else events[:met])]
        is_over = events[-1].us + inactive_us <= as_of_us
        outcome[person] = "converted" if met is not None else "dropped" if is_over else "open"
    everybody, converted = len(units), sum(word == "converted" for word in outcome.values())
    rows = {}
    for name in {name for names in before.values() for name in names}:
        with_it = [person for person, names in before.items() if name in names]
        leaving = [person for person, names in before.items() if names and names[-1] == name]
        won = sum(outcome[person] == "converted" for person in with_it)
        low, high = proportion_confint(won, len(with_it), method="wilson")
        others, others_won = everybody - len(with_it), converted - won
        rows[name] = {
            "person_count": len(with_it),
            "reach_share": len(with_it) / everybody,
            "exit_count": len(leaving),
            "dropped_count": sum(outcome[person] == "dropped" for person in leaving),
            "open_count": sum(outcome[person] == "open" for person in leaving),
            "converted_count": won,
            "conversion_share": won / len(with_it),
            "conversion_share_low": low,
            "conversion_share_high": high,
            "baseline_share": converted / everybody,
            "lift": (won / len(with_it)) / (others_won / others) if others and others_won else None,
        }
    return rows


def median_of(pair: Pair) -> float | None:
    """Median seconds of a pair, none at a boundary."""
    return median(pair.seconds) if pair.seconds else None
