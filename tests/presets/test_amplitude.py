"""Amplitude's export, by naming the preset: 23 rows whose answers were counted by hand.

Fields: https://amplitude.com/docs/apis/analytics/export. The visits are those of shop_visits.py. Where a visit came
from is in the user's properties as long as the visit lasts; Amplitude's session of Bob's lasts over his pause, and on
Ann's second device the account page begins one.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import shop_visits as visits
from shop_script import Script

EXPORT = '[[source]]\nname = "web"\npreset = "amplitude"\npath = "{fixtures}/amplitude/*.json"\n'


@pytest.fixture(scope="module")
def web(publish: Callable[[str], Script]) -> Script:
    """The export, published."""
    return publish(EXPORT)


def test_nothing_is_lost_in_silence(web: Script) -> None:
    # 23 rows: one purchase twice, one time that is none, one row of nobody.
    assert visits.count_events(web) == 20
    assert visits.list_reasons(web) == ["no identifier", "unreadable time"]


def test_a_user_makes_two_devices_one_person(web: Script) -> None:
    assert visits.list_persons(web) == visits.PERSONS
    emails = "SELECT identifier_value FROM person_identifiers WHERE identifier_kind = 'email' ORDER BY 1"
    assert web.rows(emails) == [("ann@acme.example",), ("cleo@mail.example",)]


def test_sessions_are_amplitude_s_own(web: Script) -> None:
    assert visits.list_sessions(web) == [
        ("A1", 5, "Email"),
        ("A2", 1, "Direct"),
        ("A2", 1, "Direct"),
        ("B1", 2, "Organic Search"),
        ("B1", 1, "Organic Search"),
        ("B1", 1, "Direct"),
        ("C1", 1, "Direct"),
        ("D1", 2, "Organic Social"),
    ]


def test_what_amplitude_puts_in_no_session_is_in_none(web: Script) -> None:
    assert web.rows("SELECT event, count(*) FROM events WHERE NOT is_interaction GROUP BY event ORDER BY event") == [
        ("$identify", 3),
        ("Order Shipped", 1),
        ("session_start", 2),
    ]
    assert visits.owner_of(web, "Order Shipped") == ["A1", "A2"]


def test_money_and_the_funnel(web: Script) -> None:
    assert web.rows("SELECT value_amount, currency FROM events WHERE event = 'Order Completed'") == [(59.9, "EUR")]
    assert visits.list_funnel(web) == visits.FUNNEL
