"""Random logs of identifiers, hard on purpose: few values, many ties, devices shared, cards found, ids swapped.

Cases are told apart by a prefix of their values, so that one run of the product answers hundreds of them.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st
from reference_identity import Identifier, Override, Row, Rules

from journeys.config import load_settings
from journeys.identity import build_persons
from journeys.sources import pull_source
from journeys.sources.events import build_events
from journeys.warehouse import Engine

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
LOADED_AT_US = 1_800_000_000_000_000
# In the order of the configuration: the log of a website, a CRM's activities, an address book.
SOURCES = ("web", "crm", "book")
KINDS_OF = {
    "web": ("device_id", "user_id", "email", "cookie"),
    "crm": ("user_id", "contact_id", "email"),
    "book": ("user_id", "contact_id", "email", "loyalty_card"),
}
SIZES = {"device_id": 3, "user_id": 3, "contact_id": 4, "email": 4, "cookie": 2, "loyalty_card": 2}
CHANCES = {"device_id": 0.85, "user_id": 0.4, "contact_id": 0.8, "email": 0.35, "cookie": 0.2, "loyalty_card": 0.4}
SPAN_MINUTES = 120

SOURCE = """
[[source]]
name = "{name}"
kind = "file"
path = "data/{name}/*.jsonl"
holds = "{holds}"
{interaction}
[source.columns]
occurred_at = "at"
{columns}
[source.identifiers]
{identifiers}
"""


def write_configuration(rules: Rules) -> str:
    """A journeys.toml for these rules."""
    parts = ['[project]\nname = "Random"\n']
    for name in SOURCES:
        own = [kind for kind in KINDS_OF[name] if kind in ("device_id", "user_id")]
        holds = "contacts" if name == "book" else "events"
        columns = [f'{kind} = "{kind}"' for kind in own]
        columns += ['event_id = "id"', 'event = "event"'] if holds == "events" else []
        further = [f'{kind} = "{kind}"' for kind in KINDS_OF[name] if kind not in own]
        interaction = "" if name == "book" else f"interaction = {str(name == 'web').lower()}"
        parts.append(SOURCE.format(name=name, holds=holds, interaction=interaction, columns="\n".join(columns),
                                   identifiers="\n".join(further)))  # fmt: skip
    parts.append(f'[identity]\nrule = "{rules.rule}"\nhub_degree = {rules.hub_degree}\naccount_domains = false\n')
    parts += [f"[identity.kinds.{kind}]\nperson_limit = {limit}\n" for kind, limit in rules.limits.items()]
    for one in rules.overrides:
        ends = "\n".join(f'{end} = "{kind}:{value}"' for end, (kind, value) in zip("ab", (one.a, one.b), strict=True))
        parts.append(f'[[identity.override]]\nlink = "{one.link}"\n{ends}\nauthor = "Anna"\nreason = "asked"\n')
    parts.append('[[goal]]\nname = "seen"\nmatch = { event = "seen" }\n')
    return "\n".join(parts)


def write_log(folder: Path, rows: Iterable[Row], *, deal: Callable[[Row], str] = lambda row: "log") -> None:
    """Write the rows, in the order given, each into the file of its source that `deal` names."""
    for name in SOURCES:
        (folder / "data" / name).mkdir(parents=True, exist_ok=True)
        (folder / "data" / name / "log.jsonl").touch()
    for row in rows:
        at = (START + timedelta(minutes=row.minute)).isoformat()
        content = {"id": row.event_id, "at": at, "event": "seen", **row.identifiers}
        with (folder / "data" / row.source / f"{deal(row)}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(content) + "\n")


@dataclass(frozen=True)
class Found:
    """What the product says: the person of each identifier, of each event and why, and what the guards refused."""

    persons: dict[Identifier, str]
    events: dict[str, tuple[str, str]]
    guarded: dict[Identifier, str]
    refused: set[frozenset[Identifier]] = field(default_factory=set)

    def parts(self) -> set[frozenset[Identifier]]:
        """The partition of the identifiers."""
        members: dict[str, set[Identifier]] = {}
        for identifier, person in self.persons.items():
            members.setdefault(person, set()).add(identifier)
        return {frozenset(part) for part in members.values()}


def resolve(
    rows: Sequence[Row], rules: Rules, *, deal: Callable[[Row], str] = lambda row: "log", times: int = 1
) -> Found:
    """Read the rows from files and work out who is who, as the nightly flow does, so many times over."""
    with tempfile.TemporaryDirectory() as name, Engine() as engine:
        folder = Path(name)
        config = folder / "journeys.toml"
        config.write_text(write_configuration(rules), encoding="utf-8")
        write_log(folder, rows, deal=deal)
        settings = load_settings(config)
        landing = folder / "landing"
        for source in settings.sources:
            pull_source(source, settings.project, folder=landing, settings_folder=folder, loaded_at_us=LOADED_AT_US)
        build_events(engine, settings, sorted(landing.glob("*.parquet")))
        for _ in range(times):
            build_persons(engine, settings)
        return read_found(engine)


def read_found(engine: Engine) -> Found:
    """Read the product's tables."""
    persons = engine.rows("SELECT identifier_kind, identifier_value, person_id FROM person_identifiers")
    events = engine.rows("SELECT event_id, person_id, known_by FROM event_persons")
    guarded = engine.rows("SELECT identifier_kind, identifier_value, guard FROM guarded_identifiers")
    refused = engine.rows(
        "SELECT identifier_kind, identifier_value, other_kind, other_value FROM identity_refusals "
        "WHERE guard IN ('limit', 'cannot_link')"
    )
    return Found(
        {(kind, value): person for kind, value, person in persons},
        {event: (person, known_by) for event, person, known_by in events},
        {(kind, value): guard for kind, value, guard in guarded},
        {frozenset(((kind, value), (other_kind, other))) for kind, value, other_kind, other in refused},
    )


def draw_rows(source: random.Random, *, case: str, most: int) -> list[Row]:
    """Up to `most` rows of one case; each names one person at least."""
    rows = []
    for number in range(source.randint(1, most)):
        name = source.choices(SOURCES, (6, 2, 1))[0]
        identifiers = {
            kind: f"{case}{kind[0]}{_draw_low(source, SIZES[kind])}" + ("@x.example" if kind == "email" else "")
            for kind in KINDS_OF[name]
            if source.random() < CHANCES[kind]
        }
        if identifiers:
            minute = source.randrange(0, SPAN_MINUTES, 5)
            rows.append(Row(name, f"{case}{number:03d}", minute, identifiers))
    return rows


def _draw_low(source: random.Random, size: int) -> int:
    """A number below `size`, low ones more often, so that some values are met by many."""
    return min(source.randrange(size), source.randrange(size))


def draw_overrides(source: random.Random, rows: Sequence[Row], *, most: int) -> list[Override]:
    """Must- and cannot-links between identifiers of the rows, none contradicting another."""
    known = sorted({identifier for row in rows for identifier in row.identifiers.items()})
    overrides: list[Override] = []
    joined = {identifier: {identifier} for identifier in known}
    for _ in range(source.randint(0, most) if len(known) > 1 else 0):
        a, b = source.sample(known, 2)
        parted = [one for one in overrides if one.link == "cannot"]
        if source.random() < 0.5:
            if b not in joined[a]:
                overrides.append(Override("cannot", a, b))
        elif not any(
            {one.a, one.b} & joined[a] and {one.a, one.b} & joined[b] and joined[a] is not joined[b] for one in parted
        ):
            overrides.append(Override("must", a, b))
            together = joined[a] | joined[b]
            joined |= dict.fromkeys(together, together)
    return overrides


def draw_cases(seed: int, count: int, *, most: int = 14) -> list[list[Row]]:
    """Many cases, the same for the same seed."""
    source = random.Random(seed)
    return [draw_rows(source, case=f"c{number:04d}", most=most) for number in range(count)]


def logs(*, most: int = 14) -> st.SearchStrategy[list[Row]]:
    """One small case; simpler ones first."""
    return st.randoms(use_true_random=False).map(lambda source: draw_rows(source, case="x", most=most)).filter(bool)
