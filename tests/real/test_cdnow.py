"""CDNOW's purchases: a table without delimiter, header or ids, read line by line with a pattern."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def shop(published: Callable[[str], Any]) -> Any:
    return published("cdnow")


@pytest.fixture(scope="module")
def orders(real_data: Path) -> list[list[str]]:
    lines = gzip.decompress((real_data / "cdnow" / "CDNOW_master.txt.gz").read_bytes()).decode().splitlines()
    return [line.split() for line in lines]


def test_every_order_counts_though_255_rows_repeat_another(shop: Any, orders: list[list[str]]) -> None:
    header, *rows = orders
    quality = shop.log.table("data_quality").iloc[0]
    assert (quality["accepted_count"], quality["duplicate_count"]) == (len(rows), 0) == (69_659, 0)
    assert len({tuple(row) for row in rows}) == 69_659 - 255
    rejected = shop.log.table("rejected_events")
    assert rejected["line"].tolist() == [1], "the line of column names is no order"
    assert rejected.iloc[0]["raw"].split() == header


def test_customers_days_and_money_are_those_of_the_file(shop: Any, orders: list[list[str]]) -> None:
    facts = shop.query(
        """
        SELECT COUNT(DISTINCT event_persons.person_id),
          CAST(MIN(local_date) AS VARCHAR), CAST(MAX(local_date) AS VARCHAR), SUM(CAST(value_amount AS DECIMAL(18, 2))),
          COUNT(*) FILTER (value_amount = 0), COUNT(session_id)
        FROM events JOIN event_persons USING (event_id) LEFT JOIN session_events USING (event_id)
        """
    ).iloc[0]
    total = sum(Decimal(row[3]) for row in orders[1:])
    assert facts.tolist()[:3] == [23_570, "1997-01-01", "1998-06-30"]
    assert Decimal(str(facts.iloc[3])).quantize(Decimal("0.01")) == total
    assert facts.iloc[4] == sum(Decimal(row[3]) == 0 for row in orders[1:]) > 0
    assert facts.iloc[5] == 0, "orders are in no session"
