"""Each way to say who asks; tokens are renewed when they end, and no secret is in an error or goes elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from mid_pull import fail
from rest_api import Api, Asked, Reply, orders, serving

from journeys.sources import TransientSourceError

SECRET = "s3cr3t-Hush-77"
ALL = orders(1, 6)


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"kind": "bearer", "token": SECRET}, "authorization", f"Bearer {SECRET}"),
        ({"kind": "header", "name": "X-Api-Key", "token": SECRET}, "x-api-key", SECRET),
        ({"kind": "basic", "user": "anna", "password": SECRET}, "authorization",
         "Basic " + base64.b64encode(f"anna:{SECRET}".encode()).decode()),
        ({"kind": "basic", "user": "anna"}, "authorization", "Basic YW5uYTo="),
        (None, "authorization", None),
    ],
)  # fmt: skip
def test_a_key_goes_where_it_is_said(
    api: Api, nights: Callable[..., Any], auth: Any, header: str, value: str | None
) -> None:
    api.answer = lambda _: ALL
    nights(auth=auth, request={"headers": {"X-Shop": "riga"}}).pull()
    (asked,) = api.asked
    assert asked.headers.get(header) == value
    assert (asked.headers["x-shop"], asked.headers["user-agent"].split("/")[0]) == ("riga", "journeys")


def test_a_key_in_the_query_is_in_each_request_and_only_once(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda asked: (
        {"r": ALL[:3], "next": "?p=2&api_key=another"} if "p" not in asked.query else {"r": ALL[3:]}
    )
    auth = {"kind": "query", "name": "api_key", "token": SECRET}
    assert len(nights(auth=auth, request={"records": "r"}, paging={"kind": "next_link", "next": "next"}).pull()) == 6
    assert api.queries("api_key") == [SECRET, SECRET]


class Tokens:
    """An API with a token server: each token is good for so many requests."""

    def __init__(self, api: Api, *, good_for: int, **answer: Any) -> None:
        self.api, self.good_for, self.answer = api, good_for, answer
        self.given = 0
        self.used = 0
        api.answer = self.reply

    def reply(self, asked: Asked) -> Any:
        if asked.path == "/token":
            self.given, self.used = self.given + 1, 0
            return {"access_token": f"token-{self.given}", "token_type": "bearer"} | self.answer
        self.used += 1
        if asked.headers.get("authorization") != f"Bearer token-{self.given}" or self.used > self.good_for:
            return Reply({"error": "expired"}, 401)
        start = int(asked.query.get("skip", 0))
        return {"r": ALL[start : start + 2], "next": f"?skip={start + 2}" if start < 4 else None}

    def settings(self, **auth: Any) -> dict[str, Any]:
        """A source that asks with tokens."""
        own = {"kind": "client_credentials", "token_url": f"{self.api.url}/token", "client_id": "jour:neys"}
        return {
            "auth": own | {"client_secret": SECRET} | auth,
            "request": {"records": "r"},
            "paging": {"kind": "next_link", "next": "next"},
        }


def test_a_token_that_ends_in_the_middle_is_renewed(api: Api, nights: Callable[..., Any]) -> None:
    tokens = Tokens(api, good_for=2, expires_in=3600)
    rows = nights(**tokens.settings(scope="read")).pull()
    assert [row["event_id"] for row in rows] == [f"o{number}" for number in range(1, 7)]
    assert [asked.path for asked in api.asked] == ["/token", "/", "/", "/", "/token", "/"]
    first = api.asked[0]
    assert (first.method, first.form) == ("POST", {"grant_type": "client_credentials", "scope": "read"})
    # RFC 6749, 2.3.1: id and secret are encoded as a form is, then joined.
    assert base64.b64decode(first.headers["authorization"].removeprefix("Basic ")).decode() == f"jour%3Aneys:{SECRET}"


def test_a_token_is_renewed_before_its_end(
    api: Api, nights: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("journeys.sources.rest.credentials.time.monotonic", lambda: now[0])
    tokens = Tokens(api, good_for=99, expires_in="40")
    answer = tokens.reply

    def pass_time(asked: Asked) -> Any:
        now[0] += 12 if asked.path == "/" else 0
        return answer(asked)

    api.answer = pass_time
    assert len(nights(**tokens.settings(client_in="body")).pull()) == 6
    # It is not used in the last 20 of its 40 s (half, for it is shorter than a minute): two pages of 12 s.
    assert [asked.path for asked in api.asked] == ["/token", "/", "/", "/token", "/"]
    assert api.asked[0].form["client_secret"] == SECRET
    assert "authorization" not in api.asked[0].headers


def test_a_login_that_stays_refused_is_tried_with_one_new_token(api: Api, nights: Callable[..., Any]) -> None:
    tokens = Tokens(api, good_for=0)
    error = fail(nights(**tokens.settings()).pull)
    assert error.code == "login-refused"
    assert [asked.path for asked in api.asked] == ["/token", "/", "/token", "/"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"error": "invalid_client", "you_sent": SECRET}, 401),
        {"token": SECRET},
        {"access_token": 5},
        {"access_token": "a\nb"},
        [SECRET],
    ],
)
def test_a_token_server_that_gives_none_is_named(api: Api, nights: Callable[..., Any], reply: Any) -> None:
    tokens = Tokens(api, good_for=1)
    api.answer = lambda _: reply
    error = fail(nights(**tokens.settings()).pull)
    assert error.code == "login-refused"
    assert not isinstance(error, TransientSourceError)
    assert SECRET not in str(error)


def test_a_token_server_that_is_busy_is_tried_again(api: Api, nights: Callable[..., Any]) -> None:
    tokens = Tokens(api, good_for=99)
    replies = [Reply("", 503), Reply("", 429)]
    api.answer = lambda asked: replies.pop() if replies else tokens.reply(asked)
    assert len(nights(**tokens.settings()).pull()) == 6


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_server_gets_nothing(api: Api, nights: Callable[..., Any], status: int) -> None:
    with serving() as other:
        other.answer = lambda _: ALL
        api.answer = lambda _: Reply("", status, {"location": f"{other.url}/orders"})
        error = fail(nights(auth={"kind": "bearer", "token": SECRET}).pull)
    assert (error.code, other.asked) == ("foreign-address", [])
    assert error.found == f"127.0.0.1:{other.port}"


def test_a_redirect_inside_the_api_is_followed_a_few_times(api: Api, nights: Callable[..., Any]) -> None:
    api.answer = lambda asked: ALL if asked.path == "/orders/" else Reply("", 301, {"location": "/orders/"})
    own = nights(auth={"kind": "bearer", "token": SECRET}, request={"path": "orders"})
    assert len(own.pull()) == 6
    assert [asked.headers["authorization"] for asked in api.asked] == [f"Bearer {SECRET}"] * 2
    api.answer = lambda _: Reply("", 302, {"location": "/orders"})
    assert fail(own.pull).code == "redirects"


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/", "http://a:b@127.0.0.1/", "//evil.example/x"])
def test_a_hostile_redirect_is_refused(api: Api, nights: Callable[..., Any], location: str) -> None:
    api.answer = lambda _: Reply("", 302, {"location": location})
    assert fail(nights().pull).code == "foreign-address"
