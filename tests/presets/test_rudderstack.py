"""RudderStack's warehouse tables, by naming the preset: 21 rows whose answers were counted by hand.

Columns: https://www.rudderstack.com/docs/destinations/warehouse-destinations/warehouse-schema/. The visits are those
of shop_visits.py, but for the account page on Ann's second device: there the library began a session.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import shop_visits as visits
from shop_script import Script

FOLDER = Path(__file__).parent / "rudderstack"
TIMES = ("timestamp", "received_at", "original_timestamp", "sent_at", "uuid_ts")


@pytest.fixture(scope="module", params=["csv", "parquet", "data lake"])
def web(
    request: pytest.FixtureRequest, publish: Callable[[str], Script], tmp_path_factory: pytest.TempPathFactory
) -> Script:
    """The tables as files, published; Parquet has types, and in the data lake of S3 `timestamp` is a reserved word."""
    folder = FOLDER
    if request.param != "csv":
        folder = tmp_path_factory.mktemp("rudderstack")
        for name in ("tracks", "pages", "identifies"):
            table = pd.read_csv(FOLDER / f"{name}.csv", dtype=str)
            for column in TIMES:
                table[column] = pd.to_datetime(table[column], errors="coerce")
            table["context_session_id"] = table["context_session_id"].astype("Int64")
            if request.param == "data lake":
                table = table.rename(columns={"timestamp": "_timestamp"})
            table.to_parquet(folder / f"{name}.parquet")
    path = f"{folder.as_posix()}/{{part}}.{'csv' if folder == FOLDER else 'parquet'}"
    return publish(f'[[source]]\nname = "web"\npreset = "rudderstack"\npath = "{path}"\n')


def test_nothing_is_lost_in_silence(web: Script) -> None:
    # 21 rows: one purchase twice, one time that is none, one row of nobody.
    assert visits.count_events(web) == 18
    first, second = visits.list_reasons(web)
    assert first == "no identifier"
    assert second in ("unreadable time", "no time")


def test_identify_makes_two_devices_one_person(web: Script) -> None:
    assert visits.list_persons(web) == visits.PERSONS
    emails = "SELECT identifier_value FROM person_identifiers WHERE identifier_kind = 'email' ORDER BY 1"
    assert web.rows(emails) == [("ann@acme.example",), ("cleo@mail.example",)]


def test_sessions_are_the_library_s_own(web: Script) -> None:
    # A new session id splits after four minutes; the first visit of Bob's goes on under one id, but after a pause.
    expected = [*visits.SESSIONS]
    expected[1:2] = [("A2", 1, "Direct"), ("A2", 1, None)]
    assert visits.list_sessions(web) == expected


def test_a_server_s_event_is_in_no_session_though_it_has_an_anonymous_id(web: Script) -> None:
    found = web.rows("SELECT device_id, is_interaction FROM events WHERE event = 'Order Shipped'")
    assert found == [("5b1f6c2e-server-made", False)]
    assert visits.owner_of(web, "Order Shipped") == ["A1", "A2"]


def test_the_funnel(web: Script) -> None:
    assert visits.list_funnel(web) == visits.FUNNEL
