"""`journeys check` proves a REST source by its first page: reachable, let in, records where they are said to be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_api import Api, Reply, orders, serving

from journeys.config import Identity, Project, Source
from journeys.sources import check_source

COLUMNS = {"event_id": "id", "occurred_at": "at", "event": "what", "user_id": "buyer.id"}
SECRET = "s3cr3t-Hush-77"


@pytest.fixture
def check(api: Api, tmp_path: Path) -> Callable[..., list[str]]:
    def run(**settings: Any) -> list[str]:
        chosen = {"name": "shop", "kind": "rest", "url": api.url, "columns": COLUMNS} | settings
        return check_source(Source(**chosen), Project(name="Acme"), tmp_path, identity=Identity())

    return run


def test_a_right_source_has_no_problem_and_is_asked_once(api: Api, check: Callable[..., list[str]]) -> None:
    api.answer = lambda asked: {"r": orders(1, 3)}
    paging = {"kind": "page", "param": "page", "first": 0}
    settings = {"request": {"path": "orders", "records": "r", "cursor_param": "since"}, "paging": paging}
    assert check(cursor="at", auth={"kind": "bearer", "token": SECRET}, **settings) == []
    assert [(asked.path, asked.query) for asked in api.asked] == [("/orders", {"page": "0"})]


@pytest.mark.parametrize(
    ("reply", "settings", "words"),
    [
        (Reply({}, 401), {}, ["refuses the login", "correct [source.auth]"]),
        (Reply({}, 404), {}, ["does not answer with records", "status 404"]),
        (Reply(b"<html>"), {}, ["no JSON", "HTML page"]),
        ({"orders": []}, {"request": {"records": "r"}}, ["there is no 'r'", "'orders'", "correct `records`"]),
        ([], {}, ["no rows"]),
        (orders(1, 3), {"columns": COLUMNS | {"user_id": "bayer.id", "url": "page"}},
         ["has the key 'bayer.id' or 'page'", "nearest 'buyer'", "optional_columns"]),
        (orders(1, 3), {"cursor": "updated", "request": {"cursor_param": "since"}}, ["has the key 'updated'"]),
        ([1, 2], {}, ["none of the first 2 rows can be read", "not a JSON object"]),
        (orders(1, 3), {"columns": COLUMNS | {"occurred_at": "id"}}, ["none of the first rows has a time"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    api: Api, check: Callable[..., list[str]], reply: Any, settings: dict[str, Any], words: list[str]
) -> None:
    api.answer = lambda _: reply
    (problem,) = check(**settings)
    for word in words:
        assert word in problem


def test_a_server_that_is_not_there_is_said_soon(check: Callable[..., list[str]]) -> None:
    with serving() as gone:
        pass
    (problem,) = check(url=gone.url)
    assert "could not be reached or broke off; tried 2 times" in problem


def test_keys_that_records_may_lack_are_no_problem(api: Api, check: Callable[..., list[str]]) -> None:
    api.answer = lambda _: orders(1, 3)
    assert check(columns=COLUMNS | {"url": "page"}, optional_columns=("page",)) == []


def test_an_address_book_is_judged_as_one(api: Api, check: Callable[..., list[str]]) -> None:
    api.answer = lambda _: [{"id": "c1", "email": "anna@acme.example", "at": "2026-01-01"}]
    book = {"holds": "contacts", "columns": {"occurred_at": "at"}}
    assert check(identifiers={"contact_id": "id", "email": "email"}, **book) == []
    (problem,) = check(identifiers={"contact_id": "id", "email": "mail"}, optional_columns=("mail",), **book)
    assert "two identifiers" in problem
