"""Small logs whose sessions one can work out on paper."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from world import read_world, sessions

import journeys as jn
from journeys.insights.session_list import list_sessions
from journeys.sources.visits import SessionRule


def test_a_gap_of_exactly_thirty_minutes_continues() -> None:
    log = read_world("""
        ann 10:00:00 A
        ann 10:30:00 B
        ann 11:00:01 C
    """)
    assert sessions(log) == [("ann", "10:00", "10:30", 2, "first"), ("ann", "11:00", "11:00", 1, "timeout")]
    # With gap_inclusive=False a gap equal to the timeout splits.
    assert [row[3] for row in sessions(log, gap_inclusive=False)] == [1, 1, 1]
    frame = log.sessions().frame
    assert list(frame["duration_seconds"]) == [1800.0, 0.0]
    assert list(frame.columns) == ["session_id", "person_id", "started_at", "ended_at", "event_count",
                                   "duration_seconds", "split_reason"]  # fmt: skip


def test_rows_out_of_order_are_put_in_order() -> None:
    log = read_world("""
        ann 10:40 C
        ann 10:00 A
        ann 10:20 B
    """)
    assert sessions(log) == [("ann", "10:00", "10:40", 3, "first")]


def test_one_person_on_two_devices_has_sessions_side_by_side() -> None:
    # Phone and laptop overlap; merged into one stream they would be one session of 50 minutes.
    log = read_world(
        """
        ann 10:00 A dev=phone
        ann 10:10 A dev=laptop
        ann 10:25 A dev=phone
        ann 10:50 A dev=laptop
    """,
        device="dev",
    )
    # laptop: 10:10 and 10:50 are 40 minutes apart.
    assert sessions(log) == [
        ("ann", "10:00", "10:25", 2, "first"),
        ("ann", "10:10", "10:10", 1, "first"),
        ("ann", "10:50", "10:50", 1, "timeout"),
    ]


def test_two_persons_on_one_device_are_split_where_the_person_changes() -> None:
    log = read_world(
        """
        ann 10:00 A dev=kiosk
        bob 10:05 A dev=kiosk
        bob 10:06 A dev=kiosk
        ann 10:07 A dev=kiosk
    """,
        device="dev",
    )
    assert sessions(log) == [
        ("ann", "10:00", "10:00", 1, "first"),
        ("bob", "10:05", "10:06", 2, "person"),
        ("ann", "10:07", "10:07", 1, "person"),
    ]


def test_a_device_may_be_several_columns() -> None:
    # One address, two browsers: two streams, so bob's event does not cut ann's session.
    log = read_world(
        """
        ann 10:00 A ip=1 ua=x
        bob 10:01 A ip=1 ua=y
        ann 10:02 A ip=1 ua=x
    """,
        device=["ip", "ua"],
    )
    assert sessions(log) == [("ann", "10:00", "10:02", 2, "first"), ("bob", "10:01", "10:01", 1, "first")]


def test_maximum_length_counts_from_the_start_of_the_session_and_again_after_each_cut() -> None:
    # Every 20 minutes; 60 minutes after a start a new session begins: 10:00-10:40, 11:00-11:40, 12:00.
    log = read_world("\n".join(f"ann {10 + n // 3}:{n % 3 * 20:02d} A" for n in range(7)))
    assert sessions(log, max_length="1h") == [
        ("ann", "10:00", "10:40", 3, "first"),
        ("ann", "11:00", "11:40", 3, "max_length"),
        ("ann", "12:00", "12:00", 1, "max_length"),
    ]
    assert [row[3] for row in sessions(log)] == [7]


def test_midnight_is_that_of_the_time_zone() -> None:
    # 21:50 and 22:10 UTC are 23:50 and 00:10 in Riga (UTC+2 in winter), one day in UTC.
    text = """
        ann 21:50 A zone=Z
        ann 22:10 A zone=Z
    """
    utc = read_world(text)
    assert [row[3] for row in sessions(utc, midnight=True)] == [2]
    rows = pd.DataFrame({"p": ["ann"] * 2, "at": ["2026-03-02T21:50Z", "2026-03-02T22:10Z"], "e": ["A", "A"]})
    riga = jn.from_events(rows, person="p", occurred_at="at", event="e", timezone="Europe/Riga")
    assert sessions(riga, midnight=True) == [
        ("ann", "21:50", "21:50", 1, "first"),
        ("ann", "22:10", "22:10", 1, "midnight"),
    ]
    assert [row[3] for row in sessions(riga)] == [2]
    # Times without a zone are Riga's own: the same midnight.
    local = rows.assign(at=["2026-03-02 23:50", "2026-03-03 00:10"])
    assert sessions(jn.from_events(local, person="p", occurred_at="at", event="e", timezone="Europe/Riga"),
                    midnight=True) == sessions(riga, midnight=True)  # fmt: skip


def test_clocks_that_jump_change_no_gap() -> None:
    # Riga 2026-03-29: 02:50 is followed by 04:05 fifteen minutes later, for 03:00-04:00 does not exist.
    rows = pd.DataFrame({"p": ["ann"] * 2, "at": ["2026-03-29 02:50", "2026-03-29 04:05"], "e": ["A", "A"]})
    log = jn.from_events(rows, person="p", occurred_at="at", event="e", timezone="Europe/Riga")
    assert sessions(log) == [("ann", "00:50", "01:05", 2, "first")]
    # 2026-10-25: 02:50 summer time, then 04:05 winter time are 2 h 15 apart.
    rows["at"] = ["2026-10-25 02:50", "2026-10-25 04:05"]
    log = jn.from_events(rows, person="p", occurred_at="at", event="e", timezone="Europe/Riga")
    assert [row[4] for row in sessions(log)] == ["first", "timeout"]
    assert list(log.sessions().frame["started_at"].astype(str)) == ["2026-10-24 23:50:00", "2026-10-25 02:05:00"]


def test_events_after_as_of_are_in_no_session() -> None:
    log = read_world("""
        ann 10:00 A
        ann 10:10 A
        ann 10:20 A
    """)
    assert sessions(log, as_of="2026-03-02 10:10") == [("ann", "10:00", "10:10", 2, "first")]


def test_the_sessions_a_log_is_read_with_are_those_cut_anew() -> None:
    log = read_world(
        """
        ann 10:00 A dev=kiosk
        bob 10:05 A dev=kiosk
        ann 10:05 A dev=phone
        bob 10:35 A dev=kiosk
        ann 11:10 A dev=phone
    """,
        device="dev",
    )
    rule = SessionRule()
    kept = list_sessions(log.log, rule)
    anew = list_sessions(replace(log.log, session_rule=None), rule)
    pd.testing.assert_frame_equal(kept.frame, anew.frame)
    assert kept.definition == anew.definition
    # Ann on the kiosk; bob there, exactly 30 minutes on; ann's phone, twice, 65 minutes apart.
    assert sorted(kept.frame["event_count"]) == [1, 1, 1, 2]


def test_a_log_observed_to_an_earlier_moment_has_no_later_sessions() -> None:
    rows = pd.DataFrame({"p": ["ann"] * 2, "at": ["2026-03-02 10:00", "2026-03-02 12:00"], "e": ["A", "A"]})
    log = jn.from_events(rows, person="p", occurred_at="at", event="e", as_of="2026-03-02 11:00")
    assert sessions(log) == [("ann", "10:00", "10:00", 1, "first")]
