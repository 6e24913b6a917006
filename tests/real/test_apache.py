"""An access log of a real site, held against plain Python over its lines."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from crawlerdetect import CrawlerDetect

import journeys as jn

# ip, time to the hour, referrer, agent: split at the quotes, as the format says.
LINE = re.compile(r'(\S+) \S+ \S+ \[(\S+) \+0000\] "[^"]*" \d{3} \S+ "([^"]*)" "(.*)"$')
ADDRESS = re.compile(r'[^"]*"\S+ (\S+)')


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
    text = text.replace("[journey]", '[source.columns]\ndevice_id = "ip"\n[journey]')
    by_address.write_text(text, encoding="utf-8")
    refresh(by_address)
    with jn.open(by_address) as log:
        assert len(log.table("sessions")) == len({(ip, time.hour, time.day) for ip, time, _, _ in requests}) == 3_052
        assert len(log.table("persons")) == len({ip for ip, *_ in requests}) == 1_753


def cut_visits(lines: list[str], event_ids: dict[int, str]) -> list[list[tuple[Any, ...]]]:
    """Visits, each a list of (device, time, event_id, address); the event_id only orders what is of one second."""
    clicks = []
    for number, line in enumerate(lines, start=1):
        if match := LINE.match(line):
            ip, time, _, agent = match.groups()
            address = ADDRESS.match(line)
            assert address, "a request without an address would be no page"
            at = datetime.strptime(time, "%d/%b/%Y:%H:%M:%S")  # noqa: DTZ007
            clicks.append(((ip, agent), at, event_ids[number], address[1]))
    visits = []
    for _, stream in groupby(sorted(clicks, key=lambda click: click[:3]), key=lambda click: click[0]):
        for click in stream:
            if not visits or visits[-1][-1][0] != click[0] or click[1] - visits[-1][-1][1] > timedelta(minutes=30):
                visits.append([])
            visits[-1].append(click)
    return visits


def judge_visit(visit: list[tuple[Any, ...]], *, most: int, within: timedelta, fewest: int) -> str | None:
    """The reason of a visit by its behaviour alone."""
    times = [at for _, at, _, _ in visit]
    if any(times[place + most] - times[place] <= within for place in range(len(times) - most)):
        return "too many events"
    changed = [click[1] for before, click in pairwise([(None,) * 4, *visit]) if click[3] != before[3]]
    gaps = [Fraction((after - before).seconds) for before, after in pairwise(changed)]
    if len(changed) < fewest or not sum(gaps):
        return None
    mean = sum(gaps) / len(gaps)
    is_even = sum((gap - mean) ** 2 for gap in gaps) / len(gaps) < (mean / 20) ** 2
    return "steady pace" if is_even else None


def count_reasons(log: jn.Journeys) -> Counter[str]:
    """Sessions by the reason of their events; of one session all have the same."""
    events = log.table("session_events").merge(log.table("events"), on="event_id")
    reasons = events.fillna({"bot_reason": ""}).groupby("session_id")["bot_reason"].agg(["min", "max"])
    assert (reasons["min"] == reasons["max"]).all()
    told = Counter(log.table("sessions")["bot_reason"].dropna())
    assert told == Counter(reason for reason in reasons["min"] if reason)
    return told


def read_ids(site: Any) -> dict[int, str]:
    return dict(site.log.table("events")[["line", "event_id"]].itertuples(index=False, name=None))


def test_visits_of_bots_are_those_of_a_walk_through_the_lines(site: Any, lines: list[str]) -> None:
    detector = CrawlerDetect()
    visits = cut_visits(lines, read_ids(site))
    expected: Counter[str] = Counter()
    for visit in visits:
        agent = visit[0][0][1]
        if agent.strip("- ") and detector.isCrawler(agent):
            expected["user agent"] += 1
        elif reason := judge_visit(visit, most=200, within=timedelta(minutes=5), fewest=20):
            expected[reason] += 1
    assert expected["user agent"] > 1_000
    assert count_reasons(site.log) == expected
    figures = site.log.table("bot_figures").set_index("population")
    assert {reason: figures.loc[reason, "session_count"] for reason in expected} == dict(expected)
    assert figures.loc["without bots", "session_count"] == len(visits) - expected.total()
    assert figures.loc["with bots", "session_count"] == len(visits) == 3_223


def test_rules_of_behaviour_on_real_requests(
    site: Any, lines: list[str], tmp_path: Path, refresh: Callable[..., Any]
) -> None:
    """With limits so tight that real visits reach them: 12 requests in 20 s, 3 pages at an even pace."""
    tight = tmp_path / "journeys.toml"
    rules = '[bots]\nuser_agents = false\nmost_events = 11\nwithin = "20s"\nsteady_pages = 3\n\n[journey]'
    tight.write_text(site.config.read_text(encoding="utf-8").replace("[journey]", rules), encoding="utf-8")
    refresh(tight)
    visits = cut_visits(lines, read_ids(site))
    reasons = [judge_visit(visit, most=11, within=timedelta(seconds=20), fewest=3) for visit in visits]
    expected = Counter(reason for reason in reasons if reason)
    assert expected["too many events"] > 20
    assert expected["steady pace"] > 5
    with jn.open(tight) as log:
        assert count_reasons(log) == expected
