"""Bots by their user agent."""

from __future__ import annotations

from collections.abc import Iterable

from crawlerdetect import CrawlerDetect


def flag_user_agents(user_agents: Iterable[str | None]) -> list[bool]:
    """Tell for each user agent whether it calls itself a bot; an empty or missing one does not.

    Args:
        user_agents: browser identifications, best distinct ones.

    Returns:
        One value per user agent, in their order.

    >>> flag_user_agents(["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", ""])
    [True, False]
    """
    detector = CrawlerDetect()
    known: dict[str, bool] = {}
    flags = []
    for user_agent in user_agents:
        text = (user_agent or "").strip()
        if text not in known:
            known[text] = bool(text) and bool(detector.isCrawler(text))
        flags.append(known[text])
    return flags
