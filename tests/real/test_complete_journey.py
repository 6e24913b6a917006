"""Complete Journey: a year of purchases, 1.47 million rows that are CRM events in no session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

FILE = Path("completejourney", "transactions.parquet")
# Published: rows, households, baskets, and what was paid.
WHOLE = (1_469_307, 2_469, 155_848, Decimal("4596039.58"))
TIMES = ("2017-01-01 11:53:26", "2018-01-01 04:01:20")
MOST_SECONDS = 120  # about 30 on two idle cores


@dataclass(frozen=True)
class Receipts:
    """The published log, and what its file holds: rows, households, baskets, what was paid, first and last time."""

    log: Any
    counts: tuple[Any, ...]
    times: tuple[Any, ...]


def ask(select: str) -> tuple[Any, ...]:
    with duckdb.connect() as connection:
        return connection.execute(select).fetchall()[0]


@pytest.fixture(scope="module", params=["part", pytest.param("whole", marks=pytest.mark.prove)])
def shop(
    request: pytest.FixtureRequest,
    real_data: Path,
    published: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Receipts:
    """All receipts, or those of one household in forty."""
    if request.param == "whole":
        return Receipts(published("complete_journey"), WHOLE, TIMES)
    folder = tmp_path_factory.mktemp("part")
    (folder / FILE).parent.mkdir()
    some = f"FROM read_parquet('{real_data / FILE}') WHERE CAST(household_id AS INTEGER) % 40 = 1"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * {some}) TO '{folder / FILE}' (FORMAT parquet)")
    counts = ask(
        "SELECT COUNT(*), COUNT(DISTINCT household_id), COUNT(DISTINCT basket_id), "
        f"SUM(CAST(sales_value AS DECIMAL(18, 2))) {some}"
    )
    times = ask(
        "SELECT strftime(MIN(transaction_timestamp), '%Y-%m-%d %H:%M:%S'), "
        f"strftime(MAX(transaction_timestamp), '%Y-%m-%d %H:%M:%S') {some}"
    )
    return Receipts(published("complete_journey", folder), counts, times)


def test_every_purchase_is_an_event_of_a_known_household_in_no_session(shop: Receipts) -> None:
    rows, households, baskets, _ = shop.counts
    assert rows > 10_000
    quality = shop.log.log.table("data_quality").iloc[0]
    assert [quality[f"{name}_count"] for name in ("read", "accepted", "duplicate", "rejected")] == [rows, rows, 0, 0]
    facts = shop.log.query(
        """
        SELECT COUNT(*), COUNT(DISTINCT person_id), COUNT(DISTINCT user_id), COUNT(device_id),
          COUNT(DISTINCT json_extract_string(properties, '$.basket_id')), COUNT(*) FILTER (is_interaction)
        FROM events JOIN event_persons USING (event_id)
        """
    )
    assert facts.iloc[0].tolist() == [rows, households, households, 0, baskets, 0]
    assert shop.log.log.table("session_events").empty
    assert shop.log.log.table("sessions").empty


def test_money_is_right_to_the_cent(shop: Receipts) -> None:
    ours = shop.log.query("SELECT CAST(SUM(CAST(value_amount AS DECIMAL(18, 2))) AS VARCHAR) AS total FROM events")
    assert Decimal(ours["total"].iloc[0]) == shop.counts[3]


@pytest.mark.prove
def test_the_published_numbers_are_those_of_the_file(real_data: Path) -> None:
    counted = "SELECT COUNT(*), COUNT(DISTINCT household_id), COUNT(DISTINCT basket_id), "
    paid = "SUM(CAST(sales_value AS DECIMAL(18, 2)))"
    assert ask(f"{counted}{paid} FROM read_parquet('{real_data / FILE}')") == WHOLE


def test_times_are_used_as_they_stand(shop: Receipts) -> None:
    """The publisher names no zone; the year's last receipt is four hours into the next."""
    facts = shop.log.query("SELECT CAST(MIN(occurred_at) AS VARCHAR), CAST(MAX(occurred_at) AS VARCHAR) FROM events")
    assert tuple(facts.iloc[0]) == shop.times


@pytest.mark.prove
def test_it_takes_a_reasonable_time(published: Callable[..., Any]) -> None:
    assert published("complete_journey").seconds < MOST_SECONDS
