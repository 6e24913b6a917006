"""The headline with and without bots, on a world with known answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from journeys.config import Bots
from journeys.report.bot_figures import count_bot_figures, view_bots
from journeys.report.content import NamedTable
from journeys.warehouse import Engine

# person, session, touchpoint, goal, bot_reason, time
EVENTS = [
    ("ann", "s1", "Home", None, None, 1),
    ("ann", "s1", "purchase", "purchase", None, 2),
    ("ann", None, None, None, None, 3),  # a call
    ("bob", "s2", None, None, None, 4),
    ("ann", "s3", "purchase", "purchase", "too many events", 5),
    ("ann", "s3", "Home", None, "too many events", 6),
    ("crawler", "s4", "Home", None, "user agent", 7),
    ("crawler", "s5", None, None, "user agent", 8),
    ("dan", "s6", "sign-up", "sign-up", "too many events", 9),
    ("eve", "s7", "Home", None, None, 100),  # after the end of observation
    ("spider", "s8", "purchase", "purchase", "user agent", 101),
]
COUNTS = ["session_count", "event_count", "person_count", "contact_person_count", "converted_count"]


def count_by_hand(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    names = ["person_id", "session_id", "touchpoint", "goal", "bot_reason", "occurred_at_us"]
    frame = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[:5], "str"))
    frame["event_id"] = [f"e{place}" for place in range(len(frame))]
    settings: Any = SimpleNamespace(journey=SimpleNamespace(goal="purchase"), bots=Bots(steady_pages=0))
    with Engine() as engine:
        engine.load("person_events", frame)
        engine.load("events", frame)
        engine.load("event_goals", frame[frame["goal"].notna()])
        return count_bot_figures(engine, settings, as_of_us=50).frame.set_index("population")


def test_each_kind_of_bot_and_all_together_are_counted_by_one_rule() -> None:
    figures = count_by_hand(EVENTS)
    assert {name: tuple(row) for name, row in figures[COUNTS].iterrows()} == {
        "without bots": (2, 4, 2, 1, 1),  # ann and bob; bob met no touchpoint
        "user agent": (2, 2, 1, 1, 0),
        "too many events": (2, 3, 2, 2, 1),  # ann's other visit and dan, whose goal is another one
        "steady pace": (0, 0, 0, 0, 0),
        "with bots": (6, 9, 4, 3, 1),
    }
    assert list(figures.index) == ["without bots", "user agent", "too many events", "steady pace", "with bots"]
    assert figures.loc["with bots", "conversion_share"] == pytest.approx(1 / 3)
    assert figures.loc["with bots", "conversion_share_low"] < 1 / 3 < figures.loc["with bots", "conversion_share_high"]
    assert figures.loc["steady pace", ["conversion_share", "conversion_share_low"]].isna().all()


def test_nothing_counted_is_a_table_of_zeros() -> None:
    figures = count_by_hand(EVENTS[-2:])
    assert (figures[COUNTS] == 0).all(axis=None)
    assert len(figures) == 5


def test_rows_say_their_rule_and_share_of_sessions() -> None:
    table = NamedTable("Bots", count_by_hand(EVENTS).reset_index(), {"reasons": {"user agent": "it says so"}})
    rows = {row["population"]: row for row in view_bots(table)}
    assert rows["user agent"]["words"] == "it says so"
    assert rows["user agent"]["session_share"] == pytest.approx(2 / 6)
    assert [name for name, row in rows.items() if not row["is_reason"]] == ["without bots", "with bots"]
