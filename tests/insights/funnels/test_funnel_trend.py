"""A funnel by entry date: dates in local time, parts that sum, and dates that are not over."""

from __future__ import annotations

import pandas as pd
import pytest

import journeys as jn
from journeys.errors import CallError

COUNTS = ["entrant_count", "converted_count", "dropped_count", "open_count", "mature_count", "mature_converted_count"]


def read(rows: list[tuple[str, str, str]], as_of: str, timezone: str = "UTC") -> jn.Journeys:
    frame = pd.DataFrame(rows, columns=["person", "at", "event"])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return jn.from_events(frame, person="person", occurred_at="at", event="event", as_of=as_of, timezone=timezone)


def small(timezone: str = "UTC") -> jn.Journeys:
    return read([
        ("a", "2026-03-01T22:30", "visit"), ("a", "2026-03-02T09:00", "buy"),
        ("b", "2026-03-02T12:00", "visit"),
        ("c", "2026-03-04T12:00", "visit"), ("c", "2026-03-04T13:00", "buy"),
        ("d", "2026-03-04T23:00", "visit"),
    ], "2026-03-06T12:00:00Z", timezone)  # fmt: skip


def test_each_date_stands_with_its_parts_and_an_empty_one_with_nothing() -> None:
    frame = small().funnel_trend(["visit", "buy"], "2d", every="day").frame
    assert frame["entry_date"].dt.strftime("%m-%d").tolist() == ["03-01", "03-02", "03-03", "03-04"]
    assert frame[COUNTS].to_numpy().tolist() == [
        [1, 1, 0, 0, 1, 1],
        [1, 0, 1, 0, 1, 0],
        [0, 0, 0, 0, 0, 0],
        [2, 1, 0, 1, 1, 1],  # c's window ends at as_of itself, d's later
    ]
    assert frame["conversion_share"].iloc[[0, 1, 3]].tolist() == [1, 0, 1]
    assert frame[["conversion_share", "conversion_share_low"]].iloc[2].isna().all()
    # An entry at the very end of 3 March would have its window over at the end of the 5th, one of the 4th would not.
    assert frame["is_immature"].tolist() == [False, False, False, True]
    assert frame["is_too_few"].all()


def test_dates_are_those_of_the_logs_time_zone() -> None:
    frame = small("Europe/Riga").funnel_trend(["visit", "buy"], "2d", every="day").frame
    assert frame["entry_date"].dt.strftime("%m-%d").tolist() == ["03-02", "03-03", "03-04", "03-05"]
    assert frame["entrant_count"].tolist() == [2, 0, 1, 1]


@pytest.mark.parametrize(("every", "dates"), [("week", ["2026-02-23", "2026-03-02"]), ("month", ["2026-03-01"])])
def test_weeks_begin_on_monday_and_months_on_the_first(every: str, dates: list[str]) -> None:
    frame = small().funnel_trend(["visit", "buy"], "2d", every=every).frame
    assert frame["entry_date"].dt.strftime("%Y-%m-%d").tolist() == dates
    assert frame[COUNTS].sum().tolist() == [4, 2, 1, 1, 3, 2]


def test_a_date_without_a_midnight_and_one_with_two_are_counted() -> None:
    # In Beirut the clock goes from 0:00 to 1:00 on 29 March 2026; in Havana 1:00 on 1 November is followed by 0:00.
    for zone, day in (("Asia/Beirut", "2026-03-28"), ("America/Havana", "2026-10-31")):
        log = read([("a", f"{day}T12:00", "visit"), ("a", f"{day}T13:00", "buy")], "2026-12-01T00:00:00Z", zone)
        frame = log.funnel_trend(["visit", "buy"], "2d", every="day").frame
        assert frame["entry_date"].dt.strftime("%Y-%m-%d").tolist() == [day]
        assert not frame["is_immature"].any()


def test_a_conversion_counts_for_the_date_of_entry() -> None:
    log = read([("a", "2026-03-01", "visit"), ("a", "2026-04-20", "buy")], "2026-06-01")
    frame = log.funnel_trend(["visit", "buy"], every="month").frame
    assert frame[["entry_date", "converted_count"]].to_numpy().tolist() == [[pd.Timestamp("2026-03-01"), 1]]


def test_nobody_has_no_dates_and_an_unknown_unit_is_refused() -> None:
    assert small().funnel_trend(["gone", "buy"], "2d", missing="zero").frame.empty
    with pytest.raises(CallError, match="year"):
        small().funnel_trend(["visit", "buy"], every="year")
