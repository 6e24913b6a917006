"""Complete Journey: a year of purchases, 1.47 million rows that are CRM events in no session."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROWS = 1_469_307
MOST_SECONDS = 120  # about 30 on two idle cores


@pytest.fixture(scope="module")
def shop(published: Callable[[str], Any]) -> Any:
    return published("complete_journey")


def test_every_purchase_is_an_event_of_a_known_household_in_no_session(shop: Any) -> None:
    quality = shop.log.table("data_quality").iloc[0]
    assert [quality[f"{name}_count"] for name in ("read", "accepted", "duplicate", "rejected")] == [ROWS, ROWS, 0, 0]
    facts = shop.query(
        """
        SELECT COUNT(*), COUNT(DISTINCT person_id), COUNT(DISTINCT user_id), COUNT(device_id),
          COUNT(DISTINCT json_extract_string(properties, '$.basket_id')), COUNT(*) FILTER (is_interaction)
        FROM events JOIN event_persons USING (event_id)
        """
    )
    assert facts.iloc[0].tolist() == [ROWS, 2_469, 2_469, 0, 155_848, 0]
    assert shop.log.table("session_events").empty
    assert shop.log.table("sessions").empty


def test_money_is_right_to_the_cent(shop: Any, real_data: Path) -> None:
    path = real_data / "completejourney" / "transactions.parquet"
    total = "SUM(CAST({} AS DECIMAL(18, 2)))"
    with duckdb.connect() as connection:
        in_file = connection.execute(f"SELECT {total.format('sales_value')} FROM read_parquet('{path}')").fetchone()
    assert in_file == (Decimal("4596039.58"),)
    ours = shop.query(f"SELECT CAST({total.format('value_amount')} AS VARCHAR) AS total FROM events")
    assert Decimal(ours["total"].iloc[0]) == Decimal("4596039.58")


def test_times_are_used_as_they_stand(shop: Any) -> None:
    """The publisher names no zone; the year's last receipt is four hours into the next."""
    facts = shop.query("SELECT CAST(MIN(occurred_at) AS VARCHAR), CAST(MAX(occurred_at) AS VARCHAR) FROM events")
    assert facts.iloc[0].tolist() == ["2017-01-01 11:53:26", "2018-01-01 04:01:20"]


def test_it_takes_a_reasonable_time(shop: Any) -> None:
    assert shop.seconds < MOST_SECONDS
