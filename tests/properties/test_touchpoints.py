"""Rates beside the touchpoint table equal counts made person by person, and parts sum to the whole."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_logs import START, logs, many_persons, open_log
from reference import DAY, SECOND, Event, SessionRule, cut_sessions, moment, units_of
from reference_touchpoints import count_exits, count_stages, count_touches, count_visits

import journeys as jn

DAYS = 2
STAGES = {"early": "A", "middle": ["B", "C"], "late": "D"}
SETS = [{"A"}, {"B", "C"}, {"D"}]
COUNTS = ("person_count", "exit_count", "dropped_count", "open_count", "converted_count")


def stretch(events: list[Event]) -> list[Event]:
    """Seconds become quarters of an hour, so that persons have several sessions."""
    return [Event(e.person, START + (e.us - START) * 900, e.event, e.event_id) for e in events]


def assert_exits(log: jn.Journeys, events: list[Event]) -> None:
    sessions = [session.events for session in cut_sessions(events, SessionRule())]
    expected = count_exits(sessions)
    frame = log.exits().frame
    assert set(frame["touchpoint"]) == set(expected)
    for row in frame.itertuples():
        mine = expected[row.touchpoint]
        counts = (row.session_count, row.view_count, row.exit_count, row.landing_count, row.bounce_count)
        assert counts == tuple(mine[name] for name in ("session", "view", "exit", "landing", "bounce"))
        assert row.exit_share == pytest.approx(mine["exit"] / mine["session"])
        assert row.exit_share_low <= row.exit_share <= row.exit_share_high
        assert math.isnan(row.bounce_share) == (mine["landing"] == 0)
    assert frame["exit_count"].sum() == frame["landing_count"].sum() == len(sessions)


def assert_stages(log: jn.Journeys, events: list[Event], as_of_us: int) -> None:
    units = units_of([event for event in events if event.us <= as_of_us], "person")
    expected = count_stages(units, SETS, "C", 3 * 3600 * SECOND, as_of_us)
    frame = log.stages("C", stages=STAGES, within="3h", as_of=moment(as_of_us)).frame
    for row, mine in zip(frame.itertuples(), expected, strict=True):
        found = (row.open_count, row.converted_count, row.progressed_count, row.abandoned_count)
        assert found == tuple(mine[name] for name in ("open", "converted", "progressed", "abandoned"))
        assert row.person_count == mine.total()
        assert row.mature_count == mine.total() - mine["open"]


def assert_touches(log: jn.Journeys, events: list[Event], as_of_us: int) -> None:
    units = units_of([event for event in events if event.us <= as_of_us], "person")
    expected = count_touches(units, SETS, "C", DAYS * DAY, as_of_us)
    frame = log.touches("C", stages=STAGES, inactive_days=DAYS, as_of=moment(as_of_us)).frame
    for row, mine in zip(frame.itertuples(), expected, strict=True):
        dropped, converted = mine["dropped"], mine["converted"]
        assert (row.person_count, row.touch_count) == (len(dropped), sum(dropped))
        assert row.fewer_count + row.within_count + row.more_count == (len(dropped) if converted else 0)
        if converted:
            assert row.expected_low == row.expected_high == pytest.approx(sum(converted) / len(converted))


def assert_visits(log: jn.Journeys, events: list[Event]) -> None:
    sessions = [session.events for session in cut_sessions(events, SessionRule())]
    expected = Counter(count_visits(sessions, "C").values())
    spread = log.visits("C").tables["distribution"]
    whole = spread[spread["first_channel"] == "(all)"]
    assert dict(zip(whole["visit_count"], whole["person_count"], strict=True)) == dict(expected)


def assert_parts(log: jn.Journeys, events: list[Event], by: str) -> None:
    """Each count of the whole is the sum of the parts', and a part is the table of its persons alone."""
    whole, parts = log.touchpoints("C", inactive_days=DAYS), log.touchpoints("C", inactive_days=DAYS, by=by)
    summed = parts.frame.groupby("touchpoint")[list(COUNTS)].sum()
    assert summed.to_dict("index") == whole.frame.set_index("touchpoint")[list(COUNTS)].to_dict("index")
    sizes = parts.tables["parts"]
    assert sizes["population_count"].sum() == whole.definition["population_count"] == len({e.person for e in events})
    assert sizes["converted_count"].sum() == whole.definition["converted_count"]
    first: dict[str, object] = {}
    for person, own in units_of(events, "person").items():
        first[person] = getattr(own[0], by)
    for value in sizes[by]:
        persons = {p for p, each in first.items() if ("(none)" if each is None else str(each)) == value}
        assert sizes.set_index(by).loc[value, "population_count"] == len(persons)
        alone = [event for event in events if event.person in persons]
        part = parts.frame[parts.frame[by] == value].drop(columns=[by, "is_too_few"]).reset_index(drop=True)
        if any(event.event == "C" for event in alone):
            with open_log(alone, as_of=moment(log.log.as_of_us)) as small:
                expected = small.touchpoints("C", inactive_days=DAYS).frame
            assert (
                part.drop(columns=["channel", "stage"]).to_csv() == expected.drop(columns=["channel", "stage"]).to_csv()
            )


def test_three_hundred_persons_are_counted_as_by_hand() -> None:
    events = stretch(many_persons(seed=11, count=300, most=9, span=60, names="AABBCD"))
    with open_log(events) as log:
        assert_exits(log, events)
        assert_visits(log, events)
        for hours in (6, 12, 200):
            assert_stages(log, events, START + hours * 3600 * SECOND)
            assert_touches(log, events, START + hours * 3600 * SECOND)


@settings(max_examples=12)
@given(events=logs(most=20, span=40).map(stretch), hours=st.integers(0, 60))
def test_a_random_log_is_counted_as_by_hand(events: list[Event], hours: int) -> None:
    events = events + [Event("t", START + n * 3600 * SECOND, name, f"z{n}") for n, name in enumerate("ABCD")]
    with open_log(events) as log:
        assert_exits(log, events)
        assert_visits(log, events)
        assert_stages(log, events, START + hours * 3600 * SECOND)
        assert_touches(log, events, START + hours * 3600 * SECOND)


@settings(max_examples=10)
@given(
    events=logs(most=20, step=DAY // SECOND // 2),
    values=st.lists(st.sampled_from([None, "x", "y", "(none)"]), min_size=20, max_size=20),
)
def test_parts_sum_to_the_whole_in_every_count(events: list[Event], values: list[str | None]) -> None:
    if not any(event.event == "C" for event in events):
        return
    told = [Event(**(vars(e) | {"account": value})) for e, value in zip(events, values, strict=False)]
    with open_log(told) as log:
        assert_parts(log, told, "account")


def test_parts_by_a_number_sum_to_the_whole() -> None:
    events = [
        Event(**(vars(e) | {"price": None if n % 5 == 0 else n % 3}))
        for n, e in enumerate(many_persons(seed=3, count=60, names="ABCD"))
    ]
    with open_log(events) as log:
        whole = log.touchpoints("C").frame.set_index("touchpoint")[list(COUNTS)]
        parts = log.touchpoints("C", by="price").frame
    assert parts.groupby("touchpoint")[list(COUNTS)].sum().to_dict("index") == whole.to_dict("index")
    assert "(none)" in set(parts["price"])


def test_the_order_of_rows_does_not_matter() -> None:
    events = stretch(many_persons(seed=4, count=50, most=8, span=40))
    answers = defaultdict(list)
    for rows in (events, events[::-1]):
        with open_log(rows) as log:
            for verb, call in {
                "exits": log.exits, "catalogue": log.catalogue,
                "visits": lambda log=log: log.visits("C"), "dropoff": lambda log=log: log.dropoff("C"),
                "touches": lambda log=log: log.touches("C", stages=STAGES),
                "stages": lambda log=log: log.stages("C", stages=STAGES),
            }.items():  # fmt: skip
                answers[verb].append(call().frame.to_csv())
    assert all(one == other for one, other in answers.values())
