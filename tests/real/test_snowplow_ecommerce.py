"""Snowplow's e-commerce log against the tables its publisher computed from it (dbt-snowplow-ecommerce 0.6.1).

The publisher's sessions start and end by the collector's clock, which is our `received_at`. One of the 833 events
carries no device and no user, and the publisher leaves it out too; the 63rd session and its device stand only in the
context of a phone's events.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

FOLDER = "snowplow_ecommerce_0.6.1"
STEPS = ["product_view", "add_to_cart", "checkout_step", "transaction"]
CONTEXT = "contexts_com_snowplowanalytics_snowplow_client_session_1_0_1"
# How the publisher's sessions say that such an event happened in them.
SAID_BY = {
    "product_view": "first_product_view",
    "add_to_cart": "first_product_add_to_cart",
    "remove_from_cart": "first_product_remove_from_cart",
    "checkout_step": "number_checkout_steps_visited",
    "transaction": "first_transaction_completed",
}


@pytest.fixture(scope="module")
def shop(published: Callable[[str], Any]) -> Any:
    return published("snowplow_ecommerce")


@pytest.fixture(scope="module")
def source(real_data: Path, read_text: Callable[[Path], pd.DataFrame]) -> pd.DataFrame:
    return read_text(real_data / FOLDER / "source" / "snowplow_ecommerce_events.csv.gz")


@pytest.fixture(scope="module")
def expected(real_data: Path, read_text: Callable[[Path], pd.DataFrame]) -> pd.DataFrame:
    return read_text(real_data / FOLDER / "expected" / "default" / "snowplow_ecommerce_sessions_expected.csv.gz")


@pytest.fixture(scope="module")
def sessions(shop: Any) -> pd.DataFrame:
    """One row per pair of our session and the source's id, with its counts, start and end by the collector's clock."""
    return shop.query(
        """
        SELECT source_session_id, session_id, event_count, COUNT(*) AS pair_count,
          MIN(received_at) AS started_at, MAX(received_at) AS ended_at
        FROM sessions JOIN session_events USING (session_id) JOIN events USING (event_id) GROUP BY ALL
        """
    )


def test_every_row_is_accounted_for(shop: Any, source: pd.DataFrame) -> None:
    quality = shop.log.table("data_quality").iloc[0]
    assert (quality["read_count"], quality["accepted_count"], quality["duplicate_count"]) == (833, 832, 0)
    rejected = shop.log.table("rejected_events")
    nobody = source.query(f"domain_userid == '' and user_id == '' and {CONTEXT} in ('', '[]')")
    assert rejected[["event_id", "reason", "line"]].values.tolist() == [
        [nobody.iloc[0]["event_id"], "no identifier", nobody.index[0] + 2]
    ]


def test_sessions_start_and_end_as_published(
    source: pd.DataFrame, expected: pd.DataFrame, sessions: pd.DataFrame
) -> None:
    assert (sessions["event_count"] == sessions["pair_count"]).all(), "a session holds one id of the source"
    assert sessions["source_session_id"].is_unique, "an id of the source is one session"
    for column in ("start_tstamp", "end_tstamp"):
        expected[column] = pd.to_datetime(expected[column], format="ISO8601", utc=True).dt.tz_localize(None)
    both = sessions.merge(expected, left_on="source_session_id", right_on="domain_sessionid")
    assert len(both) == len(sessions) == len(expected) == 63
    assert both["source_session_id"].isin(source["domain_sessionid"]).sum() == 62
    assert (both["started_at"] == both["start_tstamp"]).sum() == 63
    assert (both["ended_at"] == both["end_tstamp"]).sum() == 63


def test_the_pauses_would_give_the_same_sessions_without_the_source_s_ids(shop: Any) -> None:
    """No pause inside a published session is over 7:06, none between two under 1:42:24: a 30-minute rule finds them."""
    assert set(shop.log.table("sessions")["split_reason"]) == {"first", "timeout"}


def test_the_same_sessions_hold_each_action(shop: Any, expected: pd.DataFrame) -> None:
    events = shop.log.table("events")
    for event, column in SAID_BY.items():
        said = expected[~expected[column].isin(["", "0"])]
        assert set(events[events["event"] == event]["source_session_id"]) == set(said["domain_sessionid"]), event
    added = events[events["event"] == "add_to_cart"].groupby("source_session_id").size()
    assert added.to_dict() == {
        row["domain_sessionid"]: int(row["number_add_to_carts"])
        for row in expected.to_dict("records")
        if row["number_add_to_carts"] != "0"
    }


def test_transactions_and_their_money_are_the_published_ones(shop: Any, expected: pd.DataFrame) -> None:
    events = shop.log.table("events")
    sold = events[events["event"] == "transaction"]
    assert len(sold) == expected["total_number_transactions"].replace("", "0").astype(int).sum() == 14
    published_total = sum(Decimal(text) for text in expected["total_transaction_revenue"] if text)
    assert sum(Decimal(str(value)) for value in sold["value_amount"]) == published_total == Decimal("1466094.89")
    journeys = shop.log.table("journeys")
    assert journeys["converted_at"].notna().sum() == 14, "every transaction ends a journey"
    assert sum(Decimal(str(value)) for value in journeys["value_amount"].dropna()) == published_total


@pytest.mark.parametrize("unit", ["person", "session"])
def test_the_funnel_is_what_a_loop_over_the_file_counts(shop: Any, source: pd.DataFrame, unit: str) -> None:
    """Without a window the earliest event of each step from the step before on goes deepest; a tie serves in order."""
    contexts = [json.loads(text)[0] if text not in ("", "[]") else {} for text in source[CONTEXT]]
    own, other = ("domain_userid", "userId") if unit == "person" else ("domain_sessionid", "sessionId")
    units = [text or context.get(other) for text, context in zip(source[own], contexts, strict=True)]
    action = "unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1_0_0"
    names = [json.loads(text).get("type") if text else None for text in source[action]]
    times = pd.to_datetime(source["derived_tstamp"], format="ISO8601", utc=True)
    is_known = [text != "" or bool(context) for text, context in zip(source["domain_userid"], contexts, strict=True)]
    reached = [0, 0, 0, 0]
    for _, events in pd.DataFrame({"unit": units, "name": names, "time": times})[is_known].groupby("unit"):
        now = events["time"].min()
        for index, name in enumerate(STEPS):
            following = events[(events["name"] == name) & (events["time"] >= now)]["time"]
            if following.empty:
                break
            now = following.min()
            reached[index] += 1
    frame = shop.log.funnel(STEPS, unit=unit).frame
    assert frame["reached_count"].tolist() == reached
    left = frame["dropped_count"] + frame["open_count"]
    assert (frame["reached_count"].shift(-1) + left)[:-1].tolist() == reached[:-1]
