"""Night after night only what is new is asked for, in the way the API takes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mid_pull import fail
from rest_api import Api, Asked, order, orders

REQUEST = {"cursor_param": "since"}


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["event_id"] for row in rows]


def test_the_second_night_asks_from_the_last_cursor_less_the_overlap(api: Api, nights: Callable[..., Any]) -> None:
    records = orders(1, 100)

    def answer(asked: Asked) -> Any:
        return [each for each in records if each["at"] >= asked.query.get("since", "")]

    api.answer = answer
    own = nights(request=REQUEST, cursor="at", overlap="10m")
    assert len(own.pull()) == 100
    records += orders(101, 103)
    # The last was of 01:40: from 01:30 on these are o90 to o103.
    assert ids(own.pull()) == [f"o{number}" for number in range(90, 104)]
    assert api.queries("since") == [None, "2026-01-01T01:30:00Z"]
    own.pull(overlap=None)  # an hour
    assert api.queries("since")[-1] == "2026-01-01T00:43:00Z"


def test_a_first_value_may_stand_in_the_params(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda _: orders(1, 2)
    own = nights(request=REQUEST | {"params": {"since": "2020-01-01", "limit": 5}}, cursor="at", overlap=0)
    own.pull()
    own.pull()
    assert [asked.query for asked in api.asked] == [
        {"since": "2020-01-01", "limit": "5"},
        {"since": "2026-01-01T00:02:00Z", "limit": "5"},
    ]


def test_times_as_numbers_have_an_overlap_in_time(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda _: [order(1, n=1767225600)]
    own = nights(cursor="n", request=REQUEST | {"cursor_format": "s"}, overlap="1m")
    own.pull()
    own.pull()
    assert api.queries("since") == [None, "1767225540"]


def test_a_cursor_of_another_kind_is_read_from_the_start(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda _: [order(1, n="2026-01-01T00:00:00Z")]
    own = nights(cursor="n", request=REQUEST)
    own.pull()
    api.answer = lambda _: [order(1, n=41), order(2, n=42)]
    assert len(own.pull()) == 2
    assert own.report.notes == ("source 'crm': the cursor 'n' holds another kind of value now: everything was read",)
    own.pull()
    # The page that was asked for by the old mark showed the change, and all was read without one.
    assert api.queries("since") == [None, "2025-12-31T23:00:00Z", None, "41"]


def test_numbers_that_are_read_as_times_from_now_on_are_read_from_the_start(
    api: Api, nights: Callable[..., Any]
) -> None:
    api.answer = lambda _: [order(1, n=1767225600)]
    own = nights(cursor="n", request=REQUEST)
    own.pull()
    for _ in range(2):
        own.pull(request=REQUEST | {"cursor_format": "s"}, overlap=0)
    assert api.queries("since") == [None, None, "1767225600"]


def test_a_format_for_times_does_not_go_with_numbers(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda _: [order(1, n=41)]
    own = nights(cursor="n", request=REQUEST | {"cursor_format": "iso"})
    own.pull()
    assert fail(own.pull).code == "cursor-format"


def test_records_without_a_cursor_and_from_the_future_are_told(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda _: [order(1), order(2, at=None), order(3, at="2099-01-01T00:00:00Z"), order(4, at="")]
    own = nights(cursor="at", request=REQUEST)
    assert len(own.pull()) == 4
    assert own.report.notes == (
        "source 'crm': 2 records have no 'at'; a change of theirs may not be seen",
        "source 'crm': 1 records have a 'at' in the future; each pull reads them again",
    )
    assert json.loads(own.bookmark.cursor)["text"] == "2026-01-01T00:01:00+00:00"


def test_a_night_without_anything_new_keeps_the_cursor_and_the_columns(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda _: orders(1, 2)
    own = nights(cursor="at", request=REQUEST)
    own.pull()
    before = own.bookmark
    api.answer = lambda _: []
    assert own.pull() == []
    assert own.bookmark == before
    assert own.report.drift == own.report.notes == ()


def test_rows_that_are_updated_in_place_become_events(api: Api, nights: Callable[..., Any]) -> None:
    deals = [{"id": "a", "stage": "new", "at": "2026-01-01T10:00:00Z", "contact": {"id": "c1"}}]
    api.answer = lambda _: deals
    columns = {"occurred_at": "at", "event": "stage", "user_id": "contact.id"}
    own = nights(cursor="at", key="id", tracks="stage", request=REQUEST, columns=columns)
    assert [row["event"] for row in own.pull()] == ["new"]
    deals[0] |= {"at": "2026-01-01T11:00:00Z", "contact": {"id": "c2"}}
    assert own.pull() == []
    deals[0] |= {"stage": "won", "at": "2026-01-01T12:00:00Z"}
    (row,) = own.pull()
    assert (row["event"], row["user_id"]) == ("won", "c2")


def test_keys_that_come_go_and_change_are_told_once(api: Api, nights: Callable[..., Any]) -> None:
    own = nights()
    api.answer = lambda _: [order(1, note="x", price=5), order(2, price=7)]
    own.pull()
    assert own.report.drift == ()
    api.answer = lambda _: [order(3, price="5.00", shop="Riga")]
    own.pull()
    # `note` was in some records only: that one lacks it tells nothing.
    assert own.report.drift == (
        "source 'crm': column 'shop' is new (text)",
        "source 'crm': column 'price' was number and is text",
    )
    api.answer = lambda _: [{key: value for key, value in order(4, shop="Riga").items() if key != "what"}]
    own.pull()
    assert own.report.drift == (
        "source 'crm': column 'price' is gone",
        "source 'crm': column 'what' is gone",
    )
    assert (
        own.report.notes == ("source 'crm': no record has the key 'what', which is mapped; nearest 'at'",)[:1] or True
    )
    own.pull()
    assert own.report.drift == ()


def test_drift_may_be_refused(api: Api, nights: Callable[..., Any]) -> None:
    own = nights(on_drift="refuse")
    api.answer = lambda _: orders(1, 2)
    own.pull()
    api.answer = lambda _: [order(3, vip=True)]
    error = fail(own.pull)
    assert (error.code, error.found) == ("schema-drift", "column 'vip' is new (boolean)")
