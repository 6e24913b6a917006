"""Time to convert: worlds worked out by hand, and the same figures from lifelines over the raw rows."""

from __future__ import annotations

import lifelines
import numpy as np
import pandas as pd
import pytest

import journeys as jn
from journeys.errors import CallError

START = pd.Timestamp("2026-03-01")
DAY = 86_400
# The durations and conversions of the published Kaplan-Meier example, in days.
PUBLISHED = [(1, 1), (2, 1), (2, 0), (3, 1), (5, 1), (5, 0), (8, 0), (1, 0), (4, 1), (10, 0)]


def read(rows: list[tuple[str, float, str]], as_of_day: float, **keywords: object) -> jn.Journeys:
    """Lines of person, day and event."""
    frame = pd.DataFrame(rows, columns=["person", "day", "event"])
    frame["at"] = START + pd.to_timedelta(frame["day"] * DAY, unit="s")
    as_of = (START + pd.Timedelta(seconds=as_of_day * DAY)).isoformat()
    return jn.from_events(frame, person="person", occurred_at="at", event="event", as_of=as_of, **keywords)


def published() -> jn.Journeys:
    """Who converts came 10 days before the end, who does not so many days before it."""
    rows = []
    for number, (days, is_converted) in enumerate(PUBLISHED):
        entry = 0 if is_converted else 10 - days
        rows.append((f"p{number}", entry, "visit"))
        if is_converted:
            rows.append((f"p{number}", entry + days, "buy"))
    return read(rows, 10)


def only(answer: jn.Result) -> pd.Series:
    assert len(answer.frame) == 1
    return answer.frame.iloc[0]


def test_the_published_example_comes_out_of_events() -> None:
    answer = published().funnel_times(["visit", "buy"], "10d")
    found = only(answer)
    curve = answer.tables["curve"]
    assert curve["seconds"].tolist() == [day * DAY for day in (1, 2, 3, 4, 5)]
    assert curve["at_risk_count"].tolist() == [10, 8, 6, 5, 4]
    assert curve["share"].tolist() == pytest.approx([0.1, 0.2125, 0.34375, 0.475, 0.60625], abs=1e-12)
    assert found["survival_share"] == pytest.approx(0.60625, abs=1e-12)
    # Mature: the five who converted, and the one who was watched for all ten days.
    assert found[["entrant_count", "reached_count", "mature_entrant_count", "mature_count"]].tolist() == [10, 5, 6, 5]
    assert found["overall_share"] == pytest.approx(5 / 6)
    assert found[["p25_seconds", "median_seconds"]].tolist() == [3 * DAY, 5 * DAY]
    assert found[["p75_seconds", "p90_seconds"]].isna().all()
    assert found["is_too_few"]
    assert found["horizon_seconds"] == 10 * DAY


def test_without_a_window_the_horizon_is_the_longest_time_watched() -> None:
    found = only(published().funnel_times(["visit", "buy"]))
    assert found["horizon_seconds"] == 10 * DAY
    assert found["survival_share"] == pytest.approx(0.60625, abs=1e-12)
    assert found["mature_entrant_count"] == 10
    assert found["overall_share"] == 0.5


def random_rows(seed: int, size: int) -> list[tuple[str, float, str]]:
    source = np.random.default_rng(seed)
    rows = []
    for number in range(size):
        person, entry = f"p{number:03d}", source.uniform(0, 20)
        rows += [(person, entry, "visit"), (person, entry + source.exponential(2), "visit")]
        if source.random() < 0.7:
            rows.append((person, entry + source.exponential(4), "buy"))
        if source.random() < 0.5:
            rows.append((person, entry + source.exponential(6), "churn"))
    return [row for row in rows if row[1] <= 20]


def followed(rows: list[tuple[str, float, str]], window: float) -> pd.DataFrame:
    """Work out durations (days) and kinds (0 open, 1 bought, 2 churned first) from the rows themselves."""
    found = []
    frame = pd.DataFrame(rows, columns=["person", "day", "event"])
    # Days are kept to the microsecond, as the log keeps them.
    frame["us"] = np.floor(np.round(frame["day"] * DAY * 1e9) / 1e3)
    for _, events in frame.groupby("person"):
        entry = events.loc[events["event"] == "visit", "us"].min()
        limit = min(20 * DAY * 1e6 - entry, window * DAY * 1e6)
        bought, churned = (
            events.loc[(events["event"] == name) & (events["us"] >= entry), "us"].min() - entry
            for name in ("buy", "churn")
        )
        bought = bought if bought <= limit else np.nan
        churned = churned if churned <= limit else np.nan
        plain = (limit, 0) if np.isnan(bought) else (bought, 1)
        is_ended = not np.isnan(churned) and not churned >= plain[0]
        found.append((*plain, *((churned, 2) if is_ended else plain)))
    people = pd.DataFrame(found, columns=["duration", "is_bought", "until", "kind"])
    people[["duration", "until"]] /= 1e6
    return people


def test_shares_quartiles_and_competing_ends_equal_lifelines() -> None:
    rows = random_rows(4, 250)
    found = only(read(rows, 20).funnel_times(["visit", "buy"], "5d", competing="churn"))
    people = followed(rows, 5)
    fitted = lifelines.KaplanMeierFitter().fit(people["duration"], people["is_bought"])
    bounds = fitted.confidence_interval_.iloc[-1]
    assert found["survival_share"] == pytest.approx(1 - float(fitted.predict(5 * DAY)), abs=1e-9)
    assert found["survival_share_low"] == pytest.approx(1 - bounds.iloc[1], abs=1e-9)
    assert found["survival_share_high"] == pytest.approx(1 - bounds.iloc[0], abs=1e-9)
    for name, share in (("p25_seconds", 0.25), ("median_seconds", 0.5)):
        wanted = lifelines.utils.qth_survival_time(1 - share, fitted)
        assert found[name] == pytest.approx(wanted, abs=1e-6) or (np.isnan(found[name]) and np.isinf(wanted))
    # lifelines moves tied times; only those who are still open at the window's end are tied, and they come last.
    moved = people["until"].where(people["kind"] > 0, people["until"] + np.arange(len(people)) * 1e-7)
    ended = lifelines.AalenJohansenFitter().fit(moved, people["kind"], event_of_interest=1)
    assert found["incidence_share"] == pytest.approx(float(ended.cumulative_density_.iloc[-1, 0]), abs=1e-6)
    assert found["ended_count"] == (people["kind"] == 2).sum()
    assert found["incidence_share"] < found["survival_share"]


def test_a_competing_end_by_hand() -> None:
    rows = [("a", 0, "visit"), ("a", 1, "buy"), ("b", 0, "visit"), ("b", 2, "churn"), ("c", 0, "visit"),
            ("c", 3, "buy"), ("d", 0, "visit")]  # fmt: skip
    found = only(read(rows, 4).funnel_times(["visit", "buy"], "4d", competing="churn"))
    # 1/4; then of the 3/4 left one in three churns; of the 2/4 left one in two buys.
    assert found["incidence_share"] == pytest.approx(0.5)
    assert found["ended_count"] == 1
    # b is watched on without buying, so that Kaplan and Meier see one of four and one of three.
    assert found["survival_share"] == pytest.approx(1 - 3 / 4 * 2 / 3)


def test_an_end_before_the_entry_or_with_the_step_is_none_and_a_step_after_it_does_not_count() -> None:
    rows = [("a", 0, "churn"), ("a", 1, "visit"), ("a", 2, "buy"), ("b", 0, "visit"), ("b", 2, "churn"),
            ("b", 2, "buy"), ("c", 0, "visit"), ("c", 1, "churn"), ("c", 2, "buy")]  # fmt: skip
    found = only(read(rows, 9).funnel_times(["visit", "buy"], "4d", competing=["churn"]))
    assert found["survival_share"] == 1.0
    assert found["ended_count"] == 1
    assert found["incidence_share"] == pytest.approx(2 / 3)


def test_silence_ends_the_way_when_it_is_longer_than_the_days_given() -> None:
    rows = [("a", 0, "visit"), ("a", 2, "buy"), ("b", 0, "visit"), ("b", 2.5, "buy"), ("c", 0, "visit"),
            ("d", 0, "visit"), ("d", 1.5, "look"), ("d", 3, "buy")]  # fmt: skip
    found = only(read(rows, 9).funnel_times(["visit", "buy"], "4d", competing="(dropped)", inactive_days=2))
    # a's pause is exactly two days and d's are shorter; b came back too late, c never.
    assert found["ended_count"] == 2
    assert found["incidence_share"] == pytest.approx(2 / 4)
    assert found["survival_share"] == pytest.approx(3 / 4)


def test_the_clock_is_the_first_entry_unless_the_best_chain_is_asked_for() -> None:
    rows = [("a", 0, "visit"), ("a", 3, "visit"), ("a", 4, "buy")]
    assert only(read(rows, 9).funnel_times(["visit", "buy"], "7d"))["median_seconds"] == 4 * DAY
    best = read(rows, 9).funnel_times(["visit", "buy"], "7d", entry="best")
    assert only(best)["median_seconds"] == DAY
    assert "counted chain" in best.definition["rule"]


def test_what_never_happens_has_a_share_of_0_and_no_quartiles() -> None:
    log = read([("a", 0, "visit"), ("b", 1, "visit")], 9)
    found = only(log.funnel_times(["visit", "buy"], "3d", missing="zero"))
    assert found["survival_share"] == 0
    assert found[["p25_seconds", "median_seconds"]].isna().all()
    nobody = only(log.funnel_times(["buy", "visit"], "3d", missing="zero"))
    assert nobody["entrant_count"] == 0
    assert np.isnan(nobody["survival_share"])
    assert log.funnel_times(["visit"]).frame.empty


@pytest.mark.parametrize("competing", ["chrun", [], 7, [""], {}])
def test_an_end_that_cannot_be_read_is_refused(competing: object) -> None:
    with pytest.raises(CallError):
        read([("a", 0, "visit"), ("a", 1, "churn")], 9).funnel_times(["visit"], "3d", competing=competing)
