"""Each setting of a funnel on the public logs: conserved, its parts the whole, and as ClickHouse counts."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chdb
import pandas as pd
import pytest

import journeys as jn

# The configured log, a window that cuts, and a column to split by.
LOGS = {"retentioneering": ("2d", "platform"), "snowplow_ecommerce": ("2h", "url"), "apache": ("1d", "referrer")}
CSV_COLUMNS = (
    "user_id String, session_id String, event String, timestamp DateTime(''UTC''), platform String, "
    "acquisition_channel String, user_cohort String, user_lifecycle String"
)
SHOP = ["catalog", "cart", "purchase"]


@pytest.fixture(scope="module")
def shop(real_data: Path) -> jn.Journeys:
    path = real_data / "retentioneering_ecom" / "ecom.csv.gz"
    return jn.from_events(path, person="user_id", occurred_at="timestamp", event="event")


def conserve(answer: jn.FunnelResult) -> None:
    frame = answer.frame
    for k in range(len(frame) - 1):
        here, after = frame.iloc[k], frame.iloc[k + 1]
        assert here["reached_count"] == after["reached_count"] + here["dropped_count"] + here["open_count"]
    assert frame.iloc[-1][["dropped_count", "open_count"]].tolist() == [0, 0]
    levels = answer.persons["furthest_step"]
    assert [(levels >= k).sum() for k in frame["step_index"]] == frame["reached_count"].tolist()


@pytest.mark.real_data
@pytest.mark.parametrize("name", LOGS)
def test_every_order_entry_and_tie_is_conserved_and_its_parts_are_the_whole(
    name: str, published: Callable[[str], Any]
) -> None:
    log, (window, by) = published(name).log, LOGS[name]
    commonest = log.transitions().frame
    steps = list(dict.fromkeys([*commonest["from_step"], *commonest["to_step"]]))[:3]
    for order, entry, ties in itertools.product(
        ("ordered", "strict", "any"), ("best", "first", "each"), ("together", "increasing")
    ):
        settings = {"order": order, "entry": entry, "ties": ties}
        whole = log.funnel(steps, window, **settings)
        conserve(whole)
        parts = log.funnel(steps, window, by=by, **settings).frame
        columns = ["reached_count", "dropped_count", "open_count", "mature_count"]
        summed = parts.groupby("step_index")[columns].sum()
        assert summed.values.tolist() == whole.frame[columns].values.tolist(), settings


@pytest.mark.real_data
@pytest.mark.parametrize("name", LOGS)
@pytest.mark.prove
def test_an_open_funnel_is_conserved_and_made_of_closed_ones(name: str, published: Callable[[str], Any]) -> None:
    log, (window, by) = published(name).log, LOGS[name]
    commonest = log.transitions().frame
    steps = list(dict.fromkeys([*commonest["from_step"], *commonest["to_step"]]))[:4]
    for order, ties in itertools.product(("ordered", "strict"), ("together", "increasing")):
        settings = {"order": order, "ties": ties}
        whole = log.funnel(steps, window, entry="open", **settings)
        frame = whole.frame
        reached, continued = frame["reached_count"].tolist(), frame["continued_count"].tolist()
        stopped = (frame["dropped_count"] + frame["open_count"]).tolist()
        assert reached[:-1] == [on + off for on, off in zip(continued, stopped, strict=True)][:-1]
        assert reached == [on + new for on, new in zip([0, *continued], frame["entered_count"], strict=False)]
        assert [continued[-1], stopped[-1]] == [0, 0]
        assert reached == [log.funnel([step]).frame["reached_count"].iloc[0] for step in steps]
        links = [log.funnel(steps[k : k + 2], window, **settings).frame["reached_count"].iloc[-1] for k in range(3)]
        assert continued[:-1] == links
        assert whole.persons["furthest_step"].eq(len(steps)).sum() == reached[-1]
        counted = ["reached_count", "entered_count", "continued_count", "dropped_count", "open_count", "mature_count",
                   "mature_entrant_count"]  # fmt: skip
        for by_at in ("first", "last", 2):
            parts = log.funnel(steps, window, entry="open", by=by, by_at=by_at, **settings).frame
            assert parts.groupby("step_index")[counted].sum().values.tolist() == frame[counted].values.tolist()


@pytest.mark.real_data
@pytest.mark.parametrize("window", [60, 3_600, 86_400, 30 * 86_400])
def test_the_shop_is_counted_as_by_clickhouse(shop: jn.Journeys, real_data: Path, window: int) -> None:
    path = real_data / "retentioneering_ecom" / "ecom.csv.gz"
    conditions = ", ".join(f"event = '{step}'" for step in SHOP)
    for mode, settings in (("'strict_once'", {}), ("'strict_once', 'strict_increase'", {"ties": "increasing"})):
        answer = chdb.query(
            f"SELECT user_id, windowFunnel({window}, {mode})(toUInt64(toUnixTimestamp(timestamp)), {conditions}) "
            f"FROM file('{path}', 'CSVWithNames', '{CSV_COLUMNS}') GROUP BY user_id",
            "JSONCompact",
        )
        theirs = {person: int(level) for person, level in json.loads(str(answer))["data"] if int(level)}
        persons = shop.funnel(SHOP, f"{window}s", **settings).persons
        assert dict(zip(persons["person_id"], persons["furthest_step"], strict=True)) == theirs


@pytest.mark.real_data
def test_ties_of_a_file_follow_its_rows_only_when_asked(real_data: Path) -> None:
    # 163 events of one user share a second: in the order of rows a cart before its catalog does not follow it.
    frame = pd.read_csv(real_data / "retentioneering_ecom" / "ecom.csv.gz")
    frame["place"] = range(len(frame))
    log = jn.from_events(frame, person="user_id", occurred_at="timestamp", event="event", sequence="place")
    by_rows = log.funnel(SHOP, ties="sequence").frame["reached_count"].tolist()
    together = log.funnel(SHOP).frame["reached_count"].tolist()
    expected = [0, 0, 0]
    for _, events in frame[frame["event"].isin(SHOP)].sort_values(["timestamp", "place"]).groupby("user_id"):
        level = 0
        for name in events["event"]:
            if level < len(SHOP) and name == SHOP[level]:
                level += 1
        for k in range(level):
            expected[k] += 1
    assert by_rows == expected
    assert all(ours >= theirs for ours, theirs in zip(together, by_rows, strict=True))
