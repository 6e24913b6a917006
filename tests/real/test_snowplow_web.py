"""Snowplow's web log against the tables its publisher computed from it (dbt-snowplow-web 0.15.2).

The publisher looks at 18 sessions and, in each, at the first three days. There, repeats of an event_id count once, and
a page view is a distinct `page_view_id` among events named page_view: 43 of them in its table of page views. Its
sessions count 46, because a session of pings alone is given one page view, and starts five seconds, one heartbeat,
before its first ping. Structured events, which are called by their action here, are all 'event' there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from journeys.identity import build_persons

FOLDER = "snowplow_web_0.15.2"
PAGE = "contexts_com_snowplowanalytics_snowplow_web_page_1_0_0"
HEARTBEAT = pd.Timedelta(seconds=5)
# What the tracker calls one session and a stream of one person on one device cannot be.
OTHERWISE = {
    "37b340c1": "each event has another user_id",
    "79831fae": "each event has another user_id",
    "540b6c4f": "three devices",
    "6f19f1f4": "runs at the same time as df2bf41d on one device",
    "df2bf41d": "runs at the same time as 6f19f1f4 on one device",
}


@pytest.fixture(scope="module")
def web(published: Callable[[str], Any]) -> Any:
    return published("snowplow_web")


@pytest.fixture(scope="module")
def expected(real_data: Path, read_text: Callable[[Path], pd.DataFrame]) -> dict[str, pd.DataFrame]:
    folder = real_data / FOLDER / "expected"
    tables = {
        "sessions": read_text(folder / "default" / "snowplow_web_sessions_expected.csv.gz"),
        "page_views": read_text(folder / "snowplow_web_page_views_expected.csv.gz"),
        "users": read_text(folder / "snowplow_web_users_expected.csv.gz"),
    }
    for column in ("start_tstamp", "end_tstamp"):
        tables["sessions"][column] = pd.to_datetime(tables["sessions"][column], format="ISO8601")
    tables["sessions"] = tables["sessions"].set_index("domain_sessionid").sort_index()
    return tables


@pytest.fixture(scope="module")
def events(web: Any, expected: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Our events that the publisher looked at, with `page_view_id`."""
    frame = web.log.table("events")
    frame = frame[frame["source_session_id"].isin(expected["sessions"].index)].copy()
    frame["page_view_id"] = [json.loads(json.loads(text)[PAGE])[0]["id"] for text in frame["properties"]]
    start = frame.groupby("source_session_id")["occurred_at"].transform("min")
    return frame[frame["occurred_at"] - start <= pd.Timedelta(days=3)]


def test_every_row_is_accounted_for(web: Any, real_data: Path, read_text: Callable[[Path], pd.DataFrame]) -> None:
    source = read_text(real_data / FOLDER / "source" / "snowplow_web_events.csv.gz")
    quality = web.log.table("data_quality").iloc[0]
    counts = [quality[f"{name}_count"] for name in ("read", "accepted", "duplicate", "rejected")]
    assert counts == [160, source["event_id"].nunique(), 160 - source["event_id"].nunique(), 0] == [160, 157, 3, 0]
    assert web.log.repeat_count == 3


def test_events_per_session_are_the_published_counts(events: pd.DataFrame, expected: dict[str, pd.DataFrame]) -> None:
    sessions = expected["sessions"]
    published = {(name, event): count for name, text in sessions["event_counts"].items()
                 for event, count in json.loads(text).items()}  # fmt: skip
    named = events["event"].mask([json.loads(text)["event"] == "struct" for text in events["properties"]], "event")
    assert events.groupby(["source_session_id", named]).size().to_dict() == published
    assert len(events) == sessions["total_events"].astype(int).sum() == 78


def test_page_views_are_the_published_ones(events: pd.DataFrame, expected: dict[str, pd.DataFrame]) -> None:
    views = events[events["event"] == "page_view"].drop_duplicates("page_view_id")
    assert set(views["page_view_id"]) == set(expected["page_views"]["page_view_id"])
    assert len(views) == len(expected["page_views"]) == 43
    counts = views.groupby("source_session_id").size().reindex(expected["sessions"].index).fillna(1)
    assert counts.astype(int).to_dict() == expected["sessions"]["page_views"].astype(int).to_dict()


def test_devices_are_the_published_ones(events: pd.DataFrame, expected: dict[str, pd.DataFrame]) -> None:
    """Of a session with several devices the publisher names the first; one session has none and is a user's."""
    first = events.sort_values("occurred_at_us").groupby("source_session_id")["device_id"].first().fillna("")
    assert first.to_dict() == expected["sessions"]["domain_userid"].to_dict()
    devices = set(first) - {""}
    assert devices == set(expected["users"]["domain_userid"]) - {""}
    assert len(devices) == 11
    others = events[events["device_id"].notna() & ~events["device_id"].isin(devices)]
    assert set(others["source_session_id"].str[:8]) == {"540b6c4f"}
    assert others["device_id"].nunique() == 2


def test_sessions_start_and_end_as_published(events: pd.DataFrame, expected: dict[str, pd.DataFrame]) -> None:
    sessions = expected["sessions"]
    spans = events.groupby("source_session_id")["occurred_at"].agg(["min", "max"])
    only_pings = events.groupby("source_session_id")["event"].agg(lambda names: set(names) == {"page_ping"})
    assert only_pings.sum() == 3
    assert (spans["min"] - HEARTBEAT * only_pings.astype(int)).equals(sessions["start_tstamp"].rename(None))
    assert spans["max"].equals(sessions["end_tstamp"].rename("max"))


def test_our_sessions_are_the_tracker_s_cut_after_three_days(
    web: Any, events: pd.DataFrame, expected: dict[str, pd.DataFrame]
) -> None:
    pairs = web.query("SELECT session_id, event_id, source_session_id FROM session_events JOIN events USING (event_id)")
    assert pairs.groupby("session_id")["source_session_id"].nunique(dropna=False).max() == 1
    ours = pairs.groupby("session_id")["event_id"].agg(frozenset)
    theirs = events.groupby("source_session_id")["event_id"].agg(frozenset)
    unequal = {name[:8] for name, ids in theirs.items() if ids not in set(ours)}
    assert unequal == set(OTHERWISE)
    assert len(theirs) - len(unequal) == 13


@pytest.fixture(scope="module")
def stitched(web: Any, expected: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Persons by the rule `last_known`, per session of the publisher; and the person of each user id."""
    with web.log.log.engine.scratch() as scratch:
        build_persons(scratch, web.settings, rule="last_known")
        persons = scratch.frame(
            "SELECT source_session_id, person_id, device_id FROM events INNER JOIN event_persons USING (event_id)"
        )
        users = dict(
            scratch.rows("SELECT identifier_value, person_id FROM person_identifiers WHERE identifier_kind = 'user_id'")
        )
    sessions = expected["sessions"]
    persons = persons[persons["source_session_id"].isin(sessions.index)].copy()
    for column in ("stitched_user_id", "user_id"):
        persons[column] = persons["source_session_id"].map(sessions[column]).map(users)
    return persons


def test_last_known_gives_each_session_to_the_published_stitched_user(stitched: pd.DataFrame) -> None:
    equal = (stitched["person_id"] == stitched["stitched_user_id"]).groupby(stitched["source_session_id"]).all()
    assert len(equal) == 18
    assert equal.sum() == 17
    without = stitched[stitched["source_session_id"] == equal[~equal].index[0]]
    assert without["device_id"].isna().all()
    assert (without["person_id"] == without["user_id"]).all()


def test_the_device_of_ten_users_is_the_last_ones(stitched: pd.DataFrame, events: pd.DataFrame) -> None:
    device = events[events["device_id"].str.startswith("434dff58", na=False)]
    known = device.sort_values("received_at").dropna(subset="user_id")["user_id"]
    assert known.iloc[-1] == "user stitch - session: 2nd id: 10"
    assert known.nunique() == 10
    assert stitched[stitched["device_id"].str.startswith("434dff58", na=False)]["person_id"].nunique() == 1
