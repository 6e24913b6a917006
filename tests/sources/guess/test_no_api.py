"""What is no API with records is said by name, with what to do; a file is not read to its end."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from rest_api import Api, Reply, orders

from journeys.errors import CallError, JourneysError, SourceError
from journeys.sources.guess import draft_settings
from journeys.sources.guess.logins import TOKEN_VARIABLE

ALL = orders(1, 5)
FOLDER = Path("/srv/shop/config")


def fails(api: Api, address: str = "/v1/orders") -> JourneysError:
    with pytest.raises(JourneysError) as caught:
        draft_settings(api.url + address, FOLDER)
    return caught.value


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_says_how_to_log_in(api: Api, status: int) -> None:
    api.answer = lambda _: Reply({"error": "who are you?"}, status)
    error = fails(api)
    assert "who are you?" in error.found
    for word in (f"export {TOKEN_VARIABLE}", "--auth bearer, header:NAME, query:NAME or basic:USER", "[source.auth]"):
        assert word in error.do


@pytest.mark.parametrize("address", ["/v1/orders", "/v1/orders?api_key=k3y-k3y-k3y"])
@pytest.mark.parametrize("status", [401, 404, 500])
def test_an_error_shows_no_secret(api: Api, monkeypatch: pytest.MonkeyPatch, status: int, address: str) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "s3cr3t-Hush-77")
    api.answer = lambda asked: Reply({"you sent": [asked.headers.get("authorization"), asked.query]}, status)
    error = fails(api, address)
    assert "s3cr3t" not in str(error)
    assert "k3y" not in str(error)


CSV = b"id,at,what\n1,2026-01-01,x\n"


@pytest.mark.parametrize(
    ("address", "reply", "words"),
    [
        ("/export/web.csv", Reply(CSV, headers={"content-type": "text/csv"}), ("is a file", "curl -fL -o web.csv")),
        ("/export", Reply(b'"id","at"\n"1","2026-01-01"\n'), ("is a file", "-o export.csv")),
        ("/log.jsonl", Reply(b'{"a": 1}\n{"a": 2}\n'), ("is a file", "JSON lines")),
        ("/log.csv.gz", Reply(gzip.compress(CSV)), ("is a file", "packed with gzip", "--from log.csv.gz")),
        ("/t.parquet", Reply(b"PAR1\x15\x04"), ("is a file", "Parquet")),
        ("/login", Reply(b"<!DOCTYPE html><html><body>Log in</body></html>"), ("a web page", "Log in")),
        ("/soap", Reply(b"<?xml version='1.0'?><a/>"), ("a web page or XML",)),
        ("/none", Reply(b""), ("the answer is empty",)),
        ("/none", Reply(b"", 204), ("the answer is empty", "204")),
        ("/orders", Reply({"data": []}), ("the answer has no records", "data")),
        ("/orders", Reply([]), ("the answer has no records",)),
        ("/orders/1", Reply({"id": 1, "status": "new"}), ("no list of records", "'id', 'status'")),
        ("/ids", Reply({"ids": [1, 2]}), ("no list of records", "plain values")),
        ("/text", Reply(b"pong"), ("no JSON", "pong")),
        ("/broken", Reply(b'{"data": [{"id": 1}, '), ("no JSON",)),
        ("/nowhere", Reply({"why": "gone"}, 404), ("404", "correct the address")),
        ("/busy", Reply({"why": "maintenance"}, 500), ("busy or broken", "maintenance")),
        ("/slow-down", Reply({}, 429, {"retry-after": "20"}), ("busy or broken", "429")),
        ("/away", Reply(b"", 302, {"location": "https://other.example/x"}), ("another server", "other.example")),
        ("/loop", Reply(b"", 302, {"location": "/loop"}), ("one redirect leads to the next",)),
        ("/cut", Reply({"data": ALL}, cut=True), ("broke off",)),
    ],
)  # fmt: skip
def test_what_is_no_api_with_records_is_said(api: Api, address: str, reply: Reply, words: tuple[str, ...]) -> None:
    api.answer = lambda _: reply
    error = fails(api, address)
    assert isinstance(error, CallError | SourceError)
    for word in words:
        assert word in str(error), str(error)
    assert api.url in str(error).replace("***", api.url)
    assert len(api.asked) == (6 if address == "/loop" else 1)


def test_of_a_large_file_only_the_beginning_is_read(api: Api) -> None:
    api.answer = lambda _: Reply(CSV + b"2,2026-01-02,y\n" * 2_000_000)
    assert "is a file" in str(fails(api, "/big.csv"))


def test_an_answer_that_is_too_large_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journeys.config.rest.Request.largest_bytes", property(lambda _: 100))
    api.answer = lambda _: {"data": ALL}
    assert "?limit=100" in fails(api).do


def test_a_silent_server_and_a_dead_host_are_told(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journeys.sources.guess.addresses._READ_TIMEOUT", "1s")
    api.answer = lambda _: Reply({"data": ALL}, drip=0.3)
    assert "no whole answer within" in str(fails(api))
    with pytest.raises(SourceError, match="could not be reached"):
        draft_settings("http://127.0.0.1:1/orders", FOLDER)


@pytest.mark.parametrize("place", ["http://", "https:///x", "http://[::1/x", "http://a b/x", "https://x/${Y}"])
def test_what_is_no_address_is_said(place: str) -> None:
    with pytest.raises(JourneysError):
        draft_settings(place, FOLDER)
