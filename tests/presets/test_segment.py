"""Segment's warehouse tables, by naming the preset: 21 rows whose answers were counted by hand.

Columns: https://www.twilio.com/docs/segment/connections/storage/warehouses/schema
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import shop_visits as visits
from shop_script import Script

FOLDER = Path(__file__).parent / "segment"
FILES = '[[source]]\nname = "web"\npreset = "segment"\npath = "{fixtures}/segment/{part}.csv"\n'
TABLES = '[[source]]\nname = "web"\npreset = "segment"\nurl = "sqlite:///%s"\n'
# A table of one event, joined for its properties; it is read in the place of the part `tracks`.
PROPERTIES = """parts = ["pages", "identifies"]
[[source]]
name = "orders"
preset = "segment/tracks"
url = "sqlite:///%s"
query = '''
SELECT tracks.*, order_completed.revenue, order_completed.currency
FROM tracks LEFT JOIN order_completed ON order_completed.id = tracks.id
'''
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same rows in a database, and the table of one event."""
    path = tmp_path_factory.mktemp("segment") / "warehouse.sqlite"
    with sqlite3.connect(path) as database:
        for name in ("tracks", "pages", "identifies"):
            with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
                head, *rows = csv.reader(file)
            database.execute(f"CREATE TABLE {name} ({', '.join(head)})")
            marks = ", ".join("?" * len(head))
            database.executemany(f"INSERT INTO {name} VALUES ({marks})", [[cell or None for cell in r] for r in rows])
        database.execute("CREATE TABLE order_completed (id, revenue, currency)")
        database.execute("INSERT INTO order_completed VALUES ('t4', 59.9, 'EUR')")
    database.close()
    return path.as_posix()


@pytest.fixture(scope="module", params=["files", "tables"])
def web(request: pytest.FixtureRequest, publish: Callable[[str], Script], warehouse: str) -> Script:
    """The tables, published."""
    return publish(FILES if request.param == "files" else TABLES % warehouse)


def test_nothing_is_lost_in_silence(web: Script) -> None:
    # 21 rows: one purchase twice, one time that is none, one row of nobody.
    assert visits.count_events(web) == 18
    assert visits.list_reasons(web) == ["no identifier", "unreadable time"]


def test_identify_makes_two_devices_one_person(web: Script) -> None:
    assert visits.list_persons(web) == visits.PERSONS
    emails = "SELECT identifier_value FROM person_identifiers WHERE identifier_kind = 'email' ORDER BY 1"
    assert web.rows(emails) == [("ann@acme.example",), ("cleo@mail.example",)]


def test_neither_identify_nor_a_server_s_event_is_in_a_session(web: Script) -> None:
    assert visits.list_sessions(web) == visits.SESSIONS
    assert visits.owner_of(web, "Order Shipped") == ["A1", "A2"]


def test_the_funnel(web: Script) -> None:
    assert visits.list_funnel(web) == visits.FUNNEL


def test_what_is_read_again_counts_once(publish: Callable[[str], Script], warehouse: str) -> None:
    web = publish(TABLES % warehouse)
    web("refresh").succeeds()
    assert visits.count_events(web) == 18


def test_money_comes_from_the_table_of_an_event(publish: Callable[[str], Script], warehouse: str) -> None:
    web = publish(TABLES % warehouse + PROPERTIES % warehouse)
    assert visits.count_events(web) == 18
    found = web.rows("SELECT value_amount, currency FROM events WHERE value_amount IS NOT NULL")
    assert found == [(59.9, "EUR")]
    assert visits.list_funnel(web) == visits.FUNNEL


def test_screens_and_groups_are_read_where_they_are_named(publish: Callable[[str], Script], tmp_path: Path) -> None:
    (tmp_path / "screens.csv").write_text(
        "id,anonymous_id,user_id,received_at,timestamp,name\n"
        "s1,A1,,2026-03-01 09:00:00,2026-03-01 09:00:00,Home\n"
        "s2,A1,ann,2026-03-01 09:01:00,2026-03-01 09:01:00,Cart\n"
    )
    (tmp_path / "groups.csv").write_text(
        "id,anonymous_id,user_id,received_at,timestamp,group_id\n"
        "g1,A1,ann,2026-03-01 09:02:00,2026-03-01 09:02:00,acme\n"
    )
    path = f'path = "{tmp_path.as_posix()}/{{part}}.csv"\nparts = ["screens", "groups"]\n'
    app = publish(f'[[source]]\nname = "app"\npreset = "segment"\n{path}')
    assert app.rows("SELECT event, event_count FROM events JOIN session_events USING (event_id) "
                    "JOIN sessions USING (session_id)") == [("screen", 2), ("screen", 2)]  # fmt: skip
    assert app.rows("SELECT DISTINCT account_id FROM event_accounts") == [("acme",)]
