"""Lines by a pattern: access logs and a company's own formats."""

from __future__ import annotations

import json

import pytest

from journeys.errors import SourceError

ACCESS = {"occurred_at": "time", "event": {"value": "page_view"}, "device_id": ["ip", "user_agent"], "url": "url"}
LINE = '1.2.3.4 - jane [17/May/2015:10:05:03 +0200] "GET /a?b=1 HTTP/1.1" 200 203023 "http://x.example/" "Mozilla/5.0"'


def test_a_combined_line_is_taken_apart(puller):
    puller.write("access.log", LINE + "\n")
    (row,) = puller.pull(path="access.log", columns=ACCESS | {"referrer": "referrer", "user_agent": "user_agent"})
    # 08:05:03 UTC on day 16,572 since 1970.
    assert row["occurred_at_us"] == (16_572 * 86_400 + 8 * 3_600 + 5 * 60 + 3) * 1_000_000
    assert (row["url"], row["referrer"], row["device_id"]) == ("/a?b=1", "http://x.example/", "1.2.3.4|Mozilla/5.0")
    assert json.loads(row["properties"]) == {
        "ip": "1.2.3.4",
        "identity": None,
        "user": "jane",
        "time": "17/May/2015:10:05:03 +0200",
        "method": "GET",
        "url": "/a?b=1",
        "protocol": "HTTP/1.1",
        "request": None,
        "status": "200",
        "bytes": "203023",
        "referrer": "http://x.example/",
        "user_agent": "Mozilla/5.0",
    }


@pytest.mark.parametrize(
    ("request_line", "url", "request_text"),
    [
        ("GET / HTTP/1.0", "/", None),
        ("GET /old", "/old", None),
        ("-", None, None),
        (r"\x16\x03\x01", None, r"\x16\x03\x01"),
        (r"GET /a\"b HTTP/1.1", None, r"GET /a\"b HTTP/1.1"),
        ("", None, None),
    ],
)
def test_odd_requests_are_still_lines(puller, request_line, url, request_text):
    puller.write("access.log", f'::1 - - [17/May/2015:10:05:03 +0000] "{request_line}" 400 - "-" "-"\n')
    (row,) = puller.pull(
        path="access.log", format="combined", columns=ACCESS | {"campaign": "request", "referrer": "referrer"}
    )
    assert (row["unreadable"], row["url"], row["campaign"], row["referrer"]) == (None, url, request_text, None)
    assert row["device_id"] == "::1|"


def test_lines_of_another_shape_are_unreadable(puller):
    puller.write("access.log", f'{LINE}\n{LINE[:-1]}\n\nnonsense\n{LINE} "more" 0.5\n')
    rows = puller.pull(path="access.log", columns=ACCESS)
    reason = "does not match the combined format"
    assert [(row["line"], row["unreadable"]) for row in rows] == [(1, None), (2, reason), (4, reason), (5, None)]
    assert [row["raw"] for row in rows] == [None, LINE[:-1], "nonsense", None]


def test_common_lines_have_no_referrer(puller):
    columns = {"occurred_at": "time", "event": "method", "device_id": "ip"}
    puller.write("access.log", '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 12\n')
    (row,) = puller.pull(path="access.log", format="common", columns=columns)
    assert (row["event"], row["device_id"]) == ("GET", "1.2.3.4")
    with pytest.raises(SourceError, match="'referrer'"):
        puller.pull(path="access.log", format="common", columns=columns | {"referrer": "referrer"})


def test_a_pattern_of_ones_own(puller):
    puller.write("a.txt", "2024-01-01T10:00:00Z login u1\n2024-01-01T10:00:01Z  \n# comment\nlogin (- u2\n")
    settings = {
        "path": "a.txt",
        "format": "regex",
        "pattern": r"^(?P<time>\d\S+) (?P<name>\w*)( (?P<user>\S+))?",
        "columns": {"occurred_at": "time", "event": "name", "user_id": "user"},
    }
    rows = puller.pull(**settings)
    reason = "does not match the regex format"
    assert [(row["unreadable"], row["event"], row["user_id"]) for row in rows] == [
        (None, "login", "u1"),
        (None, None, None),
        (reason, None, None),
        (reason, None, None),
    ]
    assert json.loads(rows[0]["properties"]) == {"time": "2024-01-01T10:00:00Z", "name": "login", "user": "u1"}


@pytest.mark.parametrize("pattern", ["(", "no groups", r"(?P<time>\S+)(?=x) (?P<name>\w+) (?P<user>\w+)"])
def test_a_pattern_that_cannot_be_used_is_an_error(puller, pattern):
    puller.write("a.txt", "x\n")
    with pytest.raises(SourceError):
        puller.pull(path="a.txt", format="regex", pattern=pattern)


def test_a_missing_group_is_an_error_with_the_nearest(puller):
    puller.write("a.txt", "x\n")
    with pytest.raises(SourceError, match="nearest 'users'"):
        puller.pull(path="a.txt", format="regex", pattern=r"(?P<time>\S+) (?P<name>\w+) (?P<users>\w+)")
