"""What must not matter does not: the order of rows, asking twice, the day on which it all happened, the format."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from random_logs import COLUMNS, logs
from reference import DAY, Event, drop_repeats, order, to_frame

import journeys as jn

VERBS: dict[str, Callable[[jn.Journeys], jn.Result]] = {
    "sessions": lambda log: log.sessions("3s", max_length="5s", midnight=True),
    "funnel": lambda log: log.funnel(["A", "B", "A"], "4s", missing="zero"),
    "first": lambda log: log.funnel(["A", ["A", "B"]], "4s", entry="first", ties="increasing", missing="zero"),
    "by session": lambda log: log.funnel(["A", "B"], unit="session", missing="zero"),
    "transitions": lambda log: log.transitions(boundaries=True),
    "collapsed": lambda log: log.transitions(unit="session", collapse=True),
    "paths": lambda log: log.paths(top=2, depth=4),
    "uncollapsed": lambda log: log.paths(collapse=False, unit="session"),
}


def answers(frame: pd.DataFrame, **keywords: object) -> dict[str, dict[str, pd.DataFrame]]:
    with jn.from_events(frame, **(COLUMNS | {"device": "device", "sequence": "sequence"} | keywords)) as log:
        found = {name: verb(log) for name, verb in VERBS.items()}
        found["touchpoints"] = log.touchpoints(log.table("events")["event"].min())
        shown = {name: {"frame": answer.frame, **answer.tables} for name, answer in found.items()}
        shown["log"] = {"repeats": pd.DataFrame({"n": [log.repeat_count]})}
        shown["definitions"] = {"all": pd.DataFrame({"text": [str(answer.definition) for answer in found.values()]})}
    return shown


def assert_same(left: dict, right: dict) -> None:
    assert left.keys() == right.keys()
    for name, tables in left.items():
        for table, frame in tables.items():
            assert_frame_equal(frame, right[name][table], obj=f"{name}.{table}")


@st.composite
def messy_logs(draw: st.DrawFn) -> list[Event]:
    """Logs with devices, sequences and repeated ids of unequal content."""
    events = draw(logs(names="ABC", most=12, span=9))
    more = [(draw(st.sampled_from([None, 1.0, 10.0, 9.0])), draw(st.sampled_from("xy"))) for _ in events]
    ids = [draw(st.integers(0, 9)) for _ in events]
    return [
        Event(e.person, e.us, e.event, f"i{number}", sequence=sequence, device=device)
        for e, number, (sequence, device) in zip(events, ids, more, strict=True)
    ]


@settings(max_examples=3)
@given(events=messy_logs(), seed=st.integers(0, 99))
def test_shuffled_rows_give_the_same_frames_to_the_last_row_and_so_does_asking_again(
    events: list[Event], seed: int
) -> None:
    frame = to_frame(events)
    once = answers(frame)
    assert_same(once, answers(frame.sample(frac=1, random_state=seed)))
    assert_same(once, answers(frame))


@pytest.mark.prove
@settings(max_examples=50)
@given(events=messy_logs(), seed=st.integers(0, 99))
def test_shuffled_rows_give_the_same_frames_in_hundreds_of_logs(events: list[Event], seed: int) -> None:
    frame = to_frame(events)
    assert_same(answers(frame), answers(frame.sample(frac=1, random_state=seed)))


def test_shuffled_rows_without_an_event_id_give_the_same_frames() -> None:
    rows = [("ann", "2026-03-02 10:00", name, price) for name in "ABCABA" for price in (1, 2, 2)]
    frame = pd.DataFrame(rows, columns=["person", "at", "event", "price"])
    found = []
    for seed in range(3):
        log = jn.from_events(frame.sample(frac=1, random_state=seed), person="person", occurred_at="at", event="event")
        found.append((log.transitions().frame, log.paths(collapse=False, depth=20).frame))
    for pair in found[1:]:
        assert_frame_equal(pair[0], found[0][0])
        assert_frame_equal(pair[1], found[0][1])


@settings(max_examples=3)
@given(events=messy_logs(), days=st.sampled_from([1, -400, 3000]))
def test_another_day_moves_times_and_nothing_else(events: list[Event], days: int) -> None:
    frame = to_frame(events)
    here, there = answers(frame), answers(frame.assign(at=frame["at"] + days * DAY))
    here.pop("definitions")
    there.pop("definitions")
    for tables in here.values():
        for table in tables.values():
            for column in table.columns.intersection(["started_at", "ended_at", "entered_at"]):
                table[column] += pd.Timedelta(days=days)
    # Ids are made from the times too.
    for shown in (here, there):
        shown["sessions"]["frame"] = shown["sessions"]["frame"].drop(columns="session_id")
        persons = shown["by session"]["persons"].drop(columns="session_id")
        shown["by session"]["persons"] = persons.sort_values(list(persons.columns)).reset_index(drop=True)
    assert_same(here, there)


@settings(max_examples=6)
@given(events=messy_logs())
def test_of_a_repeated_id_the_event_that_the_rule_names_is_kept(events: list[Event]) -> None:
    kept = drop_repeats(events)
    with jn.from_events(to_frame(events), **COLUMNS, device="device", sequence="sequence") as log:
        assert log.repeat_count == len(events) - len(kept)
        stored = log.table("events").sort_values("event_id")
        found = list(
            stored[["event_id", "occurred_at_us", "event", "user_id", "device_id"]].itertuples(index=False, name=None)
        )
        sequences = stored["sequence"].tolist()
    expected = sorted(kept, key=lambda event: event.event_id)
    assert found == [(e.event_id, e.us, e.event, e.person, e.device) for e in expected]
    assert [None if s != s else s for s in sequences] == [e.sequence for e in expected]


@settings(max_examples=6)
@given(events=messy_logs())
def test_ties_are_met_by_sequence_nulls_last_then_id(events: list[Event]) -> None:
    kept = drop_repeats(events)
    with jn.from_events(to_frame(events), **COLUMNS, device="device", sequence="sequence") as log:
        frame = log.transitions(boundaries=True).frame
    expected: dict[tuple[str, str], int] = {}
    for person in {event.person for event in kept}:
        names = ["(start)", *(e.event for e in order(kept) if e.person == person), "(end)"]
        for pair in pairwise(names):
            expected[pair] = expected.get(pair, 0) + 1
    found = {row[:2]: row[2] for row in frame.itertuples(index=False, name=None)}
    assert found == expected
