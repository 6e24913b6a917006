"""Bots by their user agent."""

from __future__ import annotations

import time

from journeys.sources import flag_user_agents

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def test_bots_are_flagged_people_and_empty_agents_not():
    agents = [CHROME, GOOGLEBOT, "", None, "  ", "curl/8.5.0", "python-requests/2.31", GOOGLEBOT]
    assert flag_user_agents(agents) == [False, True, False, False, False, True, True, True]


def test_five_thousand_agents_take_seconds():
    agents = [f"{CHROME} Build/{number}" for number in range(5_000)]
    started = time.perf_counter()
    assert flag_user_agents(agents) == [False] * 5_000
    assert time.perf_counter() - started < 20


def test_a_user_agent_of_megabytes_takes_no_longer_than_a_line() -> None:
    assert flag_user_agents(["M" * 10_000_000, "Googlebot/2.1 " + "M" * 10_000_000]) == [False, True]
