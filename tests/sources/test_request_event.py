"""What a request to a web server was, by its method, address and status."""

from __future__ import annotations

import pytest

from journeys.sources.streams import connect


@pytest.mark.parametrize(
    ("method", "address", "status", "event"),
    [
        ("GET", "/", "200", "page_view"),
        ("GET", "/shoes?file=a.css", "200", "page_view"),
        ("GET", "/v1.2/shoes", "304", "page_view"),
        ("GET", "/index.html#top.png", "200", "page_view"),
        (None, "/a", None, "page_view"),
        ("GET", None, "200", "page_view"),
        ("GET", "/a.CSS?v=1", "304", "asset"),
        ("GET", "https://shop.example/robots.txt", "200", "asset"),
        ("GET", "/guide.pdf", "206", "file_download"),
        ("POST", "/login", "302", "post"),
        ("POST", "/a.css", "200", "post"),
        ("GET", "/old.png", "301", "redirect"),
        ("GET", "/a.png", "404", "not_found"),
        ("POST", "/a", "410", "not_found"),
        ("GET", "/admin", "401", "client_error"),
        (None, None, "400", "client_error"),
        ("POST", "/a", "503", "server_error"),
        ("HEAD", "/", "200", "request"),
        ("OPTIONS", "/a.js", "204", "request"),
    ],
)
def test_a_request_is_named(method: str | None, address: str | None, status: str | None, event: str) -> None:
    with connect() as connection:
        found = connection.execute(
            "SELECT request_event(m, a, s) FROM (SELECT CAST(? AS VARCHAR), CAST(? AS VARCHAR), CAST(? AS VARCHAR)) "
            "AS one(m, a, s)",
            [method, address, status],
        )
        assert found.fetchall() == [(event,)]
