"""Waits, walks, patterns and needless steps counted person by person, from the sentences of the documents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reference import SECOND, Event

Units = Mapping[str, Sequence[Event]]
Run = list[Event]


def runs_of(events: Sequence[Event], *, is_collapsed: bool) -> list[Run]:
    """Cut a sequence into steps: one event each, or stretches of one name."""
    runs: list[Run] = []
    for event in events:
        if is_collapsed and runs and runs[-1][0].event == event.event:
            runs[-1].append(event)
        else:
            runs.append([event])
    return runs


def before_goal(events: Sequence[Event], goal: str) -> tuple[list[Event], bool]:
    """The events before the first goal, and whether there is one."""
    for place, event in enumerate(events):
        if event.event == goal:
            return list(events[:place]), True
    return list(events), False


def list_waits(units: Units, *, is_collapsed: bool) -> tuple[dict[tuple[str, str], list[int]], Counter[str]]:
    """The waits of each pair in microseconds, and how often each step was the last."""
    waits: dict[tuple[str, str], list[int]] = defaultdict(list)
    waiting: Counter[str] = Counter()
    for events in units.values():
        runs = runs_of(events, is_collapsed=is_collapsed)
        for here, after in pairwise(runs):
            waits[here[0].event, after[0].event].append(after[0].us - here[0].us)
        waiting[runs[-1][0].event] += 1
    return waits, waiting


@dataclass(frozen=True)
class Walk:
    """One path: its unit, names, the place of its anchor, and how it ends."""

    unit: str
    names: list[str]
    anchor: int
    outcome: str


def list_walks(
    units: Units, named: dict, *, is_first: bool, is_collapsed: bool, inactive_us: int, as_of_us: int
) -> list[Walk]:
    """Try every contact as the anchor, and look for the rest of the chain one contact at a time."""
    walks = []
    for unit, events in units.items():
        names = [run[0].event for run in runs_of(events, is_collapsed=is_collapsed)]
        last = "(dropped)" if events[-1].us + inactive_us <= as_of_us else "(open)"
        places = list(range(len(names)))
        if is_first and (named["start"] or named["end"] is None):
            anchor = named["start"] or named["via"][0]
            places = [place for place in places if names[place] == anchor][:1]
        found = [walk for place in places if (walk := _try(unit, names, place, named, last))]
        walks += found[:1] if is_first else found
    return walks


def _try(unit: str, names: list[str], place: int, named: dict, last: str) -> Walk | None:
    start, vias, end, goal = named["start"], list(named["via"]), named["end"], named["goal"]
    if start is None and end is not None:
        rest = list(vias)
        for name in names[:place]:
            if rest and rest[0] == name:
                rest.pop(0)
        return Walk(unit, names[: place + 1], place, "(end)") if names[place] == end and not rest else None
    if names[place] != (start or vias[0]):
        return None
    shown = names if start is None else names[place:]
    anchor = place if start is None else 0
    rest = vias[1:] if start is None else vias
    if end is not None:
        rest = [*rest, end]
    for here in range(anchor, len(shown)):
        if here > anchor and rest and shown[here] == rest[0]:
            rest = rest[1:]
            if not rest and end is not None:
                return Walk(unit, shown[: here + 1], anchor, "(converted)" if shown[here] == goal else "(end)")
        if shown[here] == goal:
            return None if rest else Walk(unit, shown[: here + 1], anchor, "(converted)")
    return None if rest else Walk(unit, shown, anchor, last)


def count_links(
    walks: Sequence[Walk], *, depth: int, top: int | None, sides: tuple[bool, bool]
) -> Counter[tuple[int, str, str]]:
    """Links by position from the anchor."""
    is_backward, is_forward = sides
    low, high = -depth if is_backward else 0, depth if is_forward else 0
    at = {
        position: {
            number: walk.names[walk.anchor + position]
            for number, walk in enumerate(walks)
            if 0 <= walk.anchor + position < len(walk.names)
        }
        for position in range(low, high + 1)
    }
    for position, found in at.items():
        counts = Counter(found.values())
        kept = sorted(counts, key=lambda name: (-counts[name], name.encode()))[:top]
        at[position] = {number: name if name in kept else "(other)" for number, name in found.items()}
    links: Counter[tuple[int, str, str]] = Counter()
    for position, found in at.items():
        for number, name in found.items():
            walk = walks[number]
            place = walk.anchor + position
            is_end = place == len(walk.names) - 1
            links[position, name, walk.outcome if is_end else at.get(position + 1, {}).get(number, "(more)")] += 1
            if is_backward and position <= 0 and (place == 0 or position == low):
                links[position - 1, "(start)" if place == 0 else "(more)", name] += 1
    return links


def list_patterns(
    units: Units, goal: str, *, length: int, least: int, is_collapsed: bool
) -> dict[tuple[str, ...], set]:
    """Every closed pattern with the units that have it, by trying all stretches of all units."""
    owners: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for unit, events in units.items():
        names = [run[0].event for run in runs_of(before_goal(events, goal)[0], is_collapsed=is_collapsed)]
        for place in range(len(names)):
            for size in range(1, min(length, len(names) - place) + 1):
                owners[tuple(names[place : place + size])].add(unit)
    kept = {pattern: had for pattern, had in owners.items() if len(had) >= least}

    def holds(long: tuple[str, ...], short: tuple[str, ...]) -> bool:
        return len(long) > len(short) and any(
            long[place : place + len(short)] == short for place in range(len(long) - len(short) + 1)
        )

    return {
        pattern: had
        for pattern, had in kept.items()
        if not any(holds(other, pattern) and kept[other] == had for other in kept)
    }


def list_needless(units: Units, goal: str) -> dict[tuple[str, str, str | None], list[tuple[str, int]]]:
    """Every repeat and detour with its unit and its extra microseconds."""
    found: dict[tuple[str, str, str | None], list[tuple[str, int]]] = defaultdict(list)
    for unit, events in units.items():
        before, _ = before_goal(events, goal)
        for here, after in pairwise(before):
            if here.event == after.event:
                found["repeat", here.event, None].append((unit, after.us - here.us))
        runs = runs_of(before, is_collapsed=True)
        for one, two, three in zip(runs, runs[1:], runs[2:], strict=False):
            if one[0].event == three[0].event:
                found["detour", one[0].event, two[0].event].append((unit, three[0].us - one[-1].us))
    return found


def seconds(us: int) -> float:
    """Microseconds as seconds."""
    return us / SECOND
