"""Exits, stages, touches and visits counted person by person, from the sentences of the documents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from reference import Event

Units = Mapping[str, Sequence[Event]]


def count_exits(sessions: Sequence[Sequence[Event]]) -> dict[str, Counter[str]]:
    """Sessions with, contacts, exits, landings and bounces of each touchpoint; every event is a contact."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for events in sessions:
        for name in {event.event for event in events}:
            counts[name]["session"] += 1
        for event in events:
            counts[event.event]["view"] += 1
        counts[events[-1].event]["exit"] += 1
        counts[events[0].event]["landing"] += 1
        counts[events[0].event]["bounce"] += len(events) == 1
    return dict(counts)


def count_stages(
    units: Units, stages: Sequence[set[str]], goal: str, within_us: int, as_of_us: int
) -> list[Counter[str]]:
    """How each person went on after first reaching each stage."""
    counts: list[Counter[str]] = [Counter() for _ in stages]
    for events in units.values():
        for place, names in enumerate(stages):
            start = next((n for n, event in enumerate(events) if event.event in names), None)
            if start is None:
                continue
            end_us = events[start].us + within_us
            inside = [event for event in events[start:] if event.us <= end_us]
            later = set().union(*stages[place + 1 :])
            if end_us > as_of_us:
                counts[place]["open"] += 1
            elif any(event.event == goal for event in inside):
                counts[place]["converted"] += 1
            elif any(event.event in later for event in inside[1:]):
                counts[place]["progressed"] += 1
            else:
                counts[place]["abandoned"] += 1
    return counts


def count_touches(
    units: Units, stages: Sequence[set[str]], goal: str, inactive_us: int, as_of_us: int
) -> list[dict[str, list[int]]]:
    """Touches of each stage before the first goal, one number per person, by how the person ended."""
    found: list[dict[str, list[int]]] = [defaultdict(list) for _ in stages]
    for events in units.values():
        end = next((n for n, event in enumerate(events) if event.event == goal), None)
        is_over = events[-1].us + inactive_us <= as_of_us
        outcome = "converted" if end is not None else "dropped" if is_over else "open"
        for place, names in enumerate(stages):
            touches = sum(event.event in names for event in events[:end])
            if touches:
                found[place][outcome].append(touches)
    return found


def count_visits(sessions: Sequence[Sequence[Event]], goal: str) -> dict[str, int]:
    """Sessions begun by the time of the first goal, of each person who reached it."""
    goal_us: dict[str, int] = {}
    for event in (event for events in sessions for event in events if event.event == goal):
        goal_us[event.person] = min(event.us, goal_us.get(event.person, event.us))
    return {
        person: sum(events[0].person == person and events[0].us <= us for events in sessions)
        for person, us in goal_us.items()
    }
