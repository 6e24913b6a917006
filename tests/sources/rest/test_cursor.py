"""A cursor is read from any usual form, and sent in the form that the API takes."""

from __future__ import annotations

from typing import Any

import pytest
from mid_pull import fail

from journeys.config import Request, Source
from journeys.sources.cursors import CursorWatch
from journeys.sources.rest.cursor import find_start, read_cursor, step_back, write_cursor

LOADED_AT_US = 1_780_000_000_000_000  # 2026-05-28


def send(value: Any, *, form: str = "", **settings: Any) -> str:
    """What the night after one record of this cursor value sends."""
    source = Source(
        name="shop", kind="rest", cursor="n.at", request=Request(cursor_format=form), **{"overlap": 0} | settings
    )
    watch = CursorWatch(source, None, LOADED_AT_US)
    watch.see([read_cursor(source, {"n": {"at": value}})])
    assert watch.mark is not None
    return write_cursor(source, find_start(source, watch.mark))


@pytest.mark.parametrize(
    ("value", "settings", "sent"),
    [
        ("2026-01-01T02:00:00+02:00", {}, "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00.987654321Z", {}, "2026-01-01T00:00:00Z"),
        ("2026-01-01 00:00:00", {}, "2026-01-01T00:00:00"),
        ("2026-01-01", {}, "2026-01-01"),
        ("2026-01-01T23:30:00Z", {"form": "date", "timezone": "Europe/Riga"}, "2026-01-02"),
        # 2026-01-01 is 20,454 days after 1970: 20,454 * 86,400 = 1,767,225,600.
        ("2026-01-01T00:00:00Z", {"form": "s"}, "1767225600"),
        ("2026-01-01T00:00:00.75Z", {"form": "ms"}, "1767225600750"),
        ("2026-01-01T02:00:00", {"form": "s", "timezone": "Europe/Riga"}, "1767225600"),
        (1767225600, {"form": "s"}, "1767225600"),
        ("1767225600", {"form": "s"}, "1767225600"),
        (1767225600.5, {"form": "ms"}, "1767225600"),
        (1767225600750, {"form": "ms"}, "1767225600750"),
        (41, {"overlap": None}, "40"),
        ("41", {"overlap": 5}, "36"),
        (41.0, {"overlap": 0}, "41"),
    ],
)
def test_a_cursor_is_sent_as_the_api_takes_it(value: Any, settings: dict[str, Any], sent: str) -> None:
    assert send(value, **settings) == sent


@pytest.mark.parametrize(
    ("value", "settings", "code"),
    [
        ("ord_8x7", {}, "cursor"),
        (True, {}, "cursor"),
        ({"a": 1}, {}, "cursor"),
        (1.5, {}, "cursor"),
        (10**30, {"form": "s"}, "cursor"),
        ("9" * 5_000, {}, "cursor"),
        (41, {"overlap": "1h"}, "overlap"),
        ("2026-01-01T00:00:00Z", {"overlap": 5}, "overlap"),
    ],
)
def test_a_cursor_that_cannot_be_put_in_order_is_an_error(value: Any, settings: dict[str, Any], code: str) -> None:
    assert fail(lambda: send(value, **settings)).code == code


@pytest.mark.parametrize("value", [None, "", "0000-00-00"])
def test_a_record_may_have_none(value: Any) -> None:
    source = Source(name="shop", kind="rest", cursor="at")
    watch = CursorWatch(source, None, LOADED_AT_US)
    watch.see([read_cursor(source, {"at": value}), read_cursor(source, {}), read_cursor(source, 5)])
    assert (watch.mark, watch.null_count) == (None, 3)


@pytest.mark.parametrize(
    ("value", "form", "before"),
    [
        (41, "", "40"),
        ("2026-01-01T00:00:00.5Z", "", "2025-12-31T23:59:59Z"),
        ("2026-01-01T00:00:00.5Z", "ms", "1767225599000"),
        ("2026-01-01", "", "2025-12-31"),
        ("2026-01-01T12:00:00Z", "date", "2025-12-31"),
    ],
)
def test_the_value_before_is_earlier_in_the_form_that_is_sent(value: Any, form: str, before: str) -> None:
    source = Source(name="shop", kind="rest", cursor="at", request=Request(cursor_format=form))
    assert write_cursor(source, step_back(source, read_cursor(source, {"at": value}))) == before


def test_the_first_days_of_the_calendar_have_none_before_them() -> None:
    assert send("0001-01-01T00:00:00Z", overlap="30d") == "0001-01-03T00:00:00Z"
