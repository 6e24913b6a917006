"""Each kind of paging brings every record once, and none reads for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from mid_pull import fail
from rest_api import Api, Asked, Reply, order, orders

ALL = orders(1, 7)
IDS = [f"o{number}" for number in range(1, 8)]
SIZE = 3


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["event_id"] for row in rows]


def test_one_answer_may_be_all(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda _: {"data": {"orders": ALL}}
    own = nights(request={"path": "/v1/orders", "records": "data.orders", "params": {"state": "any", "all": True}})
    rows = own.pull()
    assert ids(rows) == IDS
    assert [(row["line"], row["file"], row["user_id"]) for row in rows[:2]] == [
        (1, "/v1/orders", "b1"),
        (2, "/v1/orders", "b2"),
    ]
    assert [(asked.path, asked.query) for asked in api.asked] == [("/v1/orders", {"state": "any", "all": "true"})]
    assert own.report.file_count == 1
    assert own.report.drift == own.report.notes == ()


def test_a_link_in_the_answer_names_the_next_page(api: Api, nights: Callable[..., Any]) -> None:
    def answer(asked: Asked) -> Any:
        start = int(asked.query.get("after", 0))
        link = f"{api.url}/orders?after={start + SIZE}" if start + SIZE < len(ALL) else None
        return {"orders": ALL[start : start + SIZE], "paging": {"next": {"link": link}}}

    api.answer = answer
    paging = {"kind": "next_link", "next": "paging.next.link"}
    assert ids(nights(request={"path": "orders", "records": "orders"}, paging=paging).pull()) == IDS
    assert api.queries("after") == [None, "3", "6"]


def test_a_relative_link_starts_at_its_page(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda asked: {"orders": ALL[:4], "next": "?p=2"} if not asked.query else {"orders": ALL[4:]}
    paging = {"kind": "next_link", "next": "next"}
    assert ids(nights(request={"path": "a/b", "records": "orders"}, paging=paging).pull()) == IDS
    assert [asked.path for asked in api.asked] == ["/a/b", "/a/b"]


def test_a_link_header_names_the_next_page(api: Api, nights: Callable[..., Any]) -> None:
    def answer(asked: Asked) -> Any:
        start = int(asked.query.get("after", 0))
        links = f'<{api.url}/?after=0>; rel="first"' + (
            f', <{api.url}/?after={start + SIZE}>; rel="next"' if start + SIZE < len(ALL) else ""
        )
        return Reply(ALL[start : start + SIZE], headers={"link": links})

    api.answer = answer
    assert ids(nights(paging={"kind": "link_header"}).pull()) == IDS
    assert len(api.asked) == 3


@pytest.mark.parametrize("end", [None, "", False])
def test_a_cursor_in_the_answer_asks_for_the_next_page(api: Api, nights: Callable[..., Any], end: Any) -> None:
    def answer(asked: Asked) -> Any:
        start = int(asked.query.get("cursor", "c0")[1:])
        following = f"c{start + SIZE}" if start + SIZE < len(ALL) else end
        return {"list": ALL[start : start + SIZE], "meta": {"next": following}}

    api.answer = answer
    paging = {"kind": "cursor", "next": "meta.next", "param": "cursor"}
    request = {"records": "list", "params": {"limit": SIZE}}
    assert ids(nights(request=request, paging=paging).pull()) == IDS
    assert [(asked.query.get("cursor"), asked.query["limit"]) for asked in api.asked] == [
        (None, "3"),
        ("c3", "3"),
        ("c6", "3"),
    ]


def test_the_last_record_may_be_the_cursor(api: Api, nights: Callable[..., Any]) -> None:
    def answer(asked: Asked) -> Any:
        start = int(asked.query.get("starting_after", "o0")[1:])
        return {"data": ALL[start : start + SIZE], "has_more": start + SIZE < len(ALL)}

    api.answer = answer
    paging = {"kind": "cursor", "last_record": "id", "param": "starting_after", "more": "has_more"}
    assert ids(nights(request={"records": "data"}, paging=paging).pull()) == IDS
    assert api.queries("starting_after") == [None, "o3", "o6"]


def by_number(asked: Asked, *, first: int = 1, records: list[Any] = ALL) -> dict[str, Any]:
    start = (int(asked.query["page"]) - first) * SIZE
    return {"orders": records[start : start + SIZE], "total": len(records), "pages": 3, "more": start + SIZE < 7}


@pytest.mark.parametrize(
    ("stop", "asked"),
    [
        # Pages 1, 2, 3, the empty 4; after each the one before once more, for rows may have moved meanwhile.
        ({}, ["1", "2", "1", "3", "2", "4", "3"]),
        ({"verify": False}, ["1", "2", "3", "4"]),
        ({"verify": False, "total": "total"}, ["1", "2", "3"]),
        ({"verify": False, "pages": "pages"}, ["1", "2", "3"]),
        ({"verify": False, "more": "more"}, ["1", "2", "3"]),
    ],
)
def test_page_numbers_go_on_to_an_empty_page_or_to_what_the_answer_says(
    api: Api, nights: Callable[..., Any], stop: dict[str, Any], asked: list[str]
) -> None:
    api.answer = by_number
    own = nights(request={"records": "orders"}, paging={"kind": "page", "param": "page"} | stop)
    assert ids(own.pull()) == IDS
    assert api.queries("page") == asked
    assert own.report.notes == ()


def test_the_first_page_may_be_page_nought(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda asked: by_number(asked, first=0)
    paging = {"kind": "page", "param": "page", "first": 0, "pages": "pages", "verify": False}
    assert ids(nights(request={"records": "orders"}, paging=paging).pull()) == IDS
    assert api.queries("page") == ["0", "1", "2"]


def test_a_page_after_the_last_may_be_an_error_that_is_named(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda asked: by_number(asked) if int(asked.query["page"]) < 4 else Reply({}, status=404)
    paging = {"kind": "page", "param": "page", "verify": False}
    own = nights(request={"records": "orders"}, paging=paging | {"end_status": 404})
    assert ids(own.pull()) == IDS
    assert fail(lambda: own.pull(paging=paging)).code == "status"
    api.answer = lambda _: Reply({}, status=404)
    assert fail(own.pull).code == "status"  # of the first page it is no end


def test_a_server_that_gives_fewer_than_asked_for_is_read_to_the_end(api: Api, nights: Callable[..., Any]) -> None:
    def answer(asked: Asked) -> Any:
        start = int(asked.query["skip"])
        return ALL[start : start + min(int(asked.query["limit"]), SIZE)]

    api.answer = answer
    own = nights(request={"params": {"limit": 500}}, paging={"kind": "offset", "param": "skip"})
    assert ids(own.pull()) == IDS
    # Each page begins with the record before it: 0, then 3 - 1, 5 - 1, 7 - 1, where nothing new comes.
    assert api.queries("skip") == ["0", "2", "4", "6"]
    assert own.report.notes == ()


def test_pages_of_one_record_end_too(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda asked: ALL[int(asked.query["skip"]) :][:1]
    assert ids(nights(paging={"kind": "offset", "param": "skip"}).pull()) == IDS


def test_a_total_ends_offsets(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda asked: {"n": "7", "orders": ALL[int(asked.query["skip"]) :][:SIZE]}
    paging = {"kind": "offset", "param": "skip", "total": "n"}
    assert ids(nights(request={"records": "orders"}, paging=paging).pull()) == IDS
    assert api.queries("skip") == ["0", "2", "4"]


LOOP = {"kind": "next_link", "next": "next"}


@pytest.mark.parametrize(
    ("answer", "paging", "code"),
    [
        (lambda asked: {"r": [order(len(asked.query))], "next": "?a=1"}, LOOP, "same-page"),
        (lambda _: {"r": ALL, "next": "?a=1"}, LOOP, "same-page"),
        (lambda _: {"r": ALL}, {"kind": "page", "param": "page"}, "same-page"),
        (lambda _: {"r": ALL}, {"kind": "offset", "param": "skip"}, "same-page"),
        (lambda _: {"r": [], "m": True}, {"kind": "page", "param": "page", "more": "m"}, "endless-pages"),
        (lambda asked: {"r": [order(int(asked.query.get("n", 0)))], "next": f"?n={int(asked.query.get('n', 0)) + 1}"},
         LOOP, "endless-pages"),
        (lambda _: {"r": ALL, "m": True, "next": None}, LOOP | {"more": "m"}, "no-next-page"),
    ],
)  # fmt: skip
def test_pages_that_lead_nowhere_are_an_error(
    api: Api, nights: Callable[..., Any], answer: Callable[..., Any], paging: dict[str, Any], code: str
) -> None:
    api.answer = answer
    own = nights(request={"records": "r"}, paging=paging | {"most_pages": 20})
    assert fail(own.pull).code == code
    assert not (own.folder / "landed" / "crm.parquet").exists()
    assert len(api.asked) <= 40


def test_a_next_page_on_another_server_is_not_asked_for(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda _: {"r": ALL, "next": "http://localhost:9/orders"}
    error = fail(nights(request={"records": "r"}, paging=LOOP).pull)
    assert (error.code, error.found) == ("foreign-address", "localhost:9")
