"""Where sessions come from and why: every session once, with the rule that decided its channel."""

from __future__ import annotations

import pandas as pd
import pytest

import journeys as jn
from journeys.config import ChannelRule, ChannelSettings
from journeys.insights.channels import COLUMNS
from journeys.sources import classify_channels

OWN = "https://acme.example/"


def test_a_log_in_memory_has_the_channels_given_with_its_rows():
    rows = pd.DataFrame(
        {
            "user": ["a", "a", "b", "c", "d"],
            "at": ["2026-03-01T10:00", "2026-03-01T10:01", "2026-03-01T10:00", "2026-03-01T10:00", "2026-03-01T10:00"],
            "what": "visit",
            "from": ["Email", "Direct", "Email", None, "Direct"],
        }
    )
    log = jn.from_events(rows, person="user", occurred_at="at", event="what", channel="from")
    frame = log.channels().frame
    assert list(frame.columns) == COLUMNS
    assert frame[["channel", "rule", "session_count", "person_count"]].values.tolist() == [
        ["Email", "given with the rows", 2, 2],
        ["(none)", "given with the rows", 1, 1],
        ["Direct", "given with the rows", 1, 1],
    ]
    assert frame["session_share"].tolist() == [0.5, 0.25, 0.25]
    # Wilson's interval of 2 of 4, by hand: (0.5 + z²/8 ± z·sqrt(1/16 + z²/64)) / (1 + z²/4) with z = 1.95996.
    assert frame[["session_share_low", "session_share_high"]].iloc[0].tolist() == pytest.approx(
        [0.15004, 0.84996], abs=1e-5
    )
    assert len(log.channels().figure().data[0].x) == 3
    assert log.channels(as_of="2026-02-01").frame.empty
    log.channels(as_of="2026-02-01").figure()


@pytest.mark.parametrize(
    ("traffic", "channel", "rule"),
    [
        (("partner-1", "", "", "", OWN), "Partners", "own rule 'Partners'"),
        (("google", "cpc", "", "", OWN), "Paid Search", "GA4: Paid Search"),
        (("flyer", "qr", "", "", OWN), "Unassigned", "no rule of GA4 fits"),
        (("", "", "", "https://www.bing.com/", OWN), "Organic Search", "referrer: search site"),
        (("", "", "", "https://find.example/", OWN), "Organic Search", "referrer: search site"),
        (("find.example", "cpc", "", "", OWN), "Paid Search", "GA4: Paid Search"),
        (("", "", "", "https://t.co/x", OWN), "Referral", "referrer: another site"),
        (("", "", "", "https://blog.example/", OWN), "Referral", "referrer: another site"),
        (("", "", "", OWN, OWN), None, "referrer: own site"),
        (("", "", "", "/here", OWN), None, "referrer without a site"),
        (("", "", "", "", OWN), "Direct", "no tag and no referrer"),
        (("", "", "", "", ""), None, "nothing known of a visit"),
    ],
)
def test_what_decides_a_channel_is_named(traffic, channel, rule):
    settings = ChannelSettings(
        rules=(ChannelRule(name="Partners", source="partner-*"),), sites={"find.example": "search", "t.co": "none"}
    )
    names = ["traffic_source", "medium", "campaign", "referrer", "url"]
    found = classify_channels(pd.DataFrame([traffic], columns=names), settings)
    assert (found["channel"][0], found["rule"][0]) == (channel, rule)
