"""An API is asked at its address and drafted as a source that reads all its pages; what is none is said."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_api import Api, Asked, Reply, orders

from journeys.config import build_settings
from journeys.errors import CallError
from journeys.sources import check_source
from journeys.sources.guess import Drafted, draft_settings
from journeys.sources.guess.logins import TOKEN_VARIABLE

ALL = orders(1, 5)
SECRET = "s3cr3t-Hush-77"
PRESETS = Path(__file__).parents[2] / "presets"
FOLDER = Path("/srv/shop/config")


def draft(api: Api, address: str = "/v1/orders", login: str | None = None) -> tuple[Drafted, dict[str, Any]]:
    drafted = draft_settings(api.url + address, FOLDER, login=login)
    (source,) = tomllib.loads(drafted.text)["source"]
    return drafted, source


def prove(drafted: Drafted) -> list[str]:
    settings = build_settings(tomllib.loads(drafted.text), FOLDER / "journeys.toml", environment=drafted.environment)
    (source,) = settings.sources
    return check_source(source, settings.project, FOLDER, identity=settings.identity)


def test_an_api_without_pages_is_drafted_and_proved(api: Api) -> None:
    api.answer = lambda _: {"meta": {"ok": True}, "data": ALL}
    drafted, source = draft(api)
    assert source["kind"] == "rest"
    assert source["url"] == f"{api.url}/v1"
    assert source["request"] == {"path": "orders", "records": "data"}
    assert "paging" not in source
    assert source["columns"] == {"event_id": "id", "occurred_at": "at", "event": "what", "user_id": "buyer.id"}
    assert any("nothing speaks of a further page" in line for line in drafted.lines)
    assert prove(drafted) == []


def numbered(size: int, **told: Callable[[int], Any]) -> Callable[[Asked], Any]:
    """Pages of so many records by the parameter `page`, with what each answer tells beside them."""

    def answer(asked: Asked) -> Any:
        page = int(asked.query.get("page", "1"))
        found = ALL[(page - 1) * size : page * size]
        return {"data": found, **{name: tell(page) for name, tell in told.items()}}

    return answer


def by_cursor(name: str, param: str) -> Callable[[Asked], Any]:
    """Pages of two, each naming the place of the next in `name`, which is asked for in `param`."""

    def answer(asked: Asked) -> Any:
        start = int(asked.query.get(param, "c0").removeprefix("c"))
        following = f"c{start + 2}" if start + 2 < len(ALL) else None
        return {"items": ALL[start : start + 2], "paging": {name: following}}

    return answer


def by_link(asked: Asked) -> Any:
    start = int(asked.query.get("from", "0"))
    link = f"/v1/orders?from={start + 2}" if start + 2 < len(ALL) else None
    return {"results": ALL[start : start + 2], "next": link}


def by_header(asked: Asked) -> Any:
    start = int(asked.query.get("from", "0"))
    headers = {"link": f'</v1/orders?from={start + 2}>; rel="next"'} if start + 2 < len(ALL) else {}
    return Reply(ALL[start : start + 2], headers=headers)


def by_offset(asked: Asked) -> Any:
    start = int(asked.query.get("offset", "0"))
    return {"value": ALL[start : start + 2], "offset": start, "total": len(ALL)}


def by_last_id(asked: Asked) -> Any:
    after = asked.query.get("starting_after")
    start = [each["id"] for each in ALL].index(after) + 1 if after else 0
    return {"data": ALL[start : start + 2], "has_more": start + 2 < len(ALL)}


@pytest.mark.parametrize(
    ("answer", "address", "paging"),
    [
        (by_header, "/v1/orders", {"kind": "link_header"}),
        (by_link, "/v1/orders", {"kind": "next_link", "next": "next"}),
        (by_cursor("next_cursor", "cursor"), "/v1/orders",
         {"kind": "cursor", "next": "paging.next_cursor", "param": "cursor"}),
        (by_cursor("nextPageToken", "pageToken"), "/v1/orders",
         {"kind": "cursor", "next": "paging.nextPageToken", "param": "pageToken"}),
        (by_cursor("next_cursor", "after"), "/v1/orders",
         {"kind": "cursor", "next": "paging.next_cursor", "param": "after"}),
        (numbered(2, page=lambda page: page, pages=lambda _: 3), "/v1/orders",
         {"kind": "page", "param": "page", "pages": "pages"}),
        (numbered(2), "/v1/orders?page=1", {"kind": "page", "param": "page"}),
        (numbered(2), "/v1/orders?per_page=2", {"kind": "page", "param": "page"}),
        (numbered(2, total=lambda _: 5), "/v1/orders", {"kind": "page", "param": "page", "total": "total"}),
        (by_offset, "/v1/orders", {"kind": "offset", "param": "offset", "total": "total"}),
        (by_last_id, "/v1/orders",
         {"kind": "cursor", "last_record": "id", "param": "starting_after", "more": "has_more"}),
    ],
)  # fmt: skip
def test_paging_is_told_by_the_answer_and_tried(
    api: Api, answer: Callable[[Asked], Any], address: str, paging: dict[str, object]
) -> None:
    api.answer = answer
    drafted, source = draft(api, address)
    assert source["paging"] == paging
    # An offset begins a record early, to see whether rows have moved.
    new = 1 if paging["kind"] == "offset" else 2
    assert any(f"a second page was read so, new records: {new}" in line for line in drafted.lines)
    assert prove(drafted) == []


@pytest.mark.parametrize(
    ("beside", "paging", "words"),
    [
        ({"next": None}, {"kind": "next_link", "next": "next"}, "one page only"),
        ({"next_cursor": None}, {"kind": "cursor", "next": "next_cursor", "param": "cursor"}, "one page only"),
        ({"total": 5}, {"kind": "none"}, "its 5 records are all"),
        ({"count": 5}, None, "nothing speaks of a further page"),
        ({"next": "https://elsewhere.example/orders?page=2"}, {"kind": "next_link", "next": "next"},
         "leads to another server"),
        ({"next_cursor": "for-nobody"}, {"kind": "cursor", "next": "next_cursor", "param": "cursor"},
         "the page before once more"),
    ],
)  # fmt: skip
def test_what_could_not_be_tried_is_no_certainty(
    api: Api, beside: dict[str, Any], paging: dict[str, object] | None, words: str
) -> None:
    api.answer = lambda _: {"data": ALL, **beside}
    drafted, source = draft(api)
    assert source.get("paging") == paging
    (line,) = [each for each in drafted.lines if "pages:" in each]
    assert words in line
    assert "sure:" not in line


@pytest.mark.parametrize(
    ("file", "preset"), [("posthog/events.jsonl", "posthog"), ("matomo_live/visits.json", "matomo_live")]
)
def test_an_api_whose_records_a_preset_knows_is_read_by_it(api: Api, file: str, preset: str) -> None:
    text = (PRESETS / file).read_text(encoding="utf-8")
    # One row of the lines is broken on purpose.
    records = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines() if line]
    api.answer = lambda _: {"results": records, "next": None}
    drafted, source = draft(api, "/api/projects/1/events?filter_limit=500")
    assert (source["preset"], source["kind"], source["request"]["records"]) == (preset, "rest", "results")
    assert prove(drafted) == []


def test_the_offset_is_called_like_the_limit(api: Api) -> None:
    api.answer = lambda asked: ALL[(start := int(asked.query.get("filter_offset", "0"))) : start + 2]
    _, source = draft(api, "/v1/orders?filter_limit=2")
    assert source["paging"] == {"kind": "offset", "param": "filter_offset"}


def test_a_round_number_of_records_is_doubted(api: Api) -> None:
    api.answer = lambda _: orders(1, 50)
    drafted, source = draft(api)
    assert "paging" not in source
    assert "records" not in source["request"]
    assert any("50 is a round number" in line for line in drafted.lines)


def test_what_is_new_is_asked_for_where_the_address_shows_how(api: Api) -> None:
    api.answer = lambda _: {"data": [{**each, "updated_at": each["at"]} for each in ALL], "total": 5}
    _, source = draft(api, "/v1/orders?updated_since=2026-01-01&limit=100")
    assert source["cursor"] == "updated_at"
    assert source["request"] == {
        "path": "orders",
        "params": {"updated_since": "2026-01-01", "limit": 100},
        "records": "data",
        "cursor_param": "updated_since",
        "cursor_format": "date",
    }


def test_records_without_an_id_are_all_read_each_night(api: Api) -> None:
    api.answer = lambda _: [{"updated_at": "2026-01-01", "id": 7, "what": "x", "email": f"a{place}@x.example"}
                            for place in range(3)]  # fmt: skip
    drafted, source = draft(api, "/v1/orders?since=2026-01-01")
    assert "cursor" not in source
    assert source["request"] == {"path": "orders", "params": {"since": "2026-01-01"}}
    assert prove(drafted) == []


def test_an_object_is_nobody_but_its_id_is(api: Api) -> None:
    api.answer = lambda _: [{**each, "user": {"id": 1, "name": "Ann"}, "status": {"name": "new"}} for each in ALL]
    _, source = draft(api)
    assert source["columns"]["user_id"] == "user.id"
    assert source["columns"]["event"] == "what"


@pytest.mark.parametrize(
    ("login", "address", "auth", "asked"),
    [
        (None, "/v1/orders", {"kind": "bearer", "token": f"${{{TOKEN_VARIABLE}}}"},
         ("authorization", f"Bearer {SECRET}")),
        ("header:X-Key", "/v1/orders", {"kind": "header", "name": "X-Key", "token": f"${{{TOKEN_VARIABLE}}}"},
         ("x-key", SECRET)),
        ("basic:ann", "/v1/orders", {"kind": "basic", "user": "ann", "password": f"${{{TOKEN_VARIABLE}}}"},
         ("authorization", "Basic YW5uOnMzY3IzdC1IdXNoLTc3")),
    ],
)  # fmt: skip
def test_the_secret_is_taken_from_the_environment_and_written_nowhere(
    api: Api, monkeypatch: pytest.MonkeyPatch, login: str | None, address: str, auth: dict[str, str],
    asked: tuple[str, str],
) -> None:  # fmt: skip
    monkeypatch.setenv(TOKEN_VARIABLE, SECRET)
    api.answer = lambda got: {"data": ALL} if got.headers.get(asked[0]) == asked[1] else Reply({}, 401)
    drafted, source = draft(api, address, login)
    assert source["auth"] == auth
    assert SECRET not in drafted.text + "".join(drafted.lines) + repr(drafted)
    assert prove(drafted) == []


def test_a_secret_in_the_address_is_written_as_a_variable(api: Api) -> None:
    api.answer = lambda got: {"data": ALL} if got.query.get("api_key") == SECRET else Reply({}, 401)
    drafted, source = draft(api, f"/v1/orders?api_key={SECRET}&page_token=x")
    assert source["auth"] == {"kind": "query", "name": "api_key", "token": f"${{{TOKEN_VARIABLE}}}"}
    assert source["request"]["params"] == {"page_token": "x"}
    assert SECRET not in drafted.text + "".join(drafted.lines) + repr(drafted)
    assert prove(drafted) == []


def test_a_password_in_the_address_is_written_as_a_variable(api: Api) -> None:
    api.answer = lambda got: {"data": ALL} if "authorization" in got.headers else Reply({}, 401)
    place = api.url.replace("//", f"//ann:{SECRET}@") + "/v1/orders"
    drafted = draft_settings(place, FOLDER)
    (source,) = tomllib.loads(drafted.text)["source"]
    assert source["auth"] == {"kind": "basic", "user": "ann", "password": f"${{{TOKEN_VARIABLE}}}"}
    assert source["url"] == f"{api.url}/v1"
    assert SECRET not in drafted.text + "".join(drafted.lines)
    assert prove(drafted) == []


@pytest.mark.parametrize("login", ["token", "header", "header:", "basic", "bearer:x", ""])
def test_no_such_login(api: Api, monkeypatch: pytest.MonkeyPatch, login: str) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, SECRET)
    with pytest.raises(CallError, match="no such --auth"):
        draft(api, login=login)


def test_a_login_without_its_secret_is_said(api: Api) -> None:
    with pytest.raises(CallError, match=f"needs the secret in {TOKEN_VARIABLE}"):
        draft(api, login="bearer")


def test_odd_names_and_values_are_written_so_that_they_are_read(api: Api) -> None:
    api.answer = lambda _: {'a "list"': ALL, "@odata.nextLink": None}
    drafted, source = draft(api, "/v1/orders?$filter=a%20eq%20'x'&page[size]=5&tag=a&tag=b")
    assert source["request"]["records"] == 'a "list"'
    assert source["paging"] == {"kind": "next_link", "next": "@odata.nextLink"}
    assert prove(drafted) == []
    assert api.asked[-1].query["page[size]"] == "5"


@pytest.mark.parametrize("path", ["/v1/acme%2Fshop/orders", "/v1/orders%20new", "/v1/orders/", "/orders", "/", ""])
def test_the_drafted_source_asks_the_same_path(api: Api, path: str) -> None:
    paths: list[str] = []
    api.answer = lambda asked: paths.append(asked.path) or ALL
    drafted, _ = draft(api, path)
    assert prove(drafted) == []
    assert set(paths) == {path or "/"}
