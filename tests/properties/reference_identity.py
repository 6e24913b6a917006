"""A second implementation of who is who, in plain Python from the definitions alone: guards, limits, visits, ids.

It is slow and short on purpose: it shares no idea with the SQL, so that agreement means something.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import combinations

import networkx as nx

Identifier = tuple[str, str]

STRENGTHS = {"user_id": 3, "contact_id": 3, "email": 2, "loyalty_card": 2, "device_id": 1, "cookie": 1}
LIMITS = {"user_id": 1, "contact_id": 3, "email": 5, "loyalty_card": 5, "device_id": 50, "cookie": 50}
VISIT_MINUTES = 30
NO_LIMIT = 1_000_000


@dataclass(frozen=True)
class Row:
    """One row of a source: when, and which identifiers stand on it, at most one of a kind."""

    source: str
    event_id: str
    minute: int
    identifiers: Mapping[str, str]


@dataclass(frozen=True)
class Override:
    """What somebody said about two identifiers: link is must or cannot."""

    link: str
    a: Identifier
    b: Identifier


@dataclass(frozen=True)
class Rules:
    """What is configured; `limits` are those that differ from LIMITS."""

    rule: str = "device_split"
    hub_degree: int = 5
    limits: Mapping[str, int] = field(default_factory=dict)
    overrides: Sequence[Override] = ()

    def limit(self, kind: str) -> int:
        """Most different values of a kind that one person has."""
        return self.limits.get(kind, LIMITS[kind])


NO_GUARDS = Rules(hub_degree=NO_LIMIT, limits=dict.fromkeys(LIMITS, NO_LIMIT))


@dataclass
class Edge:
    """The evidence for two identifiers, of all sources together."""

    a: Identifier
    b: Identifier
    is_must: bool = False
    last_minute: int = -1
    count: int = 0

    def place(self) -> tuple[object, ...]:
        """Strongest first: somebody's word, the weaker end, the stronger end, the newest, the most, the names."""
        strengths = sorted((STRENGTHS[self.a[0]], STRENGTHS[self.b[0]]))
        return (not self.is_must, -strengths[0], -strengths[1], -self.last_minute, -self.count, self.a, self.b)


def collect_edges(rows: Iterable[Row], overrides: Iterable[Override]) -> dict[frozenset[Identifier], Edge]:
    """Every pair of identifiers that stood on one row or that somebody must-linked."""
    edges: dict[frozenset[Identifier], Edge] = {}
    for row in rows:
        for a, b in combinations(sorted(row.identifiers.items()), 2):
            edge = edges.setdefault(frozenset((a, b)), Edge(a, b))
            edge.last_minute = max(edge.last_minute, row.minute)
            edge.count += 1
    for override in overrides:
        if override.link == "must":
            a, b = sorted((override.a, override.b))
            edges.setdefault(frozenset((a, b)), Edge(a, b)).is_must = True
    return edges


def find_guarded(rows: Iterable[Row], rules: Rules) -> dict[Identifier, str]:
    """Devices and cookies of several people, and hubs. What must-links hold together counts as one."""
    musts = nx.Graph([(one.a, one.b) for one in rules.overrides if one.link == "must"])
    name = {member: min(part) for part in nx.connected_components(musts) for member in part}
    met: dict[tuple[Identifier, str], set[Identifier]] = {}
    for row in rows:
        for own, other in ((a, b) for a in row.identifiers.items() for b in row.identifiers.items()):
            if STRENGTHS[own[0]] < 3 and STRENGTHS[other[0]] == 3:
                met.setdefault((own, other[0]), set()).add(name.get(other, other))
    guarded: dict[Identifier, str] = {}
    for (own, kind), persons in met.items():
        if len(persons) > rules.hub_degree:
            guarded[own] = "hub"
        elif STRENGTHS[own[0]] == 1 and len(persons) > rules.limit(kind):
            guarded.setdefault(own, "shared")
    return guarded


def grow_persons(
    edges: Iterable[Edge], identifiers: Iterable[Identifier], rules: Rules
) -> tuple[dict[Identifier, frozenset[Identifier]], set[frozenset[Identifier]]]:
    """Take the edges strongest first; refuse those that break a limit or join what somebody keeps apart."""
    part: dict[Identifier, frozenset[Identifier]] = {one: frozenset([one]) for one in identifiers}
    apart = [(one.a, one.b) for one in rules.overrides if one.link == "cannot"]
    refused = set()
    for edge in sorted(edges, key=Edge.place):
        left, right = part[edge.a], part[edge.b]
        if left == right:
            continue
        counts = [{kind: sum(member[0] == kind for member in side) for kind in LIMITS} for side in (left, right)]
        is_crowded = any(
            counts[0][kind] and counts[1][kind] and counts[0][kind] + counts[1][kind] > rules.limit(kind)
            for kind in LIMITS
        )
        is_forbidden = any((a in left and b in right) or (a in right and b in left) for a, b in apart)
        if not edge.is_must and (is_crowded or is_forbidden):
            refused.add(frozenset((edge.a, edge.b)))
            continue
        together = left | right
        part |= dict.fromkeys(together, together)
    return part, refused


def name_person(members: Iterable[Identifier], first_minute: Mapping[Identifier, int]) -> str:
    """The hash of the strongest kind's identifier that was seen first; of ties the smaller hash."""

    def digest(one: Identifier) -> str:
        return hashlib.md5(f"{one[0]}\x1f{one[1]}".encode(), usedforsecurity=False).hexdigest()

    first = min(members, key=lambda one: (-STRENGTHS[one[0]], first_minute.get(one, NO_LIMIT), digest(one)))
    return digest(first)[:16]


@dataclass(frozen=True)
class Answer:
    """Who is who: person of each identifier, person and reason of each event, what guards did."""

    persons: dict[Identifier, str]
    events: dict[str, tuple[str, str]]
    guarded: dict[Identifier, str]
    refused: set[frozenset[Identifier]]


def find_persons(rows: Sequence[Row], rules: Rules) -> Answer:
    """Work out the whole answer."""
    is_linked = rules.rule != "none"
    overrides = rules.overrides if is_linked else ()
    edges = collect_edges(rows, overrides)
    guarded = find_guarded(rows, rules) if is_linked else {}
    forbidden = {frozenset((one.a, one.b)) for one in overrides if one.link == "cannot"}
    usable = [
        edge
        for pair, edge in edges.items()
        if edge.is_must or not (pair in forbidden or edge.a in guarded or edge.b in guarded)
    ]
    identifiers = {one for row in rows for one in row.identifiers.items()}
    identifiers |= {end for one in overrides for end in (one.a, one.b)}
    parts, refused = grow_persons(usable if is_linked else (), identifiers, rules)
    first_minute: dict[Identifier, int] = {}
    for row in rows:
        for one in row.identifiers.items():
            first_minute[one] = min(row.minute, first_minute.get(one, row.minute))
    persons = {one: name_person(part, first_minute) for one, part in parts.items()}
    events = sorted((row for row in rows if row.source != "book"), key=_place)
    trusted = {end for one in overrides if one.link == "must" for end in (one.a, one.b)}
    named = {_name_event(row): _find_name(row, guarded.keys() - trusted) for row in events}
    owners = find_owners(events, named, guarded.keys() - trusted, rules)
    persons |= {device: persons[owner] for device, owner in owners.items()}
    return Answer(
        persons, give_events(events, persons, named, guarded, rules.rule), guarded, refused | forbidden & edges.keys()
    )


def find_owners(
    events: Iterable[Row], named: Mapping[str, Identifier | None], shared: Set[Identifier], rules: Rules
) -> dict[Identifier, Identifier]:
    """Whom last_known and first_known give a device of several people to, unless an override forbids it."""
    forbidden = {frozenset((one.a, one.b)) for one in rules.overrides if one.link == "cannot"}
    owners: dict[Identifier, Identifier] = {}
    for row in events:
        device = ("device_id", row.identifiers.get("device_id", ""))
        best = named[_name_event(row)]
        if device not in shared or not best or frozenset((device, best)) in forbidden:
            continue
        if rules.rule == "last_known" or (rules.rule == "first_known" and device not in owners):
            owners[device] = best
    return owners


def give_events(
    events: Sequence[Row],
    persons: Mapping[Identifier, str],
    named: Mapping[str, Identifier | None],
    guarded: Mapping[Identifier, str],
    rule: str,
) -> dict[str, tuple[str, str]]:
    """The person of each event: whom it names, else its device's person; on a shared device the rule says."""
    found: dict[str, tuple[str, str]] = {}
    for visit in cut_visits(events):
        names = [named[_name_event(row)] for row in visit]
        for place, row in enumerate(visit):
            device = ("device_id", row.identifiers.get("device_id", ""))
            is_shared = device in guarded
            earlier = [name for name in names[:place] if name]
            later = [name for name in names[place + 1 :] if name]
            own = names[place]
            if is_shared and rule == "last_known":
                answer = (persons[device], "last on the device")
            elif own:
                answer = (persons[own], own[0])
            elif is_shared and rule == "first_known":
                answer = (persons[device], "first on the device")
            elif is_shared and rule == "device_split" and earlier:
                answer = (persons[earlier[-1]], "earlier in the visit")
            elif is_shared and rule == "device_split" and later:
                answer = (persons[later[0]], "later in the visit")
            else:
                answer = (persons[device], "device_id")
            found[_name_event(row)] = answer
    return found


def cut_visits(events: Iterable[Row]) -> list[list[Row]]:
    """Stretches of one device's web events without a longer pause; every other event stands alone."""
    visits: list[list[Row]] = []
    open_visits: dict[str, list[Row]] = {}
    for row in events:
        device = row.identifiers.get("device_id")
        last = open_visits.get(device) if device else None
        if row.source == "web" and last and row.minute - last[-1].minute <= VISIT_MINUTES:
            last.append(row)
            continue
        visits.append([row])
        if row.source == "web" and device:
            open_visits[device] = visits[-1]
    return visits


def _place(row: Row) -> tuple[object, ...]:
    """The order of events: time, source, id."""
    return (row.minute, row.source != "web", _name_event(row))


def _name_event(row: Row) -> str:
    """The first source's ids stay as they are."""
    return row.event_id if row.source == "web" else f"{row.source}:{row.event_id}"


def _find_name(row: Row, doubtful: Set[Identifier]) -> Identifier | None:
    """The identifier the row goes by: the strongest that is one person's; a cookie says nothing beside a device."""
    has_device = "device_id" in row.identifiers
    named = [
        one for one in row.identifiers.items() if one[0] != "device_id" and not (has_device and one[0] == "cookie")
    ]
    named.sort(key=lambda one: (one[0] != "user_id", -STRENGTHS[one[0]], one[0]))
    certain = [one for one in named if one not in doubtful]
    if certain:
        return certain[0]
    return named[0] if named and not has_device else None
