"""Who is who on the report: counted on tables written by hand, and told in words."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from journeys.report.content import WhoIsWho
from journeys.report.who_is_who import read_who_is_who, view_aliases, view_refusals
from journeys.warehouse import Engine

# guard, identifier, the other end, source, rows
REFUSALS = [
    ("blocked", "email", "info@acme.example", "", "", "crm", 4),
    ("blocked", "email", "info@acme.example", "", "", "web", 1),
    ("blocked", "user_id", "undefined", "", "", "web", 90),
    ("shared", "device_id", "tablet", "user_id", "u1", "web", 10),
    ("shared", "device_id", "tablet", "user_id", "u2", "web", 12),
    # Both ends are guarded: one link, told by each of them.
    ("hub", "device_id", "kiosk", "phone", "+3711", "web", 7),
    ("hub", "phone", "+3711", "device_id", "kiosk", "web", 7),
    ("hub", "device_id", "kiosk", "phone", "+3711", "app", 2),
]


@pytest.fixture
def engine() -> Iterator[Engine]:
    stream = [("ann", False, 1), ("ann", True, 2), ("bob", False, 3), ("crawler", True, 4), ("late", False, 99)]
    persons = [("ann", True), ("bob", False), ("crawler", False), ("late", True)]
    owned = [
        ("ann", "device_id", "d1"),
        ("ann", "device_id", "d2"),
        ("ann", "user_id", "u1"),
        ("bob", "device_id", "d3"),
    ]
    aliases = [
        ("p1", "p9", "merged", 3, "night 2"),
        ("p2", "p9", "merged", 1, "night 2"),
        ("p5", "p6", "split", 2, "night 2"),
        ("p5", "p7", "split", 1, "night 2"),
        ("p8", "p3", "renamed", 1, "night 1"),
    ]
    large = [(f"p{number:02d}", 101 + number % 3) for number in range(25)]
    with Engine() as engine:
        tables: dict[str, tuple[list[Any], list[str]]] = {
            "person_events": (stream, ["person_id", "is_bot", "occurred_at_us"]),
            "persons": (persons, ["person_id", "is_known"]),
            "person_identifiers": (owned, ["person_id", "identifier_kind", "identifier_value"]),
            "identity_refusals": (REFUSALS, ["guard", "identifier_kind", "identifier_value", "other_kind",
                                             "other_value", "source", "event_count"]),
            "large_persons": (large, ["person_id", "identifier_count"]),
            "person_aliases": (aliases, ["old_person_id", "new_person_id", "change", "identifier_count",
                                         "snapshot_id"]),
        }  # fmt: skip
        for name, (rows, columns) in tables.items():
            engine.load(name, pd.DataFrame(rows, columns=columns))
        yield engine


@pytest.fixture
def who(engine: Engine) -> WhoIsWho:
    settings: Any = SimpleNamespace(identity=SimpleNamespace(alarm_size=100))
    manifest: Any = SimpleNamespace(snapshot_id="night 2", as_of_us=50)
    return read_who_is_who(engine, settings, manifest)


def test_persons_are_counted_up_to_the_end_of_observation_and_bots_apart(who: WhoIsWho) -> None:
    assert (who.person_count, who.known_count, who.bot_count) == (2, 1, 1)
    assert who.kinds.values.tolist() == [["device_id", 3, 2], ["user_id", 1, 1]]


def test_links_refused_are_counted_once_each(who: WhoIsWho) -> None:
    counted = {row["guard"]: tuple(row)[1:] for _, row in who.refusals.iterrows()}
    assert counted == {
        "blocked": (2, 0, 95),  # two values; they link nothing
        "shared": (1, 2, 22),
        "hub": (2, 1, 9),
    }
    rows = view_refusals(who.refusals)
    assert [row["guard"] for row in rows] == ["blocked", "shared", "hub", "limit", "cannot_link"]
    assert [row["link_count"] for row in rows] == [0, 2, 1, 0, 0]
    assert all(row["words"] for row in rows)


def test_the_largest_persons_come_first_and_all_are_counted(who: WhoIsWho) -> None:
    assert who.large_person_count == 25
    assert len(who.large_persons) == 20
    assert who.large_persons["identifier_count"].tolist() == sorted(who.large_persons["identifier_count"], reverse=True)
    assert who.large_persons["person_id"][0] == "p02"


def test_only_changes_of_this_night_are_told(who: WhoIsWho) -> None:
    names = ("change", "old_person_count", "new_person_count", "identifier_count")
    told = [tuple(row[name] for name in names) for row in view_aliases(who.aliases)]
    assert told == [("merged", 2, 1, 4), ("split", 1, 2, 3)]
    assert view_aliases(pd.DataFrame()) == []
