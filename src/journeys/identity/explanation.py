"""What is known about one identifier, as plain frozen objects: its person, the evidence, what the guards refused."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from journeys.units import time_text


@dataclass(frozen=True)
class Evidence:
    """Rows of one source that link two identifiers, or an override.

    Attributes:
        source: name of the source; 'override' for somebody's word.
        rule: same_row or must_link.
        first_seen_at: ISO time in UTC; None for an override.
        last_seen_at: as `first_seen_at`.
        event_count: rows that say so.
    """

    source: str
    rule: str
    first_seen_at: str | None
    last_seen_at: str | None
    event_count: int


@dataclass(frozen=True)
class Link:
    """One link of a chain: `to` hangs on `start`, both as KIND:VALUE, by this evidence."""

    start: str
    to: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Member:
    """One identifier of the person.

    Attributes:
        identifier: KIND:VALUE.
        first_seen_at: ISO time in UTC; None when only an override names it.
        last_seen_at: as `first_seen_at`.
        event_count: rows that carry it, those of address books too.
        is_composite: a device key built from several columns, which never links persons.
        guard: shared or hub when it is kept out of the graph, else None.
        link: the last link of the shortest chain from the identifier asked for; None for that one itself, and for one
            that no accepted evidence leads to.
    """

    identifier: str
    first_seen_at: str | None
    last_seen_at: str | None
    event_count: int
    is_composite: bool = False
    guard: str | None = None
    link: Link | None = None


@dataclass(frozen=True)
class Refusal:
    """What a guard refused: an identifier, or its link with another; `reason` in words."""

    guard: str
    identifier: str
    other: str | None
    source: str
    event_count: int
    reason: str


@dataclass(frozen=True)
class Blocked:
    """A value that never identifies anybody: why, and the rows it stood on: (value as given, source, rows)."""

    reason: str
    rows: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Guarded:
    """An identifier of many people, kept out of the graph.

    Attributes:
        guard: shared or hub.
        linked_kind: it was met with too many of this kind.
        linked_count: so many.
        allowed_count: so many would do.
        users: identifiers of that kind it was met with, with rows, the most first.
        given: its events: (known_by, persons, events), the most events first.
    """

    guard: str
    linked_kind: str
    linked_count: int
    allowed_count: int
    users: tuple[tuple[str, int], ...]
    given: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class AccountTie:
    """A company the person acts for."""

    account_id: str
    origin: str
    first_seen_at: str | None
    last_seen_at: str | None
    event_count: int


@dataclass(frozen=True)
class FormerId:
    """An id the person, or a part of it, had before: what changed it, from which id to which, and in which night."""

    person_id: str
    new_person_id: str
    change: str
    identifier_count: int
    changed_at: str
    snapshot_id: str


@dataclass(frozen=True)
class PersonFacts:
    """A person; what is counted over events is None where no event is theirs.

    Attributes:
        known_by: how the person's events are known to be theirs: (how, events), the most first.
    """

    person_id: str
    is_known: bool | None = None
    is_bot: bool | None = None
    first_seen_at: str | None = None
    last_seen_at: str | None = None
    event_count: int = 0
    known_by: tuple[tuple[str, int], ...] = ()
    accounts: tuple[AccountTie, ...] = ()
    former_ids: tuple[FormerId, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """Everything about one identifier.

    Attributes:
        asked: KIND:VALUE as asked for.
        identifier: the same, made alike as the data are.
        as_of: time of the snapshot.
        blocked: why it never identifies, else None; all below is empty then.
        guarded: how it is kept out, else None.
        person: whose it is.
        identifiers: the person's identifiers: the one asked for, then those fewest links away.
        refused: what the guards refused around them.
    """

    asked: str
    identifier: str
    as_of: str
    blocked: Blocked | None = None
    guarded: Guarded | None = None
    person: PersonFacts | None = None
    identifiers: tuple[Member, ...] = ()
    refused: tuple[Refusal, ...] = ()

    def chain(self, identifier: str) -> tuple[Link, ...]:
        """Return the shortest chain of accepted links from the identifier asked for to another of the person."""
        links = {member.identifier: member.link for member in self.identifiers}
        found: list[Link] = []
        while link := links.get(identifier):
            found.append(link)
            identifier = link.start
        return tuple(reversed(found))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON; each identifier with its whole chain."""
        content = asdict(self)
        for member in content["identifiers"]:
            del member["link"]
            member["chain"] = [asdict(link) for link in self.chain(member["identifier"])]
        _name_cells(content["blocked"], rows=("given_value", "source", "row_count"))
        _name_cells(content["guarded"], users=("identifier", "event_count"))
        _name_cells(content["guarded"], given=("known_by", "person_count", "event_count"))
        _name_cells(content["person"], known_by=("known_by", "event_count"))
        return content


def _name_cells(part: dict[str, Any] | None, **columns: tuple[str, ...]) -> None:
    for name, names in columns.items():
        if part is not None:
            part[name] = [dict(zip(names, row, strict=True)) for row in part[name]]


def moment_text(us: int | None) -> str | None:
    """Write microseconds since 1970 as ISO text in UTC; none stays none."""
    return None if us is None else time_text(us)
