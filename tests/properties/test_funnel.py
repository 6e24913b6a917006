"""The funnel equals an exhaustive search over all chains, and its counts reconcile."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_logs import COLUMNS, START, draw_event, logs, many_persons, open_log
from reference import SECOND, Event, moment, to_frame, units_of
from reference_funnel import FunnelRule, any_of, count

import journeys as jn

STEPS = (
    ["A", "B"],
    ["A", "B", "C"],
    ["A", "A"],
    ["A", "A", "B"],
    ["A", ["A", "B"], "B"],
    [["A", "B"], "B", "A"],
    [["A", "B"], ["B", "C"], ["A", "C"], "A"],
    ["A", "B", "A", "B"],
    ["C"],
)
ENTRIES, TIES, WINDOWS = ("best", "first"), ("together", "increasing"), (None, 1, 3, 5)


def assert_funnel(log: jn.Journeys, events: list[Event], steps: list, rule: FunnelRule, as_of_us: int) -> None:
    window = None if rule.window_us is None else f"{rule.window_us // SECOND}s"
    answer = log.funnel(steps, window=window, entry=rule.entry, ties=rule.ties, missing="zero", as_of=moment(as_of_us))
    tests = [any_of(*([step] if isinstance(step, str) else step)) for step in steps]
    rows, standings = count(units_of(events, "person"), tests, rule, as_of_us)
    found = answer.frame.drop(columns="step_name").astype(object)
    found = found.where(found.notna(), None).to_dict("records")
    assert len(found) == len(rows)
    for mine, theirs in zip(rows, found, strict=True):
        assert theirs == pytest.approx(mine, abs=1e-9), (steps, rule)
    persons = answer.persons.sort_values("person_id")
    assert list(persons.columns) == ["person_id", "furthest_step", "status", "entered_at"]
    assert [tuple(row) for row in persons.itertuples(index=False)] == [
        (person, standing.furthest, standing.status, moment(standing.start_us))
        for (person, _), standing in sorted(standings.items())
    ]


def reconcile(frame: pd.DataFrame) -> None:
    reached = list(frame["reached_count"])
    assert reached == sorted(reached, reverse=True)
    for k, (here, after) in enumerate(itertools.pairwise(reached)):
        assert here == after + frame["dropped_count"][k] + frame["open_count"][k]
    assert (frame["dropped_count"].iloc[-1], frame["open_count"].iloc[-1]) == (0, 0)
    assert (frame["mature_count"] <= frame["reached_count"]).all()


rules = st.builds(
    FunnelRule,
    window_us=st.sampled_from([None if w is None else w * SECOND for w in WINDOWS]),
    entry=st.sampled_from(ENTRIES),
    ties=st.sampled_from(TIES),
)


@pytest.mark.parametrize("steps", STEPS, ids=str)
def test_two_hundred_random_persons_per_setting_stand_where_the_exhaustive_search_puts_them(steps: list) -> None:
    events = many_persons(seed=len(str(steps)), count=200, most=7, span=8, names="AABBC")
    with open_log(events) as log:
        for window, entry, ties in itertools.product((None, 3), ENTRIES, TIES):
            rule = FunnelRule(None if window is None else window * SECOND, entry, ties)
            assert_funnel(log, events, steps, rule, START + 8 * SECOND)


@settings(max_examples=12)
@given(events=logs(), steps=st.sampled_from(STEPS), rule=rules, end=st.integers(0, 14))
def test_a_random_log_is_counted_as_by_exhaustive_search(
    events: list[Event], steps: list, rule: FunnelRule, end: int
) -> None:
    with open_log(events) as log:
        assert_funnel(log, events, steps, rule, START + end * SECOND)


@pytest.mark.prove
@settings(max_examples=200)
@given(events=logs(most=18, names="ABC"), steps=st.sampled_from(STEPS), rule=rules, end=st.integers(0, 14))
def test_a_thousand_random_logs_are_counted_as_by_exhaustive_search(
    events: list[Event], steps: list, rule: FunnelRule, end: int
) -> None:
    with open_log(events) as log:
        assert_funnel(log, events, steps, rule, START + end * SECOND)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_random_persons_stand_where_the_exhaustive_search_puts_them(seed: int) -> None:
    events = many_persons(seed=1000 + seed, count=1000, most=8, span=4 + 3 * (seed % 4), names="AABBCD")
    with open_log(events) as log:
        for steps, window, entry, ties in itertools.product(STEPS, (None, 1, 4), ENTRIES, TIES):
            rule = FunnelRule(None if window is None else window * SECOND, entry, ties)
            assert_funnel(log, events, steps, rule, START + 9 * SECOND)


@settings(max_examples=6)
@given(events=logs(), steps=st.sampled_from(STEPS), rule=rules, end=st.integers(0, 14))
def test_counts_never_rise_and_everybody_is_somewhere(
    events: list[Event], steps: list, rule: FunnelRule, end: int
) -> None:
    window = None if rule.window_us is None else f"{rule.window_us // SECOND}s"
    with open_log(events) as log:
        answer = log.funnel(
            steps, window, entry=rule.entry, ties=rule.ties, missing="zero", as_of=moment(START + end * SECOND)
        )
        reconcile(answer.frame)
        # The people behind the number are the number (the list and the count have one source).
        for k, row in enumerate(answer.frame.itertuples(), start=1):
            stopped = answer.persons[answer.persons["furthest_step"] == k]["status"]
            assert (answer.persons["furthest_step"] >= k).sum() == row.reached_count
            assert ((stopped == "dropped").sum(), (stopped == "open").sum()) == (row.dropped_count, row.open_count)


@settings(max_examples=4)
@given(events=logs(), steps=st.sampled_from(STEPS))
def test_first_entry_never_gets_further_than_the_best_and_increasing_never_further_than_together(
    events: list[Event], steps: list
) -> None:
    with open_log(events) as log:
        depth = {
            (entry, ties): log.funnel(steps, "4s", entry=entry, ties=ties, missing="zero").persons["furthest_step"]
            for entry, ties in itertools.product(ENTRIES, TIES)
        }
    assert (depth["first", "together"] <= depth["best", "together"]).all()
    assert (depth["best", "increasing"] <= depth["best", "together"]).all()
    assert (depth["first", "increasing"] <= depth["first", "together"]).all()


def test_accounts_are_counted_over_the_events_of_all_their_contacts() -> None:
    events = [
        draw_event(1, "ann", 0, "A", account="acme"),
        draw_event(2, "bob", 5, "B", account="acme"),
        draw_event(3, "cid", 0, "A", account="beta"),
        draw_event(4, "dan", 3, "B"),
    ]
    log = jn.from_events(to_frame(events), **COLUMNS, account="account")
    answer = log.funnel(["A", "B"], unit="account")
    assert list(answer.frame["reached_count"]) == [2, 1]
    assert answer.persons.columns[0] == "account_id"
    assert dict(zip(answer.persons["account_id"], answer.persons["furthest_step"], strict=True)) == {
        "acme": 2,
        "beta": 1,
    }
