"""A refreshed sample company with its truth: every rule of the product, and plain components, scored alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow.parquet as pq
from scores import (
    count_majority_events,
    count_right_events,
    count_right_pairs,
    group_by,
    measure_b_cubed,
    pairs_of,
)
from source_rows import Identifier, draw_links, drop_nobody, make_alike, read_other_rows, read_web_events

from journeys.config import load_settings
from journeys.identity import RULES, build_persons
from journeys.sample import CompanyParameters, write_company
from journeys.warehouse import Engine, find_current


@dataclass(frozen=True)
class Score:
    """How one way to tell persons apart agrees with the truth; all numbers are shares from 0 to 1.

    Attributes:
        name: the rule.
        precision: of the pairs of identifiers it puts together, those that share a true person.
        recall: of the pairs that the evidence allows, those it puts together.
        accuracy: of the events, those whose person of ours and true person are each other's main counterpart.
        majority: of the events, those whose true person is the commonest in their person of ours.
        b_cubed: precision and recall over events.
    """

    name: str
    precision: float
    recall: float
    accuracy: float
    majority: float
    b_cubed: tuple[float, float]

    def __str__(self) -> str:
        numbers = (self.precision, self.recall, self.accuracy, self.majority, *self.b_cubed)
        return f"{self.name:<16}" + "".join(f"{number:10.4f}" for number in numbers)


HEADER = f"{'':<16}" + "".join(
    f"{name:>10}" for name in ("pairs prec", "recall", "events", "majority", "B3 prec", "B3 rec")
)


@dataclass(frozen=True)
class Judgement:
    """A company on disk, refreshed, with what its truth tables and its sources say."""

    folder: Path

    def table(self, name: str) -> list[dict[str, Any]]:
        """Rows of a truth table."""
        return pq.read_table(self.folder / "truth" / f"{name}.parquet").to_pylist()

    @cached_property
    def notes(self) -> dict[Identifier, str]:
        """Every identifier that occurs, with the truth's note."""
        return {(row["kind"], make_alike(row["kind"], row["value"])): row["note"] for row in self.table("identifiers")}

    @cached_property
    def owners(self) -> dict[Identifier, set[str]]:
        """The true persons of each identifier that has any."""
        found: dict[Identifier, set[str]] = defaultdict(set)
        for row in self.table("identifiers"):
            if row["person_id"]:
                found[row["kind"], make_alike(row["kind"], row["value"])].add(row["person_id"])
        return dict(found)

    @cached_property
    def true_events(self) -> dict[str, str]:
        """The true person of each human web event that carries an identifier."""
        rows = self.table("events")
        return {
            row["event_id"]: row["person_id"]
            for row in rows
            if row["person_id"] and drop_nobody(self.web_events[row["event_id"]])
        }

    @cached_property
    def web_events(self) -> dict[str, set[Identifier]]:
        """Every web event with the identifiers on its lines."""
        return read_web_events(self.folder)

    @cached_property
    def links(self) -> nx.Graph:
        """Identifiers that stand on one row of a source, without values that name nobody."""
        return draw_links(drop_nobody(row) for row in [*self.web_events.values(), *read_other_rows(self.folder)])

    @cached_property
    def shared_devices(self) -> set[Identifier]:
        """Devices on which the sources show log-ins of two people or more."""
        known: dict[Identifier, set[Identifier]] = defaultdict(set)
        for ends in self.links.edges:
            for one, other in (ends, ends[::-1]):
                if one[0] == "device_id" and other[0] == "user_id":
                    known[one].add(other)
        return {device for device, users in known.items() if len(users) > 1}

    @cached_property
    def allowed_pairs(self) -> set[frozenset[Identifier]]:
        """Pairs of one true person's identifiers that hang together by rows which are all that person's.

        Devices of several people are left out: in a partition they cannot be with each of them.
        """
        owned: dict[str, set[Identifier]] = defaultdict(set)
        for identifier, persons in self.owners.items():
            for person in persons:
                owned[person].add(identifier)
        allowed: set[frozenset[Identifier]] = set()
        for identifiers in owned.values():
            own = self.links.subgraph(identifiers)
            allowed |= pairs_of(part - self.shared_devices for part in nx.connected_components(own))
        return allowed

    @cached_property
    def engine(self) -> Engine:
        """The published tables."""
        snapshot = find_current(self.folder / "warehouse")
        assert snapshot is not None
        engine = Engine()
        engine.attach(snapshot.results, name="published")
        return engine

    def score(self, name: str, identifiers: Mapping[Identifier, str], events: Mapping[str, str]) -> Score:
        """Compare a partition of identifiers and one of events with the truth."""
        right, total = count_right_pairs(group_by(identifiers), self.owners)
        found = sum(len({identifiers[member] for member in pair}) == 1 for pair in self.allowed_pairs)
        count = len(self.true_events)
        return Score(
            name,
            right / total if total else 1.0,
            found / len(self.allowed_pairs),
            count_right_events(events, self.true_events) / count,
            count_majority_events(events, self.true_events) / count,
            measure_b_cubed(events, self.true_events),
        )

    def score_published(self) -> Score:
        """Score what the nightly flow published."""
        return self.score("published", *read_persons(self.engine))

    def score_rules(self) -> dict[str, Score]:
        """Score every rule of the product on the published events, and components without guards."""
        settings = load_settings(self.folder / "journeys.toml")
        scores = {}
        for rule in RULES:
            with self.engine.scratch() as scratch:
                build_persons(scratch, settings, rule=rule)
                scores[rule] = self.score(rule, *read_persons(scratch))
        return scores | {"no guards": self._score_components()}

    def _score_components(self) -> Score:
        parts = {node: str(number) for number, part in enumerate(nx.connected_components(self.links)) for node in part}
        events = {event: parts[min(drop_nobody(self.web_events[event]))] for event in self.true_events}
        return self.score("no guards", parts, events)


def read_persons(engine: Engine) -> tuple[dict[Identifier, str], dict[str, str]]:
    """The person of each identifier and of each event."""
    rows = engine.rows("SELECT identifier_kind, identifier_value, person_id FROM person_identifiers")
    events = dict(engine.rows("SELECT event_id, person_id FROM event_persons"))
    return {(kind, value): person for kind, value, person in rows}, events


def judge(folder: Path, refresh: Callable[..., Any], *, person_count: int) -> Judgement:
    """Write a company and refresh it."""
    write_company(folder, CompanyParameters(person_count=person_count))
    refresh(folder / "journeys.toml")
    return Judgement(folder)
