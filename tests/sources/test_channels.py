"""Channels, case by case, worked by hand from GA4's published rules."""

from __future__ import annotations

import pandas as pd
import pytest

from journeys.config import ChannelRule, ChannelSettings
from journeys.sources import classify_channels
from journeys.sources.channels import TRAFFIC_COLUMNS

GA4 = ChannelSettings()
OWN = "https://acme.example/page"


def classify(source=None, medium=None, campaign=None, referrer=None, url=OWN, settings=GA4):
    frame = pd.DataFrame([(source, medium, campaign, referrer, url)], columns=list(TRAFFIC_COLUMNS))
    return classify_channels(frame, settings)["channel"][0]


@pytest.mark.parametrize(
    ("source", "medium", "campaign", "channel"),
    [
        ("(direct)", "(none)", None, "Direct"),
        ("(direct)", "(not set)", "(direct)", "Direct"),
        ("google", "cpc", "Cross-network spring", "Cross-network"),
        ("google", "cpc", "shop-spring", "Paid Shopping"),
        ("google", "cpc", "workshop", "Paid Search"),
        ("amazon.de", "ppc", None, "Paid Shopping"),
        ("google", "cpc", "spring", "Paid Search"),
        ("Google", "CPC", "Spring", "Paid Search"),
        ("bing", "paid-search", None, "Paid Search"),
        ("www.google.co.uk", "cpc", None, "Paid Search"),
        ("facebook", "paid_social", None, "Paid Social"),
        ("instagram.com", "cpm", None, "Paid Social"),
        ("linkedin", "retargeting", None, "Paid Social"),
        ("youtube", "cpv", None, "Paid Video"),
        ("youtube", "ad", None, "Organic Video"),
        ("vimeo.com", "paid", None, "Paid Video"),
        ("adnetwork", "display", None, "Display"),
        ("adnetwork", "cpm", None, "Display"),
        ("adnetwork", "banner", None, "Display"),
        ("adnetwork", "cpa", None, "Paid Other"),
        ("criteo", "retargeting", None, "Paid Other"),
        ("etsy.com", "listing", None, "Organic Shopping"),
        ("newsletter", "email", "summer shopping", "Organic Shopping"),
        ("facebook", "post", None, "Organic Social"),
        ("anywhere", "social-network", None, "Organic Social"),
        ("draugiem.lv", "referral", None, "Organic Social"),
        ("youtube.com", "referral", None, "Organic Video"),
        ("partner", "short-video", None, "Organic Video"),
        ("google", "organic", None, "Organic Search"),
        ("unknown-engine", "organic", None, "Organic Search"),
        ("duckduckgo.com", "referral", None, "Organic Search"),
        ("newsletter", "email", "spring", "Email"),
        ("e-mail", "weekly", None, "Email"),
        ("partner", "affiliate", None, "Affiliates"),
        ("blog.example", "referral", None, "Referral"),
        ("blog.example", "link", None, "Referral"),
        ("spotify", "audio", None, "Audio"),
        ("sms", "reminder", None, "SMS"),
        ("twilio", "sms", None, "SMS"),
        ("app", "web-push", None, "Mobile Push Notifications"),
        ("firebase", "x", None, "Mobile Push Notifications"),
        ("app", "notification-daily", None, "Mobile Push Notifications"),
        ("flyer", "qr", None, "Unassigned"),
        (None, None, "spring", "Unassigned"),
        ("newsletter", None, None, "Unassigned"),
        ("(direct)", None, None, "Direct"),
        ("(direct)", "email", None, "Email"),
        ("google", "organic", "cross-network", "Cross-network"),
        ("shop.example", "cpc", "eshop", "Paid Shopping"),
        ("shop.example", "cpc", "e-shop", "Paid Shopping"),
        ("bing", "cpc", "autumn shopping", "Paid Shopping"),
        ("bing", "xcpx", None, "Paid Search"),
        ("bing", "paid", None, "Paid Search"),
        ("bing", "retargeting", None, "Paid Search"),
        ("bing", "unpaid", None, "Organic Search"),
        ("pinterest.com", "ppc", None, "Paid Social"),
        ("youtube.com", "display", None, "Display"),
        ("google", "display", None, "Display"),
        ("dfa", "cpm", None, "Display"),
        ("adnetwork", "expandable", None, "Display"),
        ("adnetwork", "interstitial", None, "Display"),
        ("adnetwork", "ppc", None, "Paid Other"),
        ("ebay.com", "referral", None, "Organic Shopping"),
        ("partner", "sm", None, "Organic Social"),
        ("partner", "social media", None, "Organic Social"),
        ("partner", "social network", None, "Organic Social"),
        ("partner", "video", None, "Organic Video"),
        ("partner", "e mail", None, "Email"),
        ("e_mail", "x", None, "Email"),
        ("partner", "affiliates", None, "Unassigned"),
        ("app.example", "app", None, "Referral"),
        ("phone", "mobile", None, "Mobile Push Notifications"),
        ("phone", "pushed", None, "Unassigned"),
        ("sms", "push", None, "SMS"),
        ("partner", "(not set)", "(not set)", "Unassigned"),
    ],
)
def test_tagged_traffic(source, medium, campaign, channel):
    assert classify(source, medium, campaign) == channel


@pytest.mark.parametrize(
    ("referrer", "channel"),
    [
        ("https://www.google.com/", "Organic Search"),
        ("https://google.lv/search?q=x", "Organic Search"),
        ("http://www.google.com.br", "Organic Search"),
        ("https://r.search.yahoo.com/_ylt=1", "Organic Search"),
        ("android-app://com.google.android.googlequicksearchbox/", "Organic Search"),
        ("https://mail.google.com/", "Referral"),
        ("https://docs.google.com/document", "Referral"),
        ("https://google.evil.example/", "Referral"),
        ("https://notgoogle.com/", "Referral"),
        ("https://l.facebook.com/l.php", "Organic Social"),
        ("https://t.co/abc", "Organic Social"),
        ("https://m.youtube.com/watch", "Organic Video"),
        ("https://www.amazon.co.uk/dp/1", "Organic Shopping"),
        ("https://blog.example.org:8080/post", "Referral"),
        ("HTTPS://WWW.BING.COM/", "Organic Search"),
        ("https://acme.example/other", None),
        ("https://www.acme.example/other", None),
        ("https://shop.acme.example/other", None),
        ("https://notacme.example/other", "Referral"),
        ("/relative", None),
        ("http://[broken", None),
        ("", "Direct"),
        ("-", "Direct"),
        (None, "Direct"),
        ("https://uk.search.yahoo.com/", "Organic Search"),
        ("https://finance.yahoo.com/", "Referral"),
        ("https://search.aol.co.uk/", "Organic Search"),
        ("https://encrypted.google.com/", "Organic Search"),
        ("https://maps.google.com/", "Referral"),
        ("https://suche.t-online.de/", "Organic Search"),
        ("https://www.t-online.de/", "Referral"),
        ("https://research.com/", "Referral"),
    ],
)
def test_untagged_traffic_by_its_referrer(referrer, channel):
    assert classify(referrer=referrer) == channel


def test_tags_go_before_the_referrer():
    assert classify("newsletter", "email", None, "https://www.google.com/") == "Email"


@pytest.mark.parametrize("nothing", ["", None, float("nan")])
def test_without_any_information_there_is_no_channel(nothing):
    assert classify(nothing, nothing, nothing, nothing, nothing) is None


def test_own_rules_come_first_and_all_their_patterns_must_hold():
    settings = ChannelSettings(
        rules=(
            ChannelRule(name="Partners", source="partner*", medium="*"),
            ChannelRule(name="Brand search", source="GOOGLE", campaign="*brand*"),
            ChannelRule(name="Blog", referrer="blog.*"),
            ChannelRule(name="Forum", referrer="https://forum.example/*"),
        )
    )
    assert classify("Partner-7", "cpc", settings=settings) == "Partners"
    assert classify("google", "cpc", "Our Brand 2024", settings=settings) == "Brand search"
    assert classify("google", "cpc", "other", settings=settings) == "Paid Search"
    assert classify(referrer="https://www.blog.example/post", settings=settings) == "Blog"
    assert classify(referrer="https://forum.example/thread", settings=settings) == "Forum"
    assert classify(referrer="https://forum.example", settings=settings) == "Referral"
    # A dot in a pattern is a dot.
    assert classify(referrer="https://blogs.example", settings=settings) == "Referral"


def test_rows_keep_their_order_and_index():
    rows = [("google", "cpc", None, None, OWN), (None, None, None, None, None), ("x", "email", None, None, OWN)]
    frame = pd.DataFrame(rows, columns=list(TRAFFIC_COLUMNS), index=[7, 3, 5])
    found = classify_channels(frame, GA4)
    assert list(found["channel"]) == ["Paid Search", None, "Email"]
    assert list(found.index) == [7, 3, 5]
    assert list(classify_channels(frame.iloc[:0], GA4)["channel"]) == []
