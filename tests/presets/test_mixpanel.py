"""Mixpanel's raw export, by naming the preset: 21 rows whose answers were counted by hand.

Fields: https://docs.mixpanel.com/reference/raw-event-export and, for the ids,
https://docs.mixpanel.com/docs/tracking-methods/id-management. The visits are those of shop_visits.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import shop_visits as visits
from shop_script import Script

EXPORT = '[[source]]\nname = "web"\npreset = "mixpanel"\npath = "{fixtures}/mixpanel/export.txt"\n'


@pytest.fixture(scope="module")
def web(publish: Callable[[str], Script]) -> Script:
    """The export, published."""
    return publish(EXPORT)


def test_nothing_is_lost_in_silence(web: Script) -> None:
    # 21 rows: one purchase twice, one time that is none, one row of nobody.
    assert visits.count_events(web) == 18
    assert visits.list_reasons(web) == ["no identifier", "unreadable time"]
    assert web.rows("SELECT min(occurred_at) FROM events") == [(datetime(2026, 3, 1, 9),)]  # noqa: DTZ001


def test_identify_makes_two_devices_one_person(web: Script) -> None:
    assert visits.list_persons(web) == visits.PERSONS
    emails = "SELECT identifier_value FROM person_identifiers WHERE identifier_kind = 'email' ORDER BY 1"
    assert web.rows(emails) == [("ann@acme.example",), ("cleo@mail.example",)]
    users = "SELECT identifier_value FROM person_identifiers WHERE identifier_kind = 'user_id' ORDER BY 1"
    assert web.rows(users) == [("ann",), ("cleo",)]


def test_an_event_s_own_id_counts_and_not_the_one_that_mixpanel_chose_for_a_group_of_them(web: Script) -> None:
    found = web.rows("SELECT device_id, user_id FROM events WHERE event = 'Order Shipped'")
    assert found == [(None, "ann")]


def test_neither_identify_nor_a_server_s_event_is_in_a_session(web: Script) -> None:
    assert visits.list_sessions(web) == visits.SESSIONS
    assert visits.owner_of(web, "Order Shipped") == ["A1", "A2"]


def test_money_and_the_funnel(web: Script) -> None:
    assert web.rows("SELECT value_amount, currency FROM events WHERE event = 'Order Completed'") == [(59.9, "EUR")]
    assert visits.list_funnel(web) == visits.FUNNEL


def test_seconds_of_an_old_project_are_those_of_its_own_clock(publish: Callable[[str], Script], tmp_path: Path) -> None:
    # 2026-01-01 12:00:00 as if it were UTC; in Riga it is 10:00 UTC then. The second event is in milliseconds.
    lines = [
        {"event": "Open", "properties": {"time": 1767268800, "distinct_id": "$device:d1", "mp_lib": "web"}},
        {"event": "Open", "properties": {"time": 1767268860500, "distinct_id": "$device:d1", "mp_lib": "web"}},
        {"event": "Open", "properties": {"time": 1767268860500, "distinct_id": "$device:d1", "mp_lib": "web"}},
    ]
    (tmp_path / "old.jsonl").write_text("\n".join(map(json.dumps, lines)))
    path = f'path = "{(tmp_path / "old.jsonl").as_posix()}"\ntimezone = "Europe/Riga"\n'
    old = publish(f'[[source]]\nname = "app"\npreset = "mixpanel"\n{path}')
    assert old.rows("SELECT device_id, occurred_at FROM events ORDER BY 2") == [
        ("d1", datetime(2026, 1, 1, 10)),  # noqa: DTZ001
        ("d1", datetime(2026, 1, 1, 10, 1, 0, 500_000)),  # noqa: DTZ001
    ]
