"""PostHog's batch export of events, by naming the preset: 23 rows whose answers were counted by hand.

Columns: https://posthog.com/docs/cdp/batch-exports/s3 and, of tables, .../postgres, .../snowflake and .../bigquery. In
JSON lines `properties` is an object, in Parquet, CSV and tables it is text. The visits are those of shop_visits.py; at
their end Ann logs out on her second device: PostHog gives it a new anonymous id and a new session.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import shop_visits as visits
from shop_script import Script

LINES = Path(__file__).parent / "posthog" / "events.jsonl"
TIMES = "CAST(created_at AS TIMESTAMP) AS created_at"
TEXTS = "CAST(properties AS VARCHAR) AS properties, CAST(person_properties AS VARCHAR) AS person_properties"


def write_table(path: Path) -> None:
    """The same rows in the columns of the table that PostHog makes in PostgreSQL; none says when they were ingested."""
    names = ("uuid", "event", "properties", "elements", '"set"', "set_once", "person_properties", "distinct_id",
             "team_id", "ip", "site_url", "timestamp")  # fmt: skip
    events = [json.loads(line) for line in LINES.read_text(encoding="utf-8").splitlines()]
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE TABLE events ({', '.join(names)})")
        for event in events:
            own = {"team_id": 1, "site_url": "", "ip": "192.0.2.0", **event}
            values = [own.get(name) for name in names]
            texts = [json.dumps(value) if isinstance(value, dict) else value for value in values]
            database.execute(f"INSERT INTO events VALUES ({', '.join('?' * len(names))})", texts)
    database.close()


@pytest.fixture(scope="module", params=["jsonl", "csv", "parquet", "table"])
def web(
    request: pytest.FixtureRequest, publish: Callable[[str], Script], tmp_path_factory: pytest.TempPathFactory
) -> Script:
    """The export in each of its forms, published."""
    path = LINES
    if request.param == "table":
        path = tmp_path_factory.mktemp("posthog") / "warehouse.sqlite"
        write_table(path)
        return publish(f'[[source]]\nname = "web"\npreset = "posthog"\nurl = "sqlite:///{path.as_posix()}"\n')
    if request.param != "jsonl":
        path = tmp_path_factory.mktemp("posthog") / f"events.{request.param}"
        types = ", ".join(f"{name}: 'JSON'" for name in ("properties", "person_properties"))
        names = ", ".join(f"{name}: 'VARCHAR'" for name in ("uuid", "event", "distinct_id", "timestamp", "created_at"))
        columns = f"columns = {{{types}, {names}}}, format = 'newline_delimited'"
        rows = f"SELECT * REPLACE ({TEXTS}, {TIMES}) FROM read_json('{LINES}', {columns})"
        if request.param == "parquet":  # there the time has a type, and one that is none cannot be
            rows = f"SELECT * REPLACE (TRY_CAST(timestamp AS TIMESTAMP) AS timestamp) FROM ({rows})"
        duckdb.sql(f"COPY ({rows}) TO '{path}'")
    return publish(f'[[source]]\nname = "web"\npreset = "posthog"\npath = "{path.as_posix()}"\n')


def test_nothing_is_lost_in_silence(web: Script) -> None:
    # 23 rows: one purchase twice, one time that is none, one row of nobody.
    assert visits.count_events(web) == 20
    first, second = visits.list_reasons(web)
    assert first == "no identifier"
    assert second in ("unreadable time", "no time")


def test_identify_makes_two_devices_one_person(web: Script) -> None:
    assert visits.list_persons(web) == visits.PERSONS
    emails = "SELECT identifier_value FROM person_identifiers WHERE identifier_kind = 'email' ORDER BY 1"
    assert web.rows(emails) == [("ann@acme.example",), ("cleo@mail.example",)]


def test_a_log_out_makes_no_new_user(web: Script) -> None:
    users = "SELECT identifier_value FROM person_identifiers WHERE identifier_kind = 'user_id' ORDER BY 1"
    assert web.rows(users) == [("ann",), ("cleo",)]


def test_sessions_are_posthog_s_own(web: Script) -> None:
    # After the log-out a session of one page; leaving it is nobody's act.
    expected = [*visits.SESSIONS]
    expected.insert(2, ("A2", 1, None))
    assert visits.list_sessions(web) == expected
    assert visits.owner_of(web, "Order Shipped") == ["A1", "A2"]


def test_money_and_the_funnel(web: Script) -> None:
    assert web.rows("SELECT value_amount, currency FROM events WHERE event = 'Order Completed'") == [(59.9, "EUR")]
    assert visits.list_funnel(web) == visits.FUNNEL
