"""An access log of a real site, held against plain Python over its lines."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from crawlerdetect import CrawlerDetect

import journeys as jn

# ip, time to the hour, referrer, agent: split at the quotes, as the format says.
LINE = re.compile(r'(\S+) \S+ \S+ \[(\S+) \+0000\] "[^"]*" \d{3} \S+ "([^"]*)" "(.*)"$')


@pytest.fixture(scope="module")
def site(published: Callable[[str], Any]) -> Any:
    return published("apache")


@pytest.fixture(scope="module")
def lines(real_data: Path) -> list[str]:
    return gzip.decompress((real_data / "apache_semicomplete" / "apache_logs.gz").read_bytes()).decode().splitlines()


@pytest.fixture(scope="module")
def requests(lines: list[str]) -> list[tuple[str, datetime, str, str]]:
    """Address, time, referrer and agent of each line that has them."""
    found = [match.groups() for line in lines if (match := LINE.match(line))]
    return [(ip, datetime.strptime(time, "%d/%b/%Y:%H:%M:%S"), *rest) for ip, time, *rest in found]  # noqa: DTZ007


def test_one_line_is_rejected_with_its_number(site: Any, lines: list[str]) -> None:
    quality = site.log.table("data_quality").iloc[0]
    assert (quality["read_count"], quality["accepted_count"], quality["rejected_count"]) == (10_000, 9_999, 1)
    odd = [(number, line) for number, line in enumerate(lines, start=1) if not LINE.match(line)]
    rejected = site.log.table("rejected_events")
    assert rejected[["line", "raw"]].values.tolist() == [list(pair) for pair in odd]
    assert rejected["reason"].tolist() == ["does not match the combined format"]
    assert rejected["file"].str.endswith("apache_logs.gz").all()


def test_times_and_devices_are_those_of_the_lines(site: Any, requests: list[tuple[str, datetime, str, str]]) -> None:
    events = site.log.table("events")
    assert Counter(events["occurred_at"].dt.to_pydatetime()) == Counter(time for _, time, _, _ in requests)
    assert events["device_id"].nunique() == len({(ip, agent) for ip, _, _, agent in requests}) == 1_861
    assert events["device_is_composite"].all()
    direct = sum(referrer in ("-", "") for _, _, referrer, _ in requests)
    assert events["referrer"].isna().sum() == direct


def test_own_pages_are_no_referrals_and_campaigns_are_read_from_the_address(site: Any, lines: list[str]) -> None:
    events = site.log.table("events")
    hosts = events["referrer"].str.extract(r"^[a-z]+://([^/:?]+)")[0]
    own = hosts.isin(["semicomplete.com", "www.semicomplete.com"]) & ~events["url"].str.contains("utm_")
    assert 0.4 < own.mean() < 0.6
    assert events[own]["channel"].isna().all()
    assert (events[events["referrer"].isna() & events["campaign"].isna()]["channel"] == "Direct").all()
    tagged = [line for line in lines if "utm_" in line.split('"')[1]]
    assert events["campaign"].notna().sum() == len(tagged) == 153


def test_bots_are_those_of_crawlerdetect_line_by_line(
    site: Any, requests: list[tuple[str, datetime, str, str]]
) -> None:
    detector = CrawlerDetect()
    is_bot = {agent: bool(agent.strip("- ")) and bool(detector.isCrawler(agent)) for *_, agent in requests}
    expected = sum(is_bot[agent] for *_, agent in requests)
    events = site.log.table("events")
    assert events["is_bot"].sum() == expected
    named = {agent for agent in is_bot if re.search("bot|crawl|spider|slurp", agent, re.IGNORECASE)}
    assert all(is_bot[agent] for agent in named)
    assert 0.1 < expected / len(requests) < 0.3, "feed readers and previews count too, browsers do not"
    assert Counter(events[events["is_bot"]]["user_agent"]) == Counter(agent for *_, agent in requests if is_bot[agent])
    assert not site.query("SELECT 1 FROM touchpoints JOIN events USING (event_id) WHERE is_bot").size


def test_sessions_are_the_hours_of_a_device(
    site: Any, requests: list[tuple[str, datetime, str, str]], tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    """Every minute of the log is 05, so that pauses are under a minute or near whole hours."""
    assert {time.minute for _, time, _, _ in requests} == {5}
    sessions = site.log.table("sessions")
    hours = {(ip, agent, time.replace(minute=0, second=0)) for ip, time, _, agent in requests}
    assert len(sessions) == len(hours) == 3_223
    assert (sessions["duration_seconds"] < 60).all()
    per_hour = Counter((ip, agent, time.replace(minute=0, second=0)) for ip, time, _, agent in requests)
    assert Counter(sessions["event_count"]) == Counter(per_hour.values())

    by_address = tmp_path / "journeys.toml"
    text = site.config.read_text(encoding="utf-8")
    by_address.write_text(text.replace('["ip", "user_agent"]', '"ip"'), encoding="utf-8")
    refresh(by_address)
    with jn.open(by_address) as log:
        assert len(log.table("sessions")) == len({(ip, time.hour, time.day) for ip, time, _, _ in requests}) == 3_052
        assert len(log.table("persons")) == len({ip for ip, *_ in requests}) == 1_753
