"""Segment's raw calls as JSON lines, by naming the preset: 22 rows whose answers were counted by hand.

Fields: https://www.twilio.com/docs/segment/connections/spec/common. The visits are those of shop_visits.py; a call of
`group` says that Ann works at Acme.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import shop_visits as visits
from shop_script import Script

LINES = Path(__file__).parent / "segment_archive" / "1772323200000.log"


@pytest.fixture(scope="module")
def web(publish: Callable[[str], Script], tmp_path_factory: pytest.TempPathFactory) -> Script:
    """The file as Segment names it, published."""
    path = tmp_path_factory.mktemp("segment-logs") / "1772323200000.abc.gz"
    path.write_bytes(gzip.compress(LINES.read_bytes()))
    return publish(f'[[source]]\nname = "web"\npreset = "segment_archive"\npath = "{path.parent.as_posix()}/*.gz"\n')


def test_nothing_is_lost_in_silence(web: Script) -> None:
    # 22 rows: one purchase twice, one time that is none, one row of nobody.
    assert visits.count_events(web) == 19
    assert visits.list_reasons(web) == ["no identifier", "unreadable time"]


def test_identify_makes_two_devices_one_person(web: Script) -> None:
    assert visits.list_persons(web) == visits.PERSONS
    emails = "SELECT identifier_value FROM person_identifiers WHERE identifier_kind = 'email' ORDER BY 1"
    assert web.rows(emails) == [("ann@acme.example",), ("cleo@mail.example",)]
    assert web.rows("SELECT DISTINCT event_accounts.account_id FROM event_accounts JOIN events USING (event_id) "
                    "WHERE event = 'Order Completed'") == [("acme",)]  # fmt: skip


def test_neither_calls_about_people_nor_a_server_s_event_are_in_a_session(web: Script) -> None:
    assert visits.list_sessions(web) == visits.SESSIONS
    assert web.rows("SELECT event, count(*) FROM events WHERE NOT is_interaction GROUP BY event ORDER BY event") == [
        ("Order Shipped", 1),
        ("group", 1),
        ("identify", 3),
    ]


def test_money_and_the_funnel(web: Script) -> None:
    assert web.rows("SELECT value_amount, currency FROM events WHERE event = 'Order Completed'") == [(59.9, "EUR")]
    assert visits.list_funnel(web) == visits.FUNNEL
