"""Bots: which user agents name one, and the rules by which a whole visit is one."""

from __future__ import annotations

from collections.abc import Iterable

from crawlerdetect import CrawlerDetect

from journeys.config import Bots
from journeys.units import duration_text

# What a browser says of itself is a line or two; the expressions take minutes over a text of megabytes.
_LONGEST = 2_000


def flag_user_agents(user_agents: Iterable[str | None]) -> list[bool]:
    """Tell for each user agent whether it calls itself a bot; an empty or missing one does not.

    Args:
        user_agents: browser identifications, best distinct ones; of each the first 2,000 characters are read.

    Returns:
        One value per user agent, in their order.

    >>> flag_user_agents(["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", ""])
    [True, False]
    """
    detector = CrawlerDetect()
    known: dict[str, bool] = {}
    flags = []
    for user_agent in user_agents:
        text = (user_agent or "").strip()[:_LONGEST]
        if text not in known:
            known[text] = bool(text) and bool(detector.isCrawler(text))
        flags.append(known[text])
    return flags


def bot_parameters(bots: Bots) -> dict[str, bool | int]:
    """Return the rules as the parameters of `sql/1_events/visit_bots.sql`."""
    return {
        "is_agent_used": bots.user_agents,
        "most_events": bots.most_events,
        "within_us": bots.within_us,
        "steady_pages": bots.steady_pages,
    }


def bot_reasons(bots: Bots) -> dict[str, str]:
    """Say the rule behind each `bot_reason`, in the order in which they are tried."""
    agent = "an event comes from a browser that calls itself a bot" if bots.user_agents else ""
    crowd = f"more than {bots.most_events} events within {duration_text(bots.within_us)}" if bots.most_events else ""
    pace = f"at least {bots.steady_pages} page changes at an even pace" if bots.steady_pages else ""
    rules = {"user agent": agent, "too many events": crowd, "steady pace": pace}
    return {reason: rule or "switched off" for reason, rule in rules.items()}
