"""Channels of contacts: the company's own rules first, then GA4's default channel grouping."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pandas as pd

from journeys.sources.sites import OwnSites, find_category

if TYPE_CHECKING:
    from journeys.config import ChannelRule, ChannelSettings

TRAFFIC_COLUMNS = ("traffic_source", "medium", "campaign", "referrer", "url")
_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*", re.DOTALL)
_SHOP_CAMPAIGN = re.compile(r".*(([^a-df-z]|^)shop|shopping).*", re.DOTALL)
_DISPLAY = frozenset(("display", "banner", "expandable", "interstitial", "cpm"))
_SOCIAL = frozenset(("social", "social-network", "social-media", "sm", "social network", "social media"))
_EMAIL = frozenset(("email", "e-mail", "e_mail", "e mail"))
_REFERRAL = frozenset(("referral", "app", "link"))
_NONE = frozenset(("", "(none)", "(not set)"))
_PAID_OF_CATEGORY = {
    "shopping": "Paid Shopping",
    "search": "Paid Search",
    "social": "Paid Social",
    "video": "Paid Video",
}
_ORGANIC_OF_CATEGORY = {
    "shopping": "Organic Shopping",
    "social": "Organic Social",
    "video": "Organic Video",
    "search": "Organic Search",
}


class _Traffic(NamedTuple):
    source: str
    medium: str
    campaign: str
    referrer: str
    url: str


def classify_channels(combinations: pd.DataFrame, settings: ChannelSettings) -> pd.DataFrame:
    """Give each combination of traffic values its channel.

    The first of `settings.rules` that fits wins; all its patterns must hold, whatever the case, `*` stands for any
    text, and a referrer pattern may fit the whole address or its host. Else, with a source, medium or campaign, GA4's
    default channel grouping decides, 'Unassigned' when nothing in it fits. Without them the referrer decides: search
    engine, social, video or shopping site by our list, any other site 'Referral', an own page (same host as `url`, or
    one a subdomain of the other) null. With no referrer either the channel is 'Direct', or null when there is no
    `url`: then nothing is known of a visit.

    Args:
        combinations: columns `traffic_source`, `medium`, `campaign`, `referrer`, `url` (text; null and '' alike),
            best distinct.
        settings: own rules and preset.

    Returns:
        The same rows in the same order, with two columns more: `channel`, and `rule`, what decided it.
    """
    rows = zip(*(_read_column(combinations[name]) for name in TRAFFIC_COLUMNS), strict=True)
    found = [_classify(_Traffic(*row), settings) for row in rows]
    columns = {"channel": [channel for channel, _ in found], "rule": [rule for _, rule in found]}
    return pd.concat([combinations, pd.DataFrame(columns, index=combinations.index, dtype=object)], axis=1)


def _read_column(column: pd.Series[str]) -> list[str]:
    texts = [value.strip() if isinstance(value, str) else "" for value in column.tolist()]
    return ["" if text == "-" else text for text in texts]


def _classify(traffic: _Traffic, settings: ChannelSettings) -> tuple[str | None, str]:
    """Return the channel and the rule that decides it."""
    for rule in settings.rules:
        if _fits_rule(rule, traffic):
            return rule.name, f"own rule {rule.name!r}"
    sites = tuple(settings.sites.items())
    if traffic.source or traffic.medium or traffic.campaign:
        values = (traffic.source.lower(), traffic.medium.lower(), traffic.campaign.lower())
        channel = classify_tagged(*values, sites=sites)
        return channel, "no rule of GA4 fits" if channel == "Unassigned" else f"GA4: {channel}"
    if traffic.referrer:
        return _classify_referrer(traffic.referrer, traffic.url, sites)
    return ("Direct", "no tag and no referrer") if traffic.url else (None, "nothing known of a visit")


def _fits_rule(rule: ChannelRule, traffic: _Traffic) -> bool:
    wanted = (
        (rule.source, (traffic.source,)),
        (rule.medium, (traffic.medium,)),
        (rule.campaign, (traffic.campaign,)),
        (rule.referrer, (traffic.referrer, find_host(traffic.referrer))),
    )
    return all(
        pattern is None or any(_read_pattern(pattern).fullmatch(value) for value in values)
        for pattern, values in wanted
    )


@cache
def _read_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.IGNORECASE | re.DOTALL)


def classify_tagged(source: str, medium: str, campaign: str, *, sites: OwnSites = ()) -> str:
    """GA4's default channel grouping of lower-case source, medium and campaign, first fit wins.

    Args:
        source: such as 'google'.
        medium: such as 'cpc'.
        campaign: its name.
        sites: the company's own pairs of site and category.

    >>> classify_tagged("google", "cpc", "spring")
    'Paid Search'
    """
    category = find_category(source, sites)
    is_paid = _PAID.fullmatch(medium) is not None
    is_shop_campaign = _SHOP_CAMPAIGN.fullmatch(campaign) is not None
    if source in ("(direct)", "") and medium in _NONE and campaign in _NONE | {"(direct)"}:
        return "Direct"
    if "cross-network" in campaign:
        return "Cross-network"
    if is_paid and is_shop_campaign:
        return "Paid Shopping"
    if is_paid and category in _PAID_OF_CATEGORY:
        return _PAID_OF_CATEGORY[category]
    if medium in _DISPLAY:
        return "Display"
    if is_paid:
        return "Paid Other"
    return _classify_unpaid(source, medium, category=category, is_shop_campaign=is_shop_campaign)


def _classify_unpaid(source: str, medium: str, *, category: str, is_shop_campaign: bool) -> str:
    rules = (
        ("Organic Shopping", category == "shopping" or is_shop_campaign),
        ("Organic Social", category == "social" or medium in _SOCIAL),
        ("Organic Video", category == "video" or "video" in medium),
        ("Organic Search", category == "search" or medium == "organic"),
        ("Email", source in _EMAIL or medium in _EMAIL),
        ("Affiliates", medium == "affiliate"),
        ("Referral", medium in _REFERRAL),
        ("Audio", medium == "audio"),
        ("SMS", "sms" in (source, medium)),
        ("Mobile Push Notifications", _is_push(source, medium)),
    )
    return next((name for name, fits in rules if fits), "Unassigned")


def _is_push(source: str, medium: str) -> bool:
    return medium.endswith("push") or "mobile" in medium or "notification" in medium or source == "firebase"


def _classify_referrer(referrer: str, url: str, sites: OwnSites) -> tuple[str | None, str]:
    host, own = find_host(referrer), find_host(url)
    if not host:
        return None, "referrer without a site"
    if _is_same_site(host, own):
        return None, "referrer: own site"
    category = find_category(host, sites)
    return _ORGANIC_OF_CATEGORY.get(category, "Referral"), f"referrer: {category or 'another'} site"


def find_host(address: str) -> str:
    """The host of an address, lower case, without port and 'www.'; '' when there is none (a path, say)."""
    text = address.strip().lower()
    if "://" not in text:
        text = text if text.startswith("//") else f"//{text}"
        if "." not in text.removeprefix("//").split("/")[0]:
            return ""
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.").rstrip(".")


def _is_same_site(host: str, own: str) -> bool:
    return bool(own) and (host == own or host.endswith(f".{own}") or own.endswith(f".{host}"))
