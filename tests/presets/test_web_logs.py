"""Logs of web servers by naming them: the same 23 lines in three layouts, whose answers were counted by hand.

Layouts: https://httpd.apache.org/docs/2.4/logs.html#accesslog, the fields of IIS in
https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2003/cc786596(v=ws.10), and nginx's
variables, https://nginx.org/en/docs/varindex.html. The first two were written at +02:00 and in UTC.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from shop_script import Script

sys.path.insert(0, str(Path(__file__).parent))
from pulled import land

LOGS = {
    "access_log": 'path = "{fixtures}/web_logs/access.log"\nsite = "https://shop.example"\n',
    "w3c_log": 'path = "{fixtures}/web_logs/u_ex260301.log"\nsite = "https://shop.example"\n',
    "nginx_json": 'path = "{fixtures}/web_logs/nginx.json"\n',
}
LAPTOP = "203.0.113.5|Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def source(preset: str, place: str) -> str:
    return f'[[source]]\nname = "web"\npreset = "{preset}"\n{place}'


@pytest.fixture(scope="module", params=LOGS)
def layout(request: pytest.FixtureRequest) -> str:
    """The preset's name."""
    return str(request.param)


@pytest.fixture(scope="module")
def web(layout: str, publish: Callable[[str], Script]) -> Script:
    """The log, published."""
    return publish(source(layout, LOGS[layout]))


def test_nothing_is_lost_in_silence(web: Script, layout: str) -> None:
    # 23 lines: one cut off, one time that is none. One request comes twice: a browser's doing in logs of servers, a
    # shipper's in JSON lines.
    repeats = 1 if layout == "nginx_json" else 0
    counts = web.rows("SELECT read_count, accepted_count, duplicate_count, rejected_count FROM data_quality")
    assert counts == [(23, 21 - repeats, repeats, 2)]
    cut = {"access_log": "does not match the combined format", "w3c_log": "5 values instead of 11",
           "nginx_json": "not JSON"}  # fmt: skip
    reasons = web.rows("SELECT reason FROM rejected_events ORDER BY line")
    assert reasons == [(cut[layout],), ("unreadable time",)]


def test_events_say_what_a_request_was(web: Script, layout: str) -> None:
    assert dict(web.rows("SELECT event, count(*) FROM events GROUP BY event")) == {
        "page_view": 9 if layout == "nginx_json" else 10, "asset": 2, "file_download": 1, "post": 2, "redirect": 1,
        "not_found": 1, "client_error": 2, "server_error": 1, "request": 1,
    }  # fmt: skip


def test_a_device_is_an_address_with_its_browser_and_joins_nobody(web: Script) -> None:
    assert web.rows("SELECT count(DISTINCT device_id), bool_and(device_is_composite) FROM events") == [(6, True)]
    # The laptop before and after the log-in, the telephone at its address, and four more devices.
    assert web.rows("SELECT count(*) FROM persons") == [(7,)]
    assert web.rows("SELECT DISTINCT user_id FROM events WHERE user_id IS NOT NULL") == [("anna",)], "root was refused"


def test_sessions_channels_and_bots(web: Script, layout: str) -> None:
    first = 7 if layout == "nginx_json" else 8
    odd = None if layout in ("access_log", "nginx_json") else "Direct"  # without an address nothing is known of a visit
    found = web.rows(
        "SELECT split_part(device_id, '|', 1), event_count, channel, bot_reason FROM sessions ORDER BY started_at"
    )
    assert found == [
        ("203.0.113.5", first, "Email", None),
        ("203.0.113.5", 2, None, None),
        ("203.0.113.5", 1, None, None),
        ("203.0.113.5", 4, "Organic Search", None),
        ("198.51.100.7", 3, "Direct", None),
        ("66.249.66.1", 1, "Direct", "user agent"),
        ("192.0.2.9", 1, "Direct", None),
        ("192.0.2.10", 1, odd, None),
    ]


def test_addresses_times_and_campaigns(web: Script) -> None:
    rows = web.rows(
        "SELECT strftime(occurred_at, '%Y-%m-%d %H:%M:%S'), device_id, url, traffic_source, medium, campaign, referrer "
        "FROM events ORDER BY occurred_at LIMIT 1"
    )
    address = "https://shop.example/?utm_source=newsletter&utm_medium=email&utm_campaign=early+spring"
    assert rows == [("2026-03-01 10:00:00", LAPTOP, address, "newsletter", "email", "early spring", None)]


def test_the_suggested_funnel(web: Script) -> None:
    # Pages: the laptop before and after the log-in, three more devices; the bot is none. Forms: the log-in, the order.
    funnel = [int(str(row[0])) for row in web.rows("SELECT reached_count FROM funnel_steps ORDER BY step_index")]
    assert funnel == [5, 2]


def test_a_common_log_ends_before_referrer_and_browser(tmp_path: Path) -> None:
    path = tmp_path / "common.log"
    lines = ["/", "http://other.example/a"]
    path.write_text(
        "".join(f'192.0.2.1 - - [01/Mar/2026:10:00:0{n} +0000] "GET {line} HTTP/1.1" 200 5\n' for n, line in
                enumerate(lines))
    )  # fmt: skip
    log = source("access_log", 'path = "common.log"\nformat = "common"\nsite = "https://a.example"\n')
    assert land(tmp_path, log, "SELECT url, device_id") == [
        ("https://a.example/", "192.0.2.1|"),
        ("http://other.example/a", "192.0.2.1|"),
    ]


def test_the_log_of_cloudfront_has_tabs_and_encoded_browsers(tmp_path: Path) -> None:
    path = tmp_path / "E1.2026-03-01-10.abc"
    fields = "date time x-edge-location c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent)"
    row = ["2026-03-01", "10:00:00", "RIX1", "192.0.2.1", "GET", "d1.cloudfront.net", "/a", "200", "-",
           "Mozilla/5.0%20(X11)", "x=1", "shop.example"]  # fmt: skip
    path.write_text(f"#Version: 1.0\n#Fields: {fields} cs-uri-query x-host-header\n" + "\t".join(row) + "\n")
    assert land(tmp_path, source("w3c_log", 'path = "*.abc"\n'), "SELECT url, user_agent, event") == [
        ("https://shop.example/a?x=1", "Mozilla/5.0 (X11)", "page_view")
    ]


def test_cloudfront_encodes_what_was_encoded_once_more(tmp_path: Path) -> None:
    # Its guide: '%' is written '%25' in all values; real logs have browsers encoded once or twice.
    fields = "date time x-edge-location c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent)"
    start = ["2026-03-01", "10:00:00", "RIX1", "192.0.2.1", "GET", "d1.cloudfront.net"]
    rows = [
        [*start, "/caf%25C3%25A9", "200", "https://www.google.com/?q=a%2520b", "Mozilla/5.0%2520(X11)",
         "utm_source=news&utm_campaign=early%2520bird", "shop.example"],
        [*start, "/100%25FF", "200", "-", "Mozilla/5.0%20(X11)", "-", "shop.example"],
    ]  # fmt: skip
    lines = [f"#Fields: {fields} cs-uri-query x-host-header", *("\t".join(row) for row in rows)]
    (tmp_path / "E1.2026-03-01-10.abc").write_text("\n".join(lines) + "\n")
    found = land(tmp_path, source("w3c_log", 'path = "*.abc"\n'), "SELECT url, referrer, campaign, user_agent")
    assert found == [
        ("https://shop.example/caf%C3%A9?utm_source=news&utm_campaign=early%20bird", "https://www.google.com/?q=a%20b",
         "early bird", "Mozilla/5.0 (X11)"),
        ("https://shop.example/100%FF", None, None, "Mozilla/5.0 (X11)"),
    ]  # fmt: skip


def test_an_address_of_iis_stays_as_it_is(tmp_path: Path) -> None:
    fields = "date time c-ip cs-method cs-host cs-uri-stem cs-uri-query cs(User-Agent) sc-status"
    row = "2026-03-01 10:00:00 192.0.2.1 GET shop.example /caf%C3%A9 q=100%25 Mozilla/5.0+(X11) 200"
    (tmp_path / "u_ex.abc").write_text(f"#Fields: {fields}\n{row}\n")
    assert land(tmp_path, source("w3c_log", 'path = "*.abc"\n'), "SELECT url, user_agent") == [
        ("https://shop.example/caf%C3%A9?q=100%25", "Mozilla/5.0 (X11)")
    ]


def test_other_names_that_nginx_logs_have(tmp_path: Path) -> None:
    path = tmp_path / "nginx.log"
    logged = [
        {"@timestamp": "2026-03-01T10:00:00+00:00", "remote_addr": "192.0.2.1", "request": "GET /a?b=1 HTTP/2.0",
         "status": "200", "http_referrer": "-", "http_user_agent": "A"},
        {"time_local": "01/Mar/2026:10:00:01 +0000", "remote_addr": "192.0.2.1", "uri": "/c.css", "args": "v=2",
         "host": "a.example", "scheme": "http", "request_method": "GET", "status": 200, "http_user_agent": "A"},
        {"msec": 1772359202.5, "remote_addr": "192.0.2.1", "request_uri": "/d", "http_host": "b.example",
         "request_method": "POST", "status": "303", "http_user_agent": "A", "remote_user": "-"},
    ]  # fmt: skip
    path.write_text("".join(json.dumps(each) + "\n" for each in logged))
    log = source("nginx_json", 'path = "nginx.log"\n')
    assert land(tmp_path, log, "SELECT occurred_at_us / 1e6 - 1772359200, event, url, referrer, user_id") == [
        (0, "page_view", "/a?b=1", None, None),
        (1, "asset", "http://a.example/c.css?v=2", None, None),
        (2.5, "post", "https://b.example/d", None, None),
    ]


def test_check_finds_nothing_wrong(web: Script) -> None:
    web("check").succeeds()
