"""Retentioneering's synthetic shop: its own session ids are a 30-minute rule, and 163 events share a second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import journeys as jn

STEPS = ["catalog", "cart", "purchase"]
COLUMNS = {"person": "user_id", "occurred_at": "timestamp", "event": "event"}


@pytest.fixture(scope="module")
def shop(published: Callable[[str], Any]) -> Any:
    return published("retentioneering")


@pytest.fixture(scope="module")
def path(real_data: Path) -> Path:
    return real_data / "retentioneering_ecom" / "ecom.csv.gz"


@pytest.fixture(scope="module")
def source(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str).assign(time=lambda frame: pd.to_datetime(frame["timestamp"]))


def count_funnel(source: pd.DataFrame) -> list[int]:
    """Count by hand: without a window the earliest next step goes deepest, and a tie serves in funnel order."""
    reached = [0] * len(STEPS)
    for _, events in source[source["event"].isin(STEPS)].groupby("user_id"):
        now = events["time"].min()
        for index, name in enumerate(STEPS):
            following = events[(events["event"] == name) & (events["time"] >= now)]["time"]
            if following.empty:
                break
            now = following.min()
            reached[index] += 1
    return reached


def test_every_row_is_accepted(shop: Any, source: pd.DataFrame) -> None:
    quality = shop.log.table("data_quality").iloc[0]
    assert (quality["read_count"], quality["accepted_count"]) == (31_106, 31_106)
    events = shop.log.table("events")
    assert (events["event"] == "purchase").sum() == 470
    assert shop.log.table("journeys")["converted_at"].notna().sum() == 470
    assert len(shop.log.table("persons")) == source["user_id"].nunique() == 600


def test_sessions_are_its_own_both_ways(shop: Any) -> None:
    pairs = shop.query(
        """
        SELECT DISTINCT session_id, json_extract_string(properties, '$.session_id') AS their_id
        FROM session_events JOIN events USING (event_id)
        """
    )
    assert len(pairs) == 3_605
    assert pairs["session_id"].is_unique
    assert pairs["their_id"].is_unique
    assert len(shop.log.sessions().frame) == 3_605


def test_sessions_are_its_own_from_the_file_in_three_lines(path: Path, source: pd.DataFrame) -> None:
    sessions = jn.from_events(path, **COLUMNS).sessions().frame
    own = source.groupby(["user_id", "session_id"])["time"].agg(["min", "max", "size"]).reset_index()
    assert len(sessions) == len(own) == 3_605
    ours = sessions[["person_id", "started_at", "ended_at", "event_count"]].sort_values(["person_id", "started_at"])
    theirs = own[["user_id", "min", "max", "size"]].sort_values(["user_id", "min"])
    for mine, other in zip(ours.columns, theirs.columns, strict=True):
        assert ours[mine].tolist() == theirs[other].tolist(), mine


def test_the_funnel_is_what_a_loop_over_the_file_counts(shop: Any, path: Path, source: pd.DataFrame) -> None:
    expected = count_funnel(source)
    assert expected[2] <= 328 == source[source["event"] == "purchase"]["user_id"].nunique()
    for log in (shop.log, jn.from_events(path, **COLUMNS)):
        frame = log.funnel(STEPS).frame
        assert frame["reached_count"].tolist() == expected
        assert (frame["dropped_count"] + frame["open_count"])[:-1].tolist() == [
            expected[0] - expected[1],
            expected[1] - expected[2],
        ]
    assert shop.log.table("funnel_steps").query("funnel == 'shop'")["reached_count"].tolist() == expected


def test_the_day_the_first_and_only_purchase_stops_a_path(shop: Any, source: pd.DataFrame) -> None:
    """Buyers of the log, counted from the file, are the converted of every answer."""
    buyers = source[source["event"] == "purchase"]["user_id"].nunique()
    assert shop.log.touchpoints().definition["converted_count"] == buyers
    assert shop.log.paths(goal="purchase", depth=5_000).balance["converted_count"].sum() == buyers


def test_ties_do_not_depend_on_the_order_of_the_file(source: pd.DataFrame) -> None:
    rows = source.drop(columns="time")
    assert rows.duplicated(["user_id", "timestamp"]).sum() == 163
    answers = []
    for frame in (rows, rows[::-1], rows.sample(frac=1, random_state=7)):
        log = jn.from_events(frame.reset_index(drop=True), **COLUMNS)
        results = (log.sessions(), log.funnel(STEPS), log.transitions(), log.paths(), log.touchpoints("purchase"))
        answers.append([result.frame.to_csv(index=False) for result in results])
    assert answers[0] == answers[1] == answers[2]
