"""Waits, walks, patterns and needless steps equal counts made person by person, and agree with the other verbs."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from statistics import median

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from random_logs import START, logs, many_persons, open_log
from reference import DAY, SECOND, Event, moment, units_of
from reference_patterns import (
    before_goal,
    count_links,
    list_needless,
    list_patterns,
    list_waits,
    list_walks,
    runs_of,
    seconds,
)

import journeys as jn

DAYS = 3
chains = st.fixed_dictionaries(
    {"start": st.sampled_from([None, "A", "B"]), "via": st.sampled_from([[], ["B"], ["C"], ["B", "C"], ["A", "A"]]),
     "end": st.sampled_from([None, "A", "D"]), "goal": st.sampled_from([None, "C", "D"])}
)  # fmt: skip


def days_log(**keywords: object) -> st.SearchStrategy[list[Event]]:
    """Logs whose times are half days, so that persons are dropped and open."""
    return logs(step=DAY // SECOND // 2, **keywords)


def stretched(seed: int, count: int, names: str = "AABBCD") -> list[Event]:
    """A big log in half days."""
    found = many_persons(seed=seed, count=count, most=9, span=14, names=names)
    return [Event(e.person, START + (e.us - START) * DAY // SECOND // 2, e.event, e.event_id) for e in found]


def assert_waits(log: jn.Journeys, events: list[Event], as_of_us: int) -> None:
    units = units_of([event for event in events if event.us <= as_of_us], "person")
    for is_collapsed in (False, True):
        answer = log.waits(collapse=is_collapsed, inactive_days=DAYS, as_of=moment(as_of_us))
        waits, waiting = list_waits(units, is_collapsed=is_collapsed)
        counted = log.transitions(collapse=is_collapsed, as_of=moment(as_of_us)).frame
        shared = ["from_step", "to_step", "transition_count", "person_count", "median_seconds"]
        assert answer.frame[shared].equals(counted[shared].astype(answer.frame[shared].dtypes))
        assert len(answer.frame) == len(waits)
        for row in answer.frame.itertuples():
            found = waits[row.from_step, row.to_step]
            assert row.median_seconds == pytest.approx(seconds(median(found)))
            assert [row.p75_seconds, row.p90_seconds] == pytest.approx(np.percentile(found, [75, 90]) / SECOND)
            assert row.waiting_count == waiting[row.from_step]
            assert row.is_too_few == (len(found) < 30)
            _assert_median(row, units, as_of_us, is_collapsed=is_collapsed)
        for row in answer.tables["steps"].itertuples():
            assert row.contact_count == row.continued_count + row.dropped_count + row.open_count
            assert row.dropped_count + row.open_count == waiting[row.step]
        last = Counter(
            "dropped_count" if each[-1].us + DAYS * DAY <= as_of_us else "open_count" for each in units.values()
        )
        for name in ("dropped_count", "open_count"):
            assert answer.tables["steps"][name].sum() == last[name]


def _assert_median(row: object, units: dict, as_of_us: int, *, is_collapsed: bool) -> None:
    """The Kaplan-Meier median is lifelines' over every contact at the step, one by one."""
    durations, is_ended = [], []
    for events in units.values():
        runs = runs_of(events, is_collapsed=is_collapsed)
        for place, run in enumerate(runs):
            if run[0].event == row.from_step:
                after = runs[place + 1][0] if place + 1 < len(runs) else None
                durations.append(seconds((after.us if after else as_of_us) - run[0].us))
                is_ended.append(after is not None and after.event == row.to_step)
    fitter = KaplanMeierFitter().fit(durations, is_ended)
    if not np.isclose(fitter.survival_function_.to_numpy(), 0.5, atol=1e-9).any():
        theirs = fitter.median_survival_time_
        assert (math.isinf(theirs) and math.isnan(row.km_median_seconds)) or row.km_median_seconds == theirs


def assert_walks(log: jn.Journeys, events: list[Event], named: dict, view: dict, as_of_us: int) -> None:
    units = units_of([event for event in events if event.us <= as_of_us], "person")
    rule = {"is_first": view["occurrence"] == "first", "is_collapsed": view["collapse"]}
    walks = list_walks(units, named, **rule, inactive_us=DAYS * DAY, as_of_us=as_of_us)
    sides = named["start"] is None, named["start"] is not None or named["end"] is None
    links = count_links(walks, depth=view["depth"], top=view["top"], sides=sides)
    answer = log.explore(**named, **view, inactive_days=DAYS, as_of=moment(as_of_us))
    rows = list(answer.frame.itertuples(index=False))
    assert {tuple(row[:3]): row.count for row in rows} == dict(links)
    assert len(rows) == len(links)
    assert all(row.share == pytest.approx(row.count / len(walks)) for row in rows)
    assert (answer.definition["path_count"], answer.definition["unit_count"]) == (
        len(walks),
        len({walk.unit for walk in walks}),
    )
    nodes = {(row.position, row.step): row for row in answer.tables["nodes"].itertuples()}
    _assert_balance(answer, nodes, sides)
    for (position, name), row in nodes.items():
        if name != "(other)":
            here = [w.unit for w in walks if dict(enumerate(w.names)).get(w.anchor + position) == name]
            assert (row.count, row.unit_count) == (len(here), len(set(here)))


def _assert_balance(answer: jn.PathResult, nodes: dict, sides: tuple[bool, bool]) -> None:
    """Whatever comes into a node leaves it."""
    inflow: Counter[tuple[int, str]] = Counter()
    outflow: Counter[tuple[int, str]] = Counter()
    for row in answer.frame.itertuples():
        outflow[row.position, row.from_step] += row.count
        inflow[row.position + 1, row.to_step] += row.count
    for key, row in nodes.items():
        assert outflow[key] == row.count
        if sides[0] or key[0] > 0:
            assert inflow[key] == row.count
    for row in answer.balance.itertuples():
        assert row.path_count == row.started_count + row.came_count
        assert row.path_count == row.continued_count + row.converted_count + row.dropped_count + row.open_count
        assert row.path_count == sum(n.count for (position, _), n in nodes.items() if position == row.position)


def assert_patterns(log: jn.Journeys, events: list[Event], goal: str, as_of_us: int, least: int) -> None:
    units = units_of([event for event in events if event.us <= as_of_us], "person")
    for is_collapsed in (False, True):
        patterns = list_patterns(units, goal, length=3, least=least, is_collapsed=is_collapsed)
        answer = log.patterns(goal, length=3, min_persons=least, min_share=0, collapse=is_collapsed,
                              inactive_days=DAYS, as_of=moment(as_of_us))  # fmt: skip
        assert set(answer.frame["pattern"]) == {" > ".join(each) for each in patterns}
        met = {unit: before_goal(each, goal) for unit, each in units.items()}
        base = {unit: is_won for unit, (before, is_won) in met.items() if before}
        assert answer.definition["population_count"] == len(base)
        for row in answer.frame.itertuples():
            having = patterns[tuple(row.pattern.split(" > "))]
            assert (row.person_count, row.converted_count) == (len(having), sum(base[unit] for unit in having))
            assert row.open_count == sum(
                not base[unit] and units[unit][-1].us + DAYS * DAY > as_of_us for unit in having
            )
            assert row.other_count == len(base) - len(having)
            assert row.other_converted_count == sum(base.values()) - row.converted_count
        listed = answer.tables["steps"].groupby("pattern_index")["step"].agg(" > ".join)
        assert listed.tolist() == answer.frame["pattern"].tolist()


def assert_needless(log: jn.Journeys, events: list[Event], goal: str, as_of_us: int) -> None:
    units = units_of([event for event in events if event.us <= as_of_us], "person")
    found = list_needless(units, goal)
    frame = log.needless(goal, as_of=moment(as_of_us)).frame
    assert len(frame) == len(found)
    met = {unit: before_goal(each, goal) for unit, each in units.items()}
    for row in frame.itertuples():
        mine = found[row.kind, row.step, row.detour_step if isinstance(row.detour_step, str) else None]
        having = {unit for unit, _ in mine}
        others = {unit for unit, (before, _) in met.items() if row.step in {e.event for e in before}} - having
        assert (row.repeat_count, row.person_count, row.other_count) == (len(mine), len(having), len(others))
        assert row.converted_count == sum(met[unit][1] for unit in having)
        assert row.other_converted_count == sum(met[unit][1] for unit in others)
        assert row.extra_seconds == pytest.approx(seconds(sum(us for _, us in mine)))
        assert row.median_extra_seconds == pytest.approx(seconds(median(us for _, us in mine)))


ends = st.integers(0, 14).map(lambda half_days: START + half_days * DAY // 2)
views = st.fixed_dictionaries(
    {"depth": st.integers(1, 5), "top": st.sampled_from([None, 1, 2]), "collapse": st.booleans(),
     "occurrence": st.sampled_from(["first", "every"])}
)  # fmt: skip


def assert_everything(events: list[Event], named: dict, view: dict, as_of_us: int) -> None:
    names = {event.event for event in events}
    if named["start"] is None and named["end"] is not None:
        named = named | {"goal": None}
    with open_log(events) as log:
        if any(event.us <= as_of_us for event in events):
            assert_waits(log, events, as_of_us)
        anchors = {named["start"], *named["via"], named["end"]} - {None}
        if anchors and anchors | ({named["goal"]} - {None}) <= names:
            assert_walks(log, events, named, view, as_of_us)
        if "D" in names:
            assert_patterns(log, events, "D", as_of_us, least=1)
            assert_needless(log, events, "D", as_of_us)


@settings(max_examples=12)
@given(events=days_log(), named=chains, view=views, as_of_us=ends)
def test_a_random_log_is_counted_as_by_hand(events: list[Event], named: dict, view: dict, as_of_us: int) -> None:
    assert_everything(events, named, view, as_of_us)


@pytest.mark.prove
@settings(max_examples=150)
@given(events=days_log(most=24), named=chains, view=views, as_of_us=ends)
def test_hundreds_of_random_logs_are_counted_as_by_hand(
    events: list[Event], named: dict, view: dict, as_of_us: int
) -> None:
    assert_everything(events, named, view, as_of_us)


def test_three_hundred_persons_are_counted_as_by_hand() -> None:
    events, as_of_us = stretched(5, 300), START + 5 * DAY
    with open_log(events) as log:
        assert_waits(log, events, as_of_us)
        assert_needless(log, events, "D", as_of_us)
        assert_patterns(log, events, "D", as_of_us, least=12)
        for named in (
            {"start": "A", "via": ["B", "C"], "end": None, "goal": "D"},
            {"start": None, "via": ["B", "A"], "end": None, "goal": "D"},
            {"start": None, "via": ["A"], "end": "C", "goal": None},
            {"start": "A", "via": [], "end": "D", "goal": "D"},
        ):
            for occurrence in ("first", "every"):
                view = {"depth": 3, "top": 2, "collapse": True, "occurrence": occurrence}
                assert_walks(log, events, named, view, as_of_us)


def test_forward_from_a_step_is_paths_from_it() -> None:
    events = stretched(6, 200)
    with open_log(events) as log:
        for named in ({"start": "A"}, {"start": "B", "goal": "D"}, {"start": "A", "end": "C", "goal": "D"}):
            paths = log.paths(**named, depth=4, top=2, inactive_days=DAYS).frame
            walks = log.explore(**named, depth=3, top=2, inactive_days=DAYS).frame
            assert dict(zip(walks[["position", "from_step", "to_step"]].itertuples(index=False, name=None),
                            walks["count"], strict=True)) == {
                (row.step_index - 1, row.from_step, row.to_step): row.count for row in paths.itertuples(index=False)
            }  # fmt: skip


def test_a_pattern_of_one_step_is_its_touchpoint() -> None:
    events = stretched(7, 200)
    with open_log(events) as log:
        touchpoints = log.touchpoints("D", inactive_days=DAYS).frame.set_index("touchpoint")
        frame = log.patterns("D", length=1, min_persons=1, min_share=0, inactive_days=DAYS).frame.set_index("pattern")
        assert set(frame.index) == set(touchpoints.index)
        for column in ("person_count", "converted_count", "conversion_share", "conversion_share_low"):
            assert frame[column].to_dict() == pytest.approx(touchpoints[column].to_dict())


@settings(max_examples=5)
@given(events=days_log(), seed=st.integers(0, 3))
def test_the_order_of_rows_changes_nothing(events: list[Event], seed: int) -> None:
    assume({"A", "D"} <= {event.event for event in events})
    shuffled = list(np.random.default_rng(seed).permutation(np.array(events, dtype=object)))
    texts: dict[str, set[str]] = defaultdict(set)
    for each in (events, shuffled):
        with open_log(each) as log:
            for name, answer in {
                "waits": log.waits(), "explore": log.explore(via="A"), "needless": log.needless("D"),
                "patterns": log.patterns("D", min_persons=1),
            }.items():  # fmt: skip
                texts[name].add(answer.frame.to_csv(index=False))
    assert {name: len(found) for name, found in texts.items()} == dict.fromkeys(texts, 1)
