"""Transitions, paths and touchpoints equal counts made person by person, and they agree with one another."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_logs import START, logs, many_persons, open_log
from reference import DAY, SECOND, Event, moment, units_of
from reference_funnel import any_of
from reference_paths import Anchors, count_paths, count_touchpoints, count_transitions, cut, median_of

import journeys as jn

DAYS = 3
ENDS = {"(converted)", "(dropped)", "(open)", "(end)", "(more)"}
anchors = st.fixed_dictionaries(
    {"start": st.sampled_from([None, "A", "B"]), "goal": st.sampled_from([None, "C", "D"]),
     "end": st.sampled_from([None, None, "A", "C", "D", ["C", "D"]])}
)  # fmt: skip
views = st.fixed_dictionaries(
    {"depth": st.integers(1, 6), "top": st.sampled_from([None, 1, 2]), "collapse": st.booleans()}
)


def days_log(**keywords: object) -> st.SearchStrategy[list[Event]]:
    """Logs whose times are half days, so that persons are dropped and open."""
    return logs(step=DAY // SECOND // 2, **keywords)


def up_to(events: list[Event], as_of_us: int) -> dict[str, list[Event]]:
    return units_of([event for event in events if event.us <= as_of_us], "person")


def fits(events: list[Event], named: list[object]) -> bool:
    """A named step that never occurs is an error, which is another test."""
    names = {event.event for event in events}
    return all(set([step] if isinstance(step, str) else step) <= names for step in named if step)


def assert_transitions(log: jn.Journeys, events: list[Event], as_of_us: int) -> None:
    for is_collapsed in (False, True):
        for has_boundaries in (False, True):
            frame = log.transitions(collapse=is_collapsed, boundaries=has_boundaries, as_of=moment(as_of_us)).frame
            pairs = count_transitions(up_to(events, as_of_us), is_collapsed=is_collapsed, has_boundaries=has_boundaries)
            leaving: dict[str, int] = defaultdict(int)
            for (start, _), pair in pairs.items():
                leaving[start] += pair.count
            assert len(frame) == len(pairs)
            for row in frame.itertuples():
                pair = pairs[row.from_step, row.to_step]
                assert (row.transition_count, row.person_count) == (pair.count, len(pair.persons))
                assert row.share == pytest.approx(pair.count / leaving[row.from_step])
                if median_of(pair) is None:
                    assert row.median_seconds != row.median_seconds
                else:
                    assert row.median_seconds == pytest.approx(median_of(pair))
            sums = frame.groupby("from_step")["share"].sum()
            assert sums.to_list() == pytest.approx([1.0] * len(sums))


def assert_paths(log: jn.Journeys, events: list[Event], named: dict, view: dict, as_of_us: int) -> None:
    tests = {
        role: None if step is None else any_of(*([step] if isinstance(step, str) else step))
        for role, step in named.items()
    }
    cuts = [cut(one, Anchors(**tests), DAYS * DAY, as_of_us) for one in up_to(events, as_of_us).values()]
    found = [one for one in cuts if one is not None]
    links, balance = count_paths(found, depth=view["depth"], top=view["top"], is_collapsed=view["collapse"])
    answer = log.paths(**named, **view, inactive_days=DAYS, as_of=moment(as_of_us))
    rows = list(answer.frame.itertuples(index=False, name=None))
    assert {row[:3]: row[3] for row in rows} == dict(links)
    assert len(rows) == len(links)
    for row in rows:
        assert row[4] == pytest.approx(row[3] / len(found))
    words = ("entrant", "continued", "converted", "dropped", "open")
    assert list(answer.balance.itertuples(index=False, name=None)) == [
        (step, *(balance[step][word] for word in words)) for step in sorted(balance)
    ]
    assert_flow(answer, view["depth"])


def assert_flow(answer: jn.PathResult, depth: int) -> None:
    """At every inner node inflow = outflow; each position's entrants go somewhere."""
    inflow: dict[tuple[int, str], int] = defaultdict(int)
    outflow: dict[tuple[int, str], int] = defaultdict(int)
    for step, start, target, count, *_ in answer.frame.itertuples(index=False, name=None):
        outflow[step, start] += count
        if target not in ENDS:
            inflow[step + 1, target] += count
    assert {node: n for node, n in outflow.items() if node[0] > 1} == dict(inflow)
    for row in answer.balance.itertuples():
        assert row.entrant_count == row.continued_count + row.converted_count + row.dropped_count + row.open_count
        assert sum(n for (step, _), n in outflow.items() if step == row.step_index) == row.entrant_count
    assert len(answer.balance) <= depth


def assert_touchpoints(log: jn.Journeys, events: list[Event], goal: str, as_of_us: int) -> None:
    rows = count_touchpoints(up_to(events, as_of_us), any_of(goal), DAYS * DAY, as_of_us)
    frame = log.touchpoints(goal, inactive_days=DAYS, as_of=moment(as_of_us)).frame
    assert frame["touchpoint"].is_unique
    assert set(frame["touchpoint"]) == set(rows)
    found = frame.astype(object).where(frame.notna(), None).to_dict("records")
    for row in found:
        mine = rows[row.pop("touchpoint")]
        assert (row.pop("channel"), row.pop("stage")) == (None, None)
        assert row == pytest.approx(mine, abs=1e-9)


ends = st.integers(0, 14).map(lambda half_days: START + half_days * DAY // 2)


def test_three_hundred_persons_are_counted_as_by_hand() -> None:
    events = [
        Event(e.person, START + (e.us - START) * DAY // SECOND // 2, e.event, e.event_id)
        for e in many_persons(seed=5, count=300, most=9, span=14, names="AABBCD")
    ]
    as_of_us = START + 5 * DAY
    with open_log(events) as log:
        assert_transitions(log, events, as_of_us)
        for start, goal, end in itertools.product((None, "A"), (None, "C"), (None, "A", ["B", "D"])):
            for depth, top, is_collapsed in ((9, None, True), (3, 2, True), (4, 1, False)):
                view = {"depth": depth, "top": top, "collapse": is_collapsed}
                assert_paths(log, events, {"start": start, "goal": goal, "end": end}, view, as_of_us)
        for goal in "ACD":
            assert_touchpoints(log, events, goal, as_of_us)


def assert_everything(events: list[Event], named: dict, view: dict, as_of_us: int) -> None:
    with open_log(events) as log:
        assert_transitions(log, events, as_of_us)
        if fits(events, list(named.values())):
            assert_paths(log, events, named, view, as_of_us)
        if fits(events, ["A"]):
            assert_touchpoints(log, events, "A", as_of_us)


@settings(max_examples=15)
@given(events=days_log(), named=anchors, view=views, as_of_us=ends)
def test_a_random_log_is_counted_as_by_hand(events: list[Event], named: dict, view: dict, as_of_us: int) -> None:
    assert_everything(events, named, view, as_of_us)


@pytest.mark.prove
@settings(max_examples=100)
@given(events=days_log(most=24), named=anchors, view=views, as_of_us=ends)
def test_hundreds_of_random_logs_are_counted_as_by_hand(
    events: list[Event], named: dict, view: dict, as_of_us: int
) -> None:
    assert_everything(events, named, view, as_of_us)


@settings(max_examples=6)
@given(events=days_log(), goal=st.sampled_from("AD"))
def test_paths_touchpoints_and_funnel_count_the_same_conversions(events: list[Event], goal: str) -> None:
    if not fits(events, [goal]):
        return
    with open_log(events) as log:
        converted = log.paths(goal=goal, depth=30).balance["converted_count"].sum()
        reached = log.funnel([goal]).frame["reached_count"][0]
        touchpoints = log.touchpoints(goal)
    assert converted == reached
    everybody = {event.person for event in events}
    for row in touchpoints.frame.itertuples():
        assert row.baseline_share == pytest.approx(converted / len(everybody))
    # A touchpoint's persons are the reached of its one-step funnel over the events up to each first goal.
    before = []
    for person_events in units_of(events, "person").values():
        met = next((n for n, event in enumerate(person_events) if event.event == goal), len(person_events))
        before.extend(person_events[:met])
    if before:
        with open_log(before) as log:
            for row in touchpoints.frame.itertuples():
                assert log.funnel([row.touchpoint]).frame["reached_count"][0] == row.person_count
    else:
        assert touchpoints.frame.empty
