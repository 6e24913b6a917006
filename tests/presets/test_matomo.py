"""Matomo's own database, by naming the preset: 21 rows whose answers were counted by hand, on SQLite and on MariaDB.

Tables: https://developer.matomo.org/guides/database-schema. The visits are nearly those of shop_visits.py; Matomo
itself ended Bob's after half an hour. A key allows no row twice: what is told twice is read twice.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import shop_visits as visits
from shop_script import Script

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
from mariadb import MariaDB, start_mariadb

SQL = (Path(__file__).parent / "matomo" / "matomo.sql").read_text(encoding="utf-8")
SOURCE = '[[source]]\nname = "web"\npreset = "matomo"\nurl = "%s"\n'
A1, A2, B1, C1, D1 = "a1" * 8, "a2" * 8, "b1" * 8, "4142434445464748", "d1" * 8


@pytest.fixture(scope="module")
def maria(mariadb_programs: tuple[str, str]) -> Iterator[MariaDB]:
    """A MariaDB server of this module."""
    yield from start_mariadb(mariadb_programs)


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables in SQLite."""
    path = tmp_path_factory.mktemp("matomo") / "matomo.sqlite"
    with sqlite3.connect(path) as database:
        database.executescript(SQL)
    database.close()
    return path


@pytest.fixture(scope="module", params=["SQLite", "MariaDB"])
def web(request: pytest.FixtureRequest, publish: Callable[[str], Script]) -> Script:
    """The tables of a server, published, and read once more."""
    if request.param == "SQLite":
        url = f"sqlite:///{request.getfixturevalue('lite').as_posix()}"
    else:
        server: MariaDB = request.getfixturevalue("maria")
        server.run("CREATE DATABASE crm")
        server.run(*filter(str.strip, SQL.split(";\n")), schema="crm")
        url = server.url.render_as_string(hide_password=False)
    script = publish(SOURCE % url)
    script("refresh").succeeds()
    return script


def test_nothing_is_lost_in_silence(web: Script) -> None:
    # 18 actions and 3 conversions: one time that is none, one visitor who is nobody.
    assert visits.count_events(web) == 19
    assert visits.list_reasons(web) == ["no identifier", "unreadable time"]
    assert web.rows("SELECT min(occurred_at) FROM events") == [(datetime(2026, 3, 1, 9),)]  # noqa: DTZ001


def test_a_user_makes_two_devices_one_person(web: Script) -> None:
    assert visits.list_persons(web) == [[C1], [A1, A2], [B1], [D1]]


def test_sessions_are_matomo_s_own(web: Script) -> None:
    # A campaign whose medium Matomo does not know; content that is shown is in no session, a click on it is.
    assert visits.list_sessions(web) == [
        (C1, 1, "Direct"),
        (A1, 7, "Unassigned"),
        (A2, 2, "Direct"),
        (B1, 2, "Organic Search"),
        (B1, 1, "Direct"),
        (B1, 2, "Direct"),
        (D1, 3, "Organic Social"),
    ]


def test_actions_have_names_and_addresses(web: Script) -> None:
    found = web.rows("SELECT event, count(*) FROM events GROUP BY event ORDER BY event")
    assert found == [
        ("abandoned cart", 1),
        ("add", 1),
        ("content click", 1),
        ("content view", 1),
        ("download", 1),
        ("newsletter sign-up", 1),
        ("order", 1),
        ("outlink", 1),
        ("page view", 7),
        ("product view", 3),
        ("search", 1),
    ]
    addresses = web.rows("SELECT url, referrer FROM events WHERE event IN ('search', 'content view') ORDER BY event")
    assert addresses == [
        ("https://www.shop.example/jobs", "https://www.shop.example/jobs"),
        ("https://shop.example/p/2", "https://shop.example/p/2"),
    ]


def test_money_and_the_funnel(web: Script) -> None:
    assert web.rows("SELECT value_amount, currency, campaign FROM events WHERE event = 'order'") == [
        (59.9, "EUR", None)
    ]
    assert web.rows("SELECT DISTINCT campaign FROM events WHERE campaign IS NOT NULL") == [("spring",)]
    assert visits.list_funnel(web) == [2, 1]


def test_the_plugin_for_campaigns_tells_source_and_medium(
    publish: Callable[[str], Script], lite: Path, tmp_path: Path
) -> None:
    path = tmp_path / "wordpress.sqlite"
    path.write_bytes(lite.read_bytes())
    with sqlite3.connect(path) as database:
        for name in ("source", "medium", "name"):
            database.execute(f"ALTER TABLE matomo_log_visit ADD COLUMN campaign_{name} VARCHAR(255)")
        database.execute("UPDATE matomo_log_visit SET campaign_source = 'newsletter', campaign_medium = 'email', "
                         "campaign_name = 'spring 26' WHERE idvisit = 1")  # fmt: skip
        for (table,) in database.execute("SELECT name FROM sqlite_master").fetchall():
            database.execute(f"ALTER TABLE {table} RENAME TO wp_{table}")
    database.close()
    web = publish(SOURCE % f"sqlite:///{path.as_posix()}" + 'prefix = "wp_matomo_"\n')
    assert visits.list_sessions(web)[1] == (A1, 7, "Email")
    assert web.rows("SELECT DISTINCT campaign FROM events WHERE campaign IS NOT NULL") == [("spring 26",)]
