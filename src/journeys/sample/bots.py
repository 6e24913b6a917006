"""Visitors that are no people: crawlers that say so, and a few scripts that pretend to be browsers."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from journeys.sample.catalogue import CRAWLER_AGENTS, SITE, USER_AGENTS
from journeys.sample.clickstream import MS_PER_DAY, WebEvents, make_event_ids
from journeys.sample.pages import PRODUCT_SLUGS, Kind, members, path_texts
from journeys.sample.parameters import CompanyParameters
from journeys.sample.randomness import open_stream
from journeys.sample.world import World

FAST_BOT_PAGES = 240
FAST_BOT_GAP_MS = 1_000


def make_bots(world: World, human_count: int) -> WebEvents:
    """Make the page views of crawlers (all period) and of fast bots (one burst each).

    Args:
        world: parameters and people.
        human_count: events of people, of which crawlers make `crawler_share`.
    """
    parameters = world.parameters
    stream = open_stream(parameters.seed, "bots")
    crawls = round(parameters.crawler_share * human_count)
    crawler = stream.integers(0, len(CRAWLER_AGENTS), crawls)
    crawl_times = np.sort(stream.integers(0, round((parameters.day_count - 0.1) * MS_PER_DAY), crawls))
    bots = parameters.fast_bot_count
    starts = stream.integers(0, round((parameters.day_count - 0.1) * MS_PER_DAY), bots)
    fast_times = (starts[:, None] + FAST_BOT_GAP_MS * np.arange(FAST_BOT_PAGES)[None, :]).ravel()
    occurred = np.r_[crawl_times, fast_times].astype(np.int64)
    number = np.r_[crawler, len(CRAWLER_AGENTS) + np.repeat(np.arange(bots), FAST_BOT_PAGES)].astype(np.int64)
    names = np.array([stream.bytes(8).hex() for _ in range(len(CRAWLER_AGENTS) + bots)], dtype=object)
    count = len(occurred)
    profiles = [*CRAWLER_AGENTS, *[USER_AGENTS["desktop"][0]] * bots]
    urls = [json.dumps(text, ensure_ascii=False) for text in path_texts("/product/", PRODUCT_SLUGS, is_encoded=True)]
    return WebEvents(
        event_id=make_event_ids(parameters.seed, "bots", count),
        visit=np.full(count, -1),
        person=np.full(count, -1),
        occurred_ms=occurred,
        received_ms=occurred + stream.integers(40, 400, count),
        device=names[number],
        user=_fill("", count),
        kind=np.full(count, int(Kind.PRODUCT)),
        url=np.array(urls, dtype=object)[stream.integers(0, len(urls), count)],
        referrer=_fill(json.dumps(SITE + "/"), count),
        profile=np.array([_profile_text(agent) for agent in profiles], dtype=object)[number],
        extra=_fill("", count),
        amount=np.zeros(count),
    )


def find_bot_devices(bots: WebEvents) -> tuple[str, ...]:
    """Give the anonymous ids of the bots, sorted."""
    return tuple(sorted(set(bots.device)))


def count_bots(bots: WebEvents, parameters: CompanyParameters) -> dict[str, int]:
    """Count the events of crawlers (their user agent says so) and of fast bots, and the devices of the latter."""
    fast = parameters.fast_bot_count * FAST_BOT_PAGES
    return {
        "crawler_event_count": len(bots) - fast,
        "fast_bot_event_count": fast,
        "fast_bot_device_count": parameters.fast_bot_count,
    }


def _profile_text(agent: str) -> str:
    return members({"device_type": "desktop", "country": "US", "language": "en", "user_agent": agent})


def _fill(text: str, count: int) -> NDArray[np.object_]:
    return np.full(count, text, dtype=object)
