"""What an API does wrong: what passes is waited for, all else is an error by name, and no half reading is landed."""

from __future__ import annotations

import gzip
import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from mid_pull import fail
from rest_api import Api, Reply, orders, serving

from journeys.sources import TransientSourceError

ALL = orders(1, 4)
SECRET = "s3cr3t-Hush-77"
BEARER = {"kind": "bearer", "token": SECRET}


def in_turn(*replies: Any) -> Callable[[Any], Any]:
    """Answer with one after the other, then with the last again and again."""
    waiting = list(replies)
    return lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that were waited for, which pass at once."""
    seconds: list[float] = []
    monkeypatch.setattr("journeys.sources.rest.waits.pause", seconds.append)
    return seconds


def test_429_is_waited_for_as_long_as_the_api_asks(api: Api, nights: Callable[..., Any], slept: list[float]) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    api.answer = in_turn(
        Reply("slow down", 429, {"retry-after": "7"}), Reply("slow down", 429, {"retry-after": at}), Reply(ALL)
    )
    assert len(nights().pull()) == 4
    assert slept[0] == 7
    assert 30 < slept[1] <= 40


def test_a_server_that_is_broken_for_a_while_is_tried_again(
    api: Api, nights: Callable[..., Any], slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.sources.rest.waits.FIRST_WAIT_SECONDS", 1.0)
    api.answer = in_turn(Reply("", 500), Reply("", 502), Reply(ALL, cut=True), Reply("", 503), Reply(ALL))
    assert len(nights().pull()) == 4
    assert slept == [1, 2, 4, 8]


def test_tries_end(api: Api, nights: Callable[..., Any], slept: list[float]) -> None:
    api.answer = lambda _: Reply({"why": "maintenance"}, 503)
    error = fail(nights(request={"retries": 2}).pull)
    assert isinstance(error, TransientSourceError)
    assert type(error) is TransientSourceError
    assert "page 1 of crm: the API is busy or broken; tried 3 times" in error.what
    assert "maintenance" in error.found
    assert len(api.asked) == 3


@pytest.mark.parametrize("wait", ["301", "999999999999"])
def test_a_wait_that_is_too_long_ends_the_pull(
    api: Api, nights: Callable[..., Any], slept: list[float], wait: str
) -> None:
    api.answer = lambda _: Reply("", 429, {"retry-after": wait})
    error = fail(nights().pull)
    assert isinstance(error, TransientSourceError)
    assert (error.code, error.allowed, slept) == ("rest-wait", 'longest_wait = "5m"', [])


@pytest.mark.parametrize("wait", ["soon", "-5", "nan", "inf", ""])
def test_a_wait_that_cannot_be_read_is_as_none(
    api: Api, nights: Callable[..., Any], slept: list[float], wait: str
) -> None:
    api.answer = in_turn(Reply("", 429, {"retry-after": wait}), Reply(ALL))
    assert len(nights().pull()) == 4
    assert slept == [0]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "status"),
        (401, "login-refused"),
        (403, "permission-denied"),
        (404, "status"),
        (501, "status"),
        (202, "status"),
    ],
)
def test_what_does_not_pass_is_asked_once(api: Api, nights: Callable[..., Any], status: int, code: str) -> None:
    api.answer = lambda asked: Reply(
        {"error": f"no parameter 'sinse', you sent {asked.headers['authorization']}"}, status
    )
    error = fail(nights(auth=BEARER).pull)
    assert (error.code, len(api.asked)) == (code, 1)
    assert not isinstance(error, TransientSourceError)
    assert "no parameter 'sinse'" in error.found
    assert SECRET not in str(error)


HTML = b"<!DOCTYPE html><html><body>Please log in</body></html>"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (HTML, ["an HTML page is a log-in", "text/html", "Please"]),
        (b'{"orders": [', ["12 bytes"]),
        (b"", ["0 bytes"]),
        (b"\xff\xfe\x00", ["3 bytes"]),
        (b"[" * 100_000, ["100,000 bytes"]),
        (b"[" + b"9" * 5_000 + b"]", ["5,002 bytes"]),
    ],
)
def test_what_is_no_json_is_named(api: Api, nights: Callable[..., Any], body: bytes, words: list[str]) -> None:
    kind = "text/html" if body is HTML else "application/json"
    api.answer = lambda _: Reply(body, headers={"content-type": kind})
    error = fail(nights().pull)
    assert error.code == "not-json"
    for word in words[: 1 if body is HTML else None]:
        assert word in str(error)


@pytest.mark.parametrize(
    ("body", "path", "what", "found"),
    [
        ({"orders": {"id": 1}}, "orders", "the value of 'orders' is no list", "an object with the keys 'id'"),
        ({"orders": None}, "orders", "the value of 'orders' is no list", "null"),
        ({"errors": ["private"]}, "orders", "there is no 'orders'", "an object with the keys 'errors'"),
        ({"a": [{"b": "private"}]}, "a[0].b", "the value of 'a[0].b' is no list", "a text"),
        ({"a": []}, "a[0].b", "there is no 'a[0].b'", "an object with the keys 'a'"),
        (None, "", "the answer is no list", "null"),
        (5, "", "the answer is no list", "a number"),
        ({}, "", "the answer is no list", "an object with the keys (none)"),
    ],
)
def test_a_record_path_that_leads_to_no_list_is_named(
    api: Api, nights: Callable[..., Any], body: Any, path: str, what: str, found: str
) -> None:
    api.answer = lambda _: body
    error = fail(nights(request={"records": path}).pull)
    assert (error.code, error.what, error.found) == ("no-records", f"source 'crm': page 1 of crm: {what}", found)


def test_answers_may_be_allowed_to_lack_records(api: Api, nights: Callable[..., Any]) -> None:
    request = {"records": "orders", "may_lack_records": True}
    for body in ({}, {"orders": None}, Reply(b"", 204)):
        api.answer = lambda _, body=body: body
        assert nights(request=request).pull() == []
    api.answer = lambda _: {"orders": 5}
    assert fail(nights(request=request).pull).code == "no-records"


def test_a_record_that_is_no_object_lands_as_unreadable(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda _: [ALL[0], 5, "text", None, [1], ALL[1]]
    rows = nights().pull()
    assert [row["unreadable"] for row in rows] == [None, *["not a JSON object"] * 4, None]
    assert [row["raw"] for row in rows] == [None, "5", '"text"', "null", "[1]", None]


def test_any_text_lands_as_it_is(api: Api, nights: Callable[..., Any]) -> None:
    texts = ["ā\u0000b", "💬", "line\nbreak", '"quoted"', "\ud83d"]
    api.answer = lambda _: [order | {"what": text} for order, text in zip(orders(1, 5), texts, strict=True)]
    rows = nights().pull()
    assert [json.loads(row["properties"])["what"] for row in rows[:4]] == texts[:4]
    assert (rows[4]["unreadable"], len(rows)) == ("not JSON", 5)  # half a surrogate pair is no text


def test_an_answer_that_is_too_large_is_refused_also_when_it_comes_compressed(
    api: Api, nights: Callable[..., Any]
) -> None:
    large = json.dumps([{"id": "x" * 200_000}]).encode()
    for reply in (Reply(large), Reply(gzip.compress(large), headers={"content-encoding": "gzip"})):
        api.answer = lambda _, reply=reply: reply
        error = fail(nights(request={"largest_response": "100KB"}).pull)
        assert (error.code, error.found) == ("response-too-large", "more than 100,000 bytes")
        assert len(nights(request={"largest_response": "1MB"}, columns={}).pull()) == 1


def test_a_silent_server_is_given_up(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda _: Reply(ALL, seconds=3)
    started = time.monotonic()
    error = fail(nights(read_timeout="1s", request={"retries": 1}).pull)
    assert (error.code, type(error)) == ("rest-timeout", TransientSourceError)
    assert "tried 2 times" in error.what
    assert time.monotonic() - started < 2.9


def test_an_answer_that_comes_byte_by_byte_is_given_up(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda _: Reply(ALL, drip=0.1)
    started = time.monotonic()
    error = fail(nights(read_timeout="1s", request={"retries": 0}).pull)
    assert (error.code, type(error)) == ("rest-timeout", TransientSourceError)
    assert "bytes, and no end" in error.found
    assert time.monotonic() - started < 5


def test_a_dead_server_may_come_back(nights: Callable[..., Any]) -> None:
    with serving() as gone:
        pass
    error = fail(nights(url=gone.url, request={"retries": 1}).pull)
    assert (error.code, type(error)) == ("rest", TransientSourceError)
    assert "ConnectError" in error.found


def test_requests_are_spaced(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda asked: {
        "r": [ALL[len(api.asked) - 1]],
        "next": f"?n={len(api.asked)}" if len(api.asked) < 4 else None,
    }
    started = time.monotonic()
    request = {"records": "r", "requests_per_second": 10.0}
    assert len(nights(request=request, paging={"kind": "next_link", "next": "next"}).pull()) == 4
    assert time.monotonic() - started >= 0.3  # three pauses between four requests


def test_a_failure_half_way_leaves_the_rows_of_the_night_before(api: Api, nights: Callable[..., Any]) -> None:
    own = nights(request={"records": "r", "retries": 0}, paging={"kind": "next_link", "next": "next"})
    api.answer = lambda _: {"r": ALL, "next": None}
    own.pull()
    landed = own.folder / "landed" / "crm.parquet"
    before, bookmark = landed.read_bytes(), own.bookmark
    api.answer = lambda asked: {"r": orders(5, 9), "next": "?p=2"} if not asked.query else Reply("", 500)
    assert fail(own.pull).code == "rest-busy"
    assert landed.read_bytes() == before
    assert own.bookmark == bookmark
    assert [path.name for path in landed.parent.iterdir()] == ["crm.parquet"]


def test_no_log_line_holds_an_address(api: Api, nights: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api.answer = lambda _: ALL
    nights(auth={"kind": "query", "name": "api_key", "token": SECRET}).pull()
    assert api.queries("api_key") == [SECRET]
    assert SECRET not in caplog.text
    assert "HTTP Request" not in caplog.text
