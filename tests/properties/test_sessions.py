"""Sessions equal a plain walk through each device's stream, with every option."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_logs import COLUMNS, START, open_log
from reference import EPOCH, MINUTE, Event, SessionRule, cut_sessions, moment, to_frame

import journeys as jn

REASONS = {"first", "timeout", "max_length", "midnight", "campaign", "person"}
# 23:00 before a night in which Riga's clocks go forward (2026-03-29, 03:00 becomes 04:00).
EVENING = (datetime(2026, 3, 28, 21, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


@st.composite
def device_logs(draw: st.DrawFn) -> list[Event]:
    """Events ten minutes apart and more, on three devices that two persons share."""
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from("pq"), st.sampled_from("xyz"), st.integers(0, 30), st.sampled_from("AB")),
            min_size=1,
            max_size=16,
        )
    )
    numbers = draw(st.permutations(range(len(rows))))
    return [
        Event(person, EVENING + slot * 10 * MINUTE, name, f"e{number:03d}", device=device)
        for number, (person, device, slot, name) in zip(numbers, rows, strict=True)
    ]


rules = st.builds(
    SessionRule,
    timeout_us=st.sampled_from([10 * MINUTE, 20 * MINUTE, 30 * MINUTE, 60 * MINUTE]),
    gap_inclusive=st.booleans(),
    max_length_us=st.sampled_from([None, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE]),
    midnight=st.booleans(),
    timezone=st.sampled_from(["UTC", "Europe/Riga", "America/New_York", "Asia/Kolkata"]),
)


def open_devices(events: list[Event], timezone: str) -> jn.Journeys:
    return jn.from_events(to_frame(events), **COLUMNS, device="device", timezone=timezone)


def ask(log: jn.Journeys, rule: SessionRule) -> jn.Result:
    return log.sessions(
        timedelta(microseconds=rule.timeout_us),
        gap_inclusive=rule.gap_inclusive,
        max_length=None if rule.max_length_us is None else timedelta(microseconds=rule.max_length_us),
        midnight=rule.midnight,
    )


def assert_sessions(log: jn.Journeys, events: list[Event], rule: SessionRule) -> None:
    frame = ask(log, rule).frame
    expected = sorted(
        (one.person, one.events[0].us, one.events[-1].us, len(one.events), tuple(sorted(one.reasons)))
        for one in cut_sessions(events, rule)
    )
    # Where two reasons hold at once the documents name none as stronger: the one given must be one that holds.
    wanted, found = defaultdict(list), defaultdict(list)
    for person, start, end, count, reasons in expected:
        wanted[person, moment(start), moment(end), count].append(reasons)
    for row in frame.itertuples():
        found[row.person_id, row.started_at, row.ended_at, row.event_count].append(row.split_reason)
        assert row.duration_seconds == (row.ended_at - row.started_at).total_seconds()
    assert found.keys() == wanted.keys()
    for key, ours in found.items():
        # Several sessions of one moment (ties on a shared device) have no order: some pairing has to fit.
        assert len(ours) == len(wanted[key])
        assert any(
            all(reason in reasons for reason, reasons in zip(ours, order, strict=True))
            for order in itertools.permutations(wanted[key])
        ), (key, ours, wanted[key])
    assert frame["session_id"].is_unique
    assert set(frame["split_reason"]) <= REASONS


@settings(max_examples=12)
@given(events=device_logs(), rule=rules)
def test_sessions_of_a_random_log_are_those_of_a_plain_walk(events: list[Event], rule: SessionRule) -> None:
    with open_devices(events, rule.timezone) as log:
        assert_sessions(log, events, rule)


def test_three_hundred_shared_devices_are_cut_by_a_plain_walk_under_every_combination() -> None:
    source = random.Random(11)
    events = [
        Event(
            source.choice("pq") + str(n // 6),
            EVENING + source.randint(0, 30) * 10 * MINUTE,
            "A",
            f"e{n:05d}",
            device=str(n // 6),
        )
        for n in range(1800)
    ]
    for timezone in ("UTC", "Europe/Riga"):
        with open_devices(events, timezone) as log:
            for rule in itertools.product((True, False), (None, 30 * MINUTE), (True, False)):
                assert_sessions(log, events, SessionRule(20 * MINUTE, *rule, timezone))


@pytest.mark.prove
@settings(max_examples=200)
@given(events=device_logs(), rule=rules)
def test_sessions_of_a_thousand_random_logs_are_those_of_a_plain_walk(events: list[Event], rule: SessionRule) -> None:
    with open_devices(events, rule.timezone) as log:
        assert_sessions(log, events, rule)


@settings(max_examples=5)
@given(events=device_logs(), rule=rules)
def test_a_longer_timeout_never_gives_more_sessions_and_a_further_rule_never_fewer(
    events: list[Event], rule: SessionRule
) -> None:
    with open_devices(events, rule.timezone) as log:
        counts = [len(log.sessions(f"{minutes}m", midnight=rule.midnight).frame) for minutes in (10, 20, 40, 80)]
        assert counts == sorted(counts, reverse=True)
        plain = len(log.sessions("20m").frame)
        assert len(log.sessions("20m", midnight=True).frame) >= plain
        assert len(log.sessions("20m", gap_inclusive=False).frame) >= plain
        assert len(log.sessions("20m", max_length="30m").frame) >= plain


@settings(max_examples=5)
@given(events=device_logs())
def test_the_extremes_one_session_per_visitor_and_one_per_distinct_time(events: list[Event]) -> None:
    alone = [Event(e.person, e.us, e.event, e.event_id) for e in events]
    with open_log(alone) as log:
        assert len(log.sessions("4w").frame) == len({e.person for e in alone})
        assert len(log.sessions("1s").frame) == len({(e.person, e.us) for e in alone})


def test_every_event_is_in_exactly_one_session() -> None:
    events = [Event("p", START + n * 17 * MINUTE * (1 + n % 3), "A", f"e{n}") for n in range(40)]
    with open_log(events) as log:
        frame = log.sessions(max_length="1h").frame.sort_values("started_at")
    assert frame["event_count"].sum() == 40
    assert (frame["started_at"].iloc[1:].to_numpy() > frame["ended_at"].iloc[:-1].to_numpy()).all()
