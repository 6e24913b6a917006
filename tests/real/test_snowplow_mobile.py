"""Snowplow's mobile log against the tables its publisher computed from it (dbt-snowplow-mobile 0.7.4).

Device and session stand in the context `client_session`. The publisher looks at 7 sessions and, in each, at the first
three days. There, repeats of an event_id count once, and a screen view is a distinct id among events named
screen_view, over all sessions: 77. One id was sent in two sessions; the publisher counts it in one of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

FOLDER = "snowplow_mobile_0.7.4"
SCREEN = "unstruct_event_com_snowplowanalytics_mobile_screen_view_1_0_0"
SHARED_SCREEN = "691e7790-808a-4bfe-b7dd-5c888adaf020"


@pytest.fixture(scope="module")
def app(published: Callable[[str], Any]) -> Any:
    return published("snowplow_mobile")


@pytest.fixture(scope="module")
def expected(real_data: Path, read_text: Callable[[Path], pd.DataFrame]) -> dict[str, pd.DataFrame]:
    folder = real_data / FOLDER / "expected" / "default"
    names = ("sessions", "users", "screen_views")
    tables = {name: read_text(folder / f"snowplow_mobile_{name}_expected.csv.gz") for name in names}
    for column in ("start_tstamp", "end_tstamp"):
        tables["sessions"][column] = pd.to_datetime(tables["sessions"][column], format="ISO8601")
    tables["sessions"] = tables["sessions"].set_index("session_id").sort_index()
    return tables


@pytest.fixture(scope="module")
def events(app: Any, expected: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Our events that the publisher looked at, with `screen_view_id`."""
    frame = app.log.table("events")
    frame = frame[frame["source_session_id"].isin(expected["sessions"].index)].copy()
    screens = [json.loads(text)[SCREEN] for text in frame["properties"]]
    frame["screen_view_id"] = [json.loads(text)[0]["id"] if text else None for text in screens]
    start = frame.groupby("source_session_id")["occurred_at"].transform("min")
    return frame[frame["occurred_at"] - start <= pd.Timedelta(days=3)]


def test_every_row_is_accounted_for(app: Any) -> None:
    quality = app.log.table("data_quality").iloc[0]
    counts = [quality[f"{name}_count"] for name in ("read", "accepted", "duplicate", "rejected")]
    assert counts == [130, 129, 1, 0]


def test_sessions_start_and_end_as_published(events: pd.DataFrame, expected: dict[str, pd.DataFrame]) -> None:
    sessions = expected["sessions"]
    spans = events.groupby("source_session_id")["occurred_at"].agg(["min", "max"])
    assert len(spans) == len(sessions) == 7
    assert spans["min"].tolist() == sessions["start_tstamp"].tolist()
    assert spans["max"].tolist() == sessions["end_tstamp"].tolist()
    first = events.sort_values(["occurred_at_us", "event"]).groupby("source_session_id")["event"].first()
    assert first.tolist() == sessions["first_event_name"].tolist()


def test_screen_views_are_the_published_ones(events: pd.DataFrame, expected: dict[str, pd.DataFrame]) -> None:
    views = events.dropna(subset="screen_view_id")
    assert set(views["screen_view_id"]) == set(expected["screen_views"]["screen_view_id"])
    assert views["screen_view_id"].nunique() == len(expected["screen_views"]) == 77
    counts = views.groupby("source_session_id")["screen_view_id"].nunique().reindex(expected["sessions"].index)
    published = expected["sessions"]["screen_views"].replace("", "0").astype(int)
    more = (counts.fillna(0).astype(int) - published).loc[lambda difference: difference != 0]
    shared = views[views["screen_view_id"] == SHARED_SCREEN]["source_session_id"]
    counted = expected["screen_views"].set_index("screen_view_id").loc[SHARED_SCREEN, "session_id"]
    assert more.to_dict() == dict.fromkeys(set(shared) - {counted}, 1)
    assert shared.nunique() == 2


def test_users_and_devices_are_the_published_ones(
    app: Any, events: pd.DataFrame, expected: dict[str, pd.DataFrame]
) -> None:
    devices = events.groupby("source_session_id")["device_id"].unique().map(list)
    assert devices.tolist() == [[device] for device in expected["sessions"]["device_user_id"]]
    assert set(app.log.table("events")["device_id"]) == set(expected["users"]["device_user_id"])
    assert len(app.log.table("persons")) == len(expected["users"]) == 4
    counted = events.groupby("device_id")["source_session_id"].nunique()
    published = expected["users"].set_index("device_user_id")["sessions"].astype(int)
    assert counted.to_dict() == published.to_dict()


def test_a_session_of_ours_holds_one_session_of_the_tracker(app: Any) -> None:
    pairs = app.query("SELECT session_id, source_session_id FROM session_events JOIN events USING (event_id)")
    assert pairs.groupby("session_id")["source_session_id"].nunique(dropna=False).max() == 1
