"""Rows that move between pages while they are read are found, and told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from mid_pull import fail
from rest_api import Api, Asked, order, orders

SIZE = 3
PAGE = {"kind": "page", "param": "page"}
OFFSET = {"kind": "offset", "param": "skip"}


class Table:
    """Orders in a list that changes before the request of a number (from 1)."""

    def __init__(self, api: Api, records: list[dict[str, Any]], changes: dict[int, Callable[[list[Any]], Any]]) -> None:
        self.records, self.changes, self.count = records, changes, 0
        api.answer = self.answer

    def answer(self, asked: Asked) -> Any:
        self.count += 1
        if change := self.changes.get(self.count):
            change(self.records)
        page = asked.query.get("page")
        start = (int(page) - 1) * SIZE if page else int(asked.query.get("skip", 0))
        return {"r": self.records[start : start + SIZE], "n": len(self.records)}


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["event_id"] for row in rows]


@pytest.mark.parametrize("paging", [PAGE, OFFSET])
def test_a_row_that_slips_into_a_page_that_was_read_is_found(
    api: Api, nights: Callable[..., Any], paging: dict[str, Any]
) -> None:
    # Page 1 is o1 o2 o3. Then o1 is gone: the second page begins with o5, and o4 is now the third of page 1.
    table = Table(api, orders(1, 8), {2: lambda records: records.pop(0)})
    own = nights(request={"records": "r"}, paging=paging)
    assert sorted(ids(own.pull())) == [f"o{number}" for number in range(1, 9)]
    assert own.report.notes == ("source 'crm': 1 records moved between pages while they were read",)
    assert len(table.records) == 7


@pytest.mark.parametrize("paging", [PAGE, OFFSET])
def test_a_row_that_is_updated_and_moves_to_the_end_pushes_none_out(
    api: Api, nights: Callable[..., Any], paging: dict[str, Any]
) -> None:
    def touch(records: list[Any]) -> None:
        records.append(records.pop(1) | {"at": "2026-01-02T00:00:00Z"})

    Table(api, orders(1, 8), {2: touch, 5: touch})
    assert set(ids(nights(request={"records": "r"}, paging=paging).pull())) == {f"o{n}" for n in range(1, 9)}


@pytest.mark.parametrize("paging", [PAGE, OFFSET])
def test_a_row_that_comes_in_front_repeats_others_and_hides_none(
    api: Api, nights: Callable[..., Any], paging: dict[str, Any]
) -> None:
    Table(api, orders(1, 8), {2: lambda records: records.insert(0, order(9))})
    found = ids(nights(request={"records": "r"}, paging=paging).pull())
    assert sorted(found) == [f"o{number}" for number in range(1, 10)]


def test_without_looking_again_such_a_row_is_lost(api: Api, nights: Callable[..., Any]) -> None:
    Table(api, orders(1, 8), {2: lambda records: records.pop(0)})
    assert "o4" not in ids(nights(request={"records": "r"}, paging=PAGE | {"verify": False}).pull())


def test_rows_alike_in_everything_are_rows(api: Api, nights: Callable[..., Any]) -> None:
    alike = [{key: value for key, value in order(1).items() if key != "id"}] * 2
    other = [{key: value for key, value in each.items() if key != "id"} for each in orders(2, 5)]
    Table(api, [*alike, *other, *alike], {})
    columns = {"occurred_at": "at", "event": "what", "user_id": "buyer.id"}
    for paging in (PAGE, OFFSET):
        assert len(nights(request={"records": "r"}, paging=paging, columns=columns).pull()) == 8


def test_a_number_of_all_records_that_changes_is_told(api: Api, nights: Callable[..., Any]) -> None:
    Table(api, orders(1, 8), {2: lambda records: records.append(order(9))})
    own = nights(request={"records": "r"}, paging=PAGE | {"total": "n"})
    assert len(own.pull()) == 9
    assert own.report.notes == ("source 'crm': the number of records that the API states changed from 8 to 9",)


def test_fewer_records_than_the_api_states_are_told(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda _: {"r": orders(1, 3), "n": 1_200}
    own = nights(request={"records": "r"}, paging={"kind": "none", "total": "n"})
    assert len(own.pull()) == 3
    assert own.report.notes == ("source 'crm': the API states 1,200 records and gave 3",)


def test_where_more_moved_than_can_be_found_the_next_night_reads_all_again(
    api: Api, nights: Callable[..., Any]
) -> None:
    table = Table(api, orders(1, 12), {2: lambda records: records.__delitem__(slice(0, 6))})
    own = nights(request={"records": "r", "cursor_param": "since"}, paging=PAGE, cursor="at", overlap=0)
    own.pull()
    assert own.report.notes[0].endswith("; all is read again in the next pull")
    assert own.bookmark.cursor == ""
    table.changes = {}
    assert set(ids(own.pull())) == {f"o{number}" for number in range(7, 13)}
    assert api.queries("since") == [None] * len(api.asked)
    assert json.loads(own.bookmark.cursor)["text"] == "2026-01-01T00:12:00+00:00"


# Pages that begin at the last cursor ---------------------------------------------------------------

SINCE = {"kind": "since", "size": SIZE}


class Sorted:
    """Orders sorted by their time, from a time on (`>=`, or `>`), a page at most; perhaps changed before a request."""

    def __init__(self, api: Api, records: list[dict[str, Any]], *, is_open: bool = False) -> None:
        self.records, self.is_open = records, is_open
        self.change: Callable[[int], Any] = lambda _: None
        api.answer = self.answer
        self.api = api

    def answer(self, asked: Asked) -> Any:
        self.change(len(self.api.asked))
        since = asked.query.get("since", "")
        kept = [each for each in self.records if each["at"] > since or (each["at"] == since and not self.is_open)]
        return sorted(kept, key=lambda each: each["at"])[:SIZE]


@pytest.mark.parametrize("is_open", [True, False])
def test_each_page_begins_where_the_one_before_ended(api: Api, nights: Callable[..., Any], is_open: bool) -> None:
    # o3 and o4 have one time, and a page ends between them.
    Sorted(api, [*orders(1, 3), order(3) | {"id": "o4"}, *orders(5, 8)], is_open=is_open)
    own = nights(request={"cursor_param": "since"}, paging=SINCE, cursor="at")
    assert ids(own.pull()) == [f"o{number}" for number in range(1, 9)]
    assert api.queries("since")[:2] == [None, "2026-01-01T00:02:59Z"]


def test_a_row_that_is_updated_meanwhile_hides_none_and_comes_again(api: Api, nights: Callable[..., Any]) -> None:
    table = Sorted(api, orders(1, 8))
    table.change = lambda count: table.records[0].update(at="2026-01-03T00:00:00Z") if count == 2 else None
    rows = nights(request={"cursor_param": "since"}, paging=SINCE, cursor="at").pull()
    assert ids(rows) == [*(f"o{number}" for number in range(1, 9)), "o1"]


def test_more_rows_of_one_moment_than_a_page_holds_are_an_error(api: Api, nights: Callable[..., Any]) -> None:
    Sorted(api, [order(1) | {"id": f"o{number}"} for number in range(5)])
    own = nights(request={"cursor_param": "since"}, paging=SINCE, cursor="at")
    assert fail(own.pull).code == "too-many-ties"


@pytest.mark.parametrize("records", [orders(1, 3)[::-1], [order(1), order(2, at=None), order(3)]])
def test_records_that_are_not_in_order_are_an_error(
    api: Api, nights: Callable[..., Any], records: list[dict[str, Any]]
) -> None:
    api.answer = lambda _: records
    own = nights(request={"cursor_param": "since"}, paging=SINCE, cursor="at")
    assert fail(own.pull).code == "not-sorted"
