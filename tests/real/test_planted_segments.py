"""The customers that Retentioneering planted in its shop (docstring of its `ecom.py`): new against loyal, and cohorts.

A user is new for 30 days from registration, returning up to 90, then loyal; the month of registration is the cohort.
Each figure stands beside a plain count over the file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from real.two_steps import Share, assert_told, follow, within
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

import journeys as jn

STAGES = ("new", "returning", "loyal")
COHORTS = ("2024-01", "2024-02", "2024-03", "2024-04")
WINTER, JUNE = ("2024-01-01", "2024-03-01"), ("2024-06-01", "2024-07-01")


@pytest.fixture(scope="module")
def shop(published: Callable[[str], Any]) -> jn.Journeys:
    log: jn.Journeys = published("retentioneering").log
    return log


@pytest.fixture(scope="module")
def source(real_data: Path) -> pd.DataFrame:
    """The file with times, in their order; of one second the order is that of the lines."""
    rows = pd.read_csv(real_data / "retentioneering_ecom" / "ecom.csv.gz", dtype=str)
    rows = rows.assign(time=pd.to_datetime(rows["timestamp"]), id=[f"{line:06d}" for line in range(len(rows))])
    return rows.sort_values(["time", "id"])


@pytest.fixture(scope="module")
def events(source: pd.DataFrame) -> jn.Journeys:
    """The file itself, where each event is a step of its own."""
    return jn.from_events(source.drop(columns="time"), person="user_id", occurred_at="timestamp", event="event",
                          session="session_id", event_id="id")  # fmt: skip


def count_groups(source: pd.DataFrame, column: str, first: pd.Series, then: str) -> dict[str, Share]:
    """Count by the value that the first step has; a session has one."""
    sessions = follow(source, first, source["event"] == then)
    value = source[first].groupby("session_id")[column].agg(["first", "nunique"])
    assert (value["nunique"] == 1).all()
    groups = sessions.groupby(value["first"])["is_through"]
    return {str(name): Share(int(held.sum()), len(held)) for name, held in groups}


def rest_of(shares: dict[str, Share], name: str) -> Share:
    others = [share for group, share in shares.items() if group != name]
    return Share(sum(each.count for each in others), sum(each.base for each in others))


@pytest.mark.parametrize("then", ["add_to_cart", "purchase"])
def test_the_loyal_convert_best_and_the_new_least(shop: jn.Journeys, source: pd.DataFrame, then: str) -> None:
    frame = shop.compare_groups(["product_view", then], by="user_lifecycle", unit="session").frame
    shares = count_groups(source, "user_lifecycle", source["event"] == "product_view", then)
    assert frame["user_lifecycle"].tolist() == ["loyal", "returning", "new"]
    for row in frame.itertuples():
        assert_told(row, shares[row.user_lifecycle], rest_of(shares, row.user_lifecycle))
    loyal, _, new = frame.itertuples()
    assert loyal.difference_low > 0 > new.difference_high
    assert max(loyal.q_value, new.q_value) < 0.05


def test_the_loyal_come_straight_to_product_and_cart(events: jn.Journeys, source: pd.DataFrame) -> None:
    """A quarter of their visits is planted to begin there; the new begin at home, in the catalogue or with a search."""
    answer = events.step_matrix_difference(["new", "loyal"], by="user_lifecycle", unit="session", depth=1)
    firsts = source.groupby("session_id")[["event", "user_lifecycle"]].first()
    sizes = firsts["user_lifecycle"].value_counts()
    landings = firsts.value_counts()
    verdicts = {}
    for row in answer.frame.itertuples():
        new, loyal = (Share(int(landings.get((row.step, group), 0)), int(sizes[group])) for group in ("new", "loyal"))
        assert (row.a_count, row.a_base_count, row.b_count, row.b_base_count) == (
            new.count, new.base, loyal.count, loyal.base)  # fmt: skip
        assert (row.difference_low, row.difference_high) == pytest.approx(new.interval_over(loyal))
        if row.q_value < 0.05:
            verdicts[row.step] = "new" if row.difference > 0 else "loyal"
    assert verdicts == {"home": "new", "catalog": "new", "search": "new", "product_view": "loyal",
                        "add_to_cart": "loyal", "cart": "loyal"}  # fmt: skip


def test_the_new_browse_without_a_cart(shop: jn.Journeys, source: pd.DataFrame) -> None:
    """Per visit the new do not look at more pages than others; more of their visits are nothing but looking."""
    browse = ["home", "catalog", "search", "filter_results", "product_view"]
    frame = shop.compare_groups([browse, "add_to_cart"], by="user_lifecycle", unit="session").frame
    shares = count_groups(source, "user_lifecycle", source["event"].isin(browse), "add_to_cart")
    told = {row.user_lifecycle: row for row in frame.itertuples()}
    for name in STAGES:
        assert_told(told[name], shares[name], rest_of(shares, name))
    assert told["new"].difference_high < 0 < told["loyal"].difference_low
    looked = source[source["event"].isin(browse)].groupby(["user_lifecycle", "session_id"]).size()
    means = looked.groupby("user_lifecycle").sum() / source.groupby("user_lifecycle")["session_id"].nunique()
    assert means["new"] < means["returning"]


@pytest.mark.parametrize(
    ("column", "shorter", "longer", "is_shown"),
    [("user_lifecycle", "loyal", "returning", True), ("user_cohort", "2024-01", "2024-04", False)],
)
def test_the_loyal_buy_by_shorter_ways(
    events: jn.Journeys, source: pd.DataFrame, column: str, shorter: str, longer: str, is_shown: bool
) -> None:
    """Steps of a visit up to its purchase. January against April points the same way; 217 visits do not prove it."""
    place = source.groupby("session_id").cumcount() + 1
    counted = place[source["event"] == "purchase"].groupby(source["session_id"]).min()
    value = source.groupby("session_id")[column].first()
    lengths = []
    for name in (shorter, longer):
        ways = events.variants("purchase", collapse=False, start={column: name}, unit="session").frame
        told = ways["path"].str.len().repeat(ways["converted_count"])
        assert sorted(told) == sorted(counted[value.reindex(counted.index) == name])
        lengths.append(told)
    low, high = CompareMeans(*map(DescrStatsW, lengths)).tconfint_diff(usevar="unequal")
    assert (low + high) / 2 < 0
    assert (high < 0) == is_shown


@pytest.mark.parametrize("then", ["add_to_cart", "purchase"])
def test_the_april_cohort_stays_behind(shop: jn.Journeys, source: pd.DataFrame, then: str) -> None:
    frame = shop.compare_groups(["product_view", then], by="user_cohort", unit="session").frame
    shares = count_groups(source, "user_cohort", source["event"] == "product_view", then)
    assert set(frame["user_cohort"]) == set(COHORTS)
    for row in frame.itertuples():
        assert_told(row, shares[row.user_cohort], rest_of(shares, row.user_cohort))
    last = frame.iloc[-1]
    assert last["user_cohort"] == "2024-04"
    assert last["difference_high"] < 0
    assert last["q_value"] < 0.01


def test_among_the_new_no_cohort_differs(shop: jn.Journeys, source: pd.DataFrame) -> None:
    """The cohort is no cause of its own: who is as long a customer goes as far, whatever the month."""
    first = (source["event"] == "product_view") & (source["user_lifecycle"] == "new")
    for then in ("add_to_cart", "purchase"):
        steps = [{"event": "product_view", "user_lifecycle": "new"}, then]
        frame = shop.compare_groups(steps, by="user_cohort", unit="session").frame
        shares = count_groups(source, "user_cohort", first, then)
        for row in frame.itertuples():
            assert_told(row, shares[row.user_cohort], rest_of(shares, row.user_cohort))
        assert (frame["q_value"] > 0.1).all()


def test_the_drift_is_who_came_not_how_a_step_converts(shop: jn.Journeys, source: pd.DataFrame) -> None:
    """From winter to June more fill a cart, all because the new have become loyal by then."""
    steps = ["product_view", "add_to_cart"]
    answer = shop.funnel_change(steps, before=WINTER, after=JUNE, by="user_lifecycle", unit="session")
    came, filled = answer.frame.itertuples()
    total = answer.tables["total"].iloc[0]
    sessions = follow(source, source["event"] == steps[0], source["event"] == steps[1])
    before, after = within(sessions, WINTER), within(sessions, JUNE)
    assert (total["before_converted_count"], total["before_count"]) == (before.count, before.base)
    assert (total["after_converted_count"], total["after_count"]) == (after.count, after.base)
    assert (total["difference_low"], total["difference_high"]) == pytest.approx(after.interval_over(before))
    assert came.contribution + filled.contribution == pytest.approx(
        after.count / after.base - before.count / before.base
    )
    assert came.contribution_low > 0
    assert filled.contribution_low < 0 < filled.contribution_high
    stage = source.groupby("session_id")["user_lifecycle"].first()
    parts = answer.tables["segments"].set_index("segment")
    for name, part in parts.iterrows():
        mine = sessions[stage.reindex(sessions.index) == name]
        assert (part["before_count"], part["after_count"]) == (within(mine, WINTER).base, within(mine, JUNE).base)
    assert parts.loc["loyal", "before_count"] == parts.loc["new", "after_count"] == 0
