"""A backfill takes two real days in order, and refreshes over them."""

from __future__ import annotations

from datetime import date
from typing import Any
from unittest import mock

import pytest
from pipelines.backfill import Days, backfill, read_days

from journeys.errors import CallError


@pytest.mark.parametrize(("first", "last"), [("2026-03-01", "2026-03-31"), ("2024-02-29", "2024-02-29")])
def test_two_days_in_order_are_taken_both_included(first: str, last: str) -> None:
    assert read_days(first, last) == Days(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "given",
    ["", "today", "2026-3-1", "20260301", "2026-W09-7", "01.03.2026", "2026-03-01T00:00:00", " 2026-03-01",
     "２０２６-03-01", "2026-03-01\n", "2025-02-29", "2026-02-30", "2026-13-01", "0000-01-01", None, 20260301,
     date(2026, 3, 1), True],
)  # fmt: skip
@pytest.mark.parametrize("place", ["from", "to"])
def test_what_is_no_day_is_refused_by_name(given: Any, place: str) -> None:
    days = {"from": "2026-03-01", "to": "2026-03-01"} | {place: given}
    with pytest.raises(CallError, match=f"{place}: not") as caught:
        read_days(days["from"], days["to"])
    assert caught.value.exit_code == 2
    assert caught.value.found == repr(given)


def test_days_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(CallError, match="before its first") as caught:
        read_days("2026-03-02", "2026-03-01")
    assert caught.value.found == "from 2026-03-02 to 2026-03-01"


def test_the_refresh_is_called_once_with_the_configuration() -> None:
    with mock.patch("pipelines.backfill.nightly") as nightly:
        done = backfill.fn("2026-03-01", "2026-03-02", "shop.toml", dry_run=True)
    assert done is nightly.fn.return_value
    assert nightly.fn.call_args == mock.call("shop.toml", dry_run=True, since="2026-03-01", until="2026-03-02")


def test_no_refresh_begins_with_wrong_days() -> None:
    with mock.patch("pipelines.backfill.nightly") as nightly, pytest.raises(CallError):
        backfill.fn("2026-03-02", "2026-03-01")
    assert nightly.fn.called is False
