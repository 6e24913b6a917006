"""Public logs: every row of them lands, and what their publishers or plain Python count is counted."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter

import pytest

from journeys.sources import flag_user_agents

pytestmark = pytest.mark.real_data
ACCESS = {
    "occurred_at": "time",
    "event": {"value": "page_view"},
    "device_id": ["ip", "user_agent"],
    "url": "url",
    "referrer": "referrer",
    "user_agent": "user_agent",
}


@pytest.fixture
def pull_real(puller, real_data):
    """Pull a source whose files lie in the folder of the public logs."""
    puller.folder = real_data
    return puller.pull


def test_an_access_log_lands_line_by_line(pull_real, real_data):
    path = "apache_semicomplete/apache_logs.gz"
    rows = pull_real(path=path, format="combined", columns=ACCESS)
    with gzip.open(real_data / path, "rt", encoding="utf-8") as stream:
        lines = stream.read().split("\n")[:-1]
    # A line of this log is whole when its user agent's quote is closed.
    cut = [number for number, line in enumerate(lines, start=1) if not line.endswith('"')]
    assert [row["line"] for row in rows] == list(range(1, 10_001))
    assert [(row["line"], row["raw"]) for row in rows if row["unreadable"]] == [(cut[0], lines[cut[0] - 1])]
    assert len(cut) == 1
    readable = [row for row in rows if not row["unreadable"]]
    assert len(readable) == 9_999
    assert len({row["device_id"] for row in readable}) == 1_861
    assert all(row["occurred_at_us"] // 60_000_000 % 60 == 5 for row in readable)
    assert sum("utm_" in (row["url"] or "") and row["traffic_source"] is not None for row in readable) == 153
    agents = {row["user_agent"]: None for row in readable if row["user_agent"]}
    flags = dict(zip(agents, flag_user_agents(agents), strict=True))
    obvious = re.compile(r"googlebot|bingbot|baiduspider|yandexbot|msnbot", re.IGNORECASE)
    assert all(is_bot for agent, is_bot in flags.items() if obvious.search(agent))
    share = sum(flags.get(row["user_agent"], False) for row in readable) / len(readable)
    assert 0.15 < share < 0.35


@pytest.mark.parametrize(
    ("path", "count", "device", "devices"),
    [
        ("snowplow_web_0.15.2/source/snowplow_web_events.csv*", 160, "domain_userid", 42),
        ("snowplow_ecommerce_0.6.1/source/snowplow_ecommerce_events.csv.gz", 833, "domain_userid", 59),
        ("snowplow_mobile_0.7.4/source/snowplow_mobile_events.csv.gz", 130, "network_userid", None),
    ],
)
def test_snowplow_events_land(pull_real, real_data, path, count, device, devices):
    columns = {"event_id": "event_id", "occurred_at": "collector_tstamp", "device_id": device, "event": "event_name"}
    rows = pull_real(path=path, columns=columns)
    assert len(rows) == count
    assert not any(row["unreadable"] for row in rows)
    assert all(row["occurred_at_us"] for row in rows)
    (file,) = real_data.glob(path)
    content = file.read_bytes()
    text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode("utf-8")
    records = list(csv.DictReader(io.StringIO(text, newline="")))
    assert Counter(row["event_id"] for row in rows) == Counter(record["event_id"] for record in records)
    if devices:
        assert len({row["device_id"] for row in rows} - {None}) == devices


def test_retentioneerings_log_lands(pull_real):
    columns = {"occurred_at": "timestamp", "event": "event", "user_id": "user_id", "session_id": "session_id"}
    rows = pull_real(path="retentioneering_ecom/ecom.csv.gz", columns=columns)
    assert len(rows) == 31_106
    assert len({row["user_id"] for row in rows}) == 600
    assert len({row["source_session_id"] for row in rows}) == 3_605
    assert len({row["event"] for row in rows}) == 19
    assert not any(row["unreadable"] or row["note"] or row["occurred_at_us"] is None for row in rows)


def test_complete_journeys_purchases_land(puller, real_data):
    puller.folder = real_data
    columns = {
        "occurred_at": "transaction_timestamp",
        "event": {"value": "purchase"},
        "user_id": "household_id",
        "value_amount": "sales_value",
    }
    rows = puller.query(
        "SELECT count(*), count(unreadable), count(occurred_at_us), count(DISTINCT user_id), sum(value_amount) "
        "FROM landed",
        path="completejourney/transactions.parquet",
        columns=columns,
    )
    assert rows == [(1_469_307, 0, 1_469_307, 2_469, pytest.approx(4_596_039.58, abs=0.005))]
