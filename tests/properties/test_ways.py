"""Variants, loops and step matrices equal counts made path by path, and they agree with paths and transitions."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_logs import START, logs, many_persons, open_log
from reference import DAY, SECOND, Event, moment, units_of
from reference_funnel import any_of
from reference_paths import Anchors, Cut, cut
from reference_ways import (
    count_loops,
    count_variants,
    entropy_bits,
    names_of,
    needed_for,
    stand,
    transition_entropy_bits,
)

import journeys as jn

DAYS = 3
ENDS = {"(converted)", "(dropped)", "(open)", "(end)"}
anchors = st.fixed_dictionaries(
    {"start": st.sampled_from([None, "A", "B"]), "goal": st.sampled_from([None, "C", "D"]),
     "end": st.sampled_from([None, None, "A", ["C", "D"]])}
)  # fmt: skip
moments = st.integers(0, 14).map(lambda half_days: START + half_days * DAY // 2)


def days_log(**keywords: object) -> st.SearchStrategy[list[Event]]:
    """Logs whose times are half days, so that persons are dropped and open."""
    return logs(step=DAY // SECOND // 2, **keywords)


def cut_all(events: list[Event], named: dict, as_of_us: int) -> list[Cut]:
    tests = {role: None if step is None else any_of(*([step] if isinstance(step, str) else step))
             for role, step in named.items()}  # fmt: skip
    units = units_of([event for event in events if event.us <= as_of_us], "person").values()
    found = [cut(one, Anchors(**tests), DAYS * DAY, as_of_us) for one in units]
    return [one for one in found if one is not None]


def fits(events: list[Event], named: dict) -> bool:
    """A named step that never occurs is an error, which is another test."""
    names = {event.event for event in events}
    return all(set([step] if isinstance(step, str) else step) <= names for step in named.values() if step)


def assert_variants(log: jn.Journeys, cuts: list[Cut], call: dict, *, is_collapsed: bool) -> None:
    answer = log.variants(collapse=is_collapsed, inactive_days=DAYS, **call)
    wanted = count_variants(cuts, is_collapsed=is_collapsed)
    assert list(zip(*(answer.frame[name] for name in ("path", "count", "converted_count")), strict=True)) == wanted
    counts = [count for _, count, _ in wanted]
    assert answer.definition["entrant_count"] == sum(counts) == len(cuts)
    assert answer.definition["singleton_count"] == counts.count(1)
    so_far = 0
    for row in answer.frame.itertuples():
        so_far += row.count
        assert row.share == pytest.approx(row.count / len(cuts))
        assert row.cumulative_share == pytest.approx(so_far / len(cuts))
    for row in answer.tables["coverage"].itertuples():
        assert row.variant_count == needed_for(counts, row.covered_share)
    for top in (1, 2):
        frame = log.variants(collapse=is_collapsed, inactive_days=DAYS, top=top, **call).frame
        assert frame["path"].tolist()[:top] == [path for path, _, _ in wanted[:top]]
        assert frame["count"].sum() == len(cuts)
        assert frame["converted_count"].sum() == sum(each for _, _, each in wanted)


def assert_loops(log: jn.Journeys, cuts: list[Cut], call: dict) -> None:
    wanted = count_loops(cuts)
    rework = log.rework(**call).frame.set_index("step")
    columns = ["repeat_count", "return_count", "rework_count", "met_count", "visit_count"]
    assert {step: tuple(row) for step, row in rework[columns].iterrows()} == wanted
    loops = log.loops(**call).frame.set_index("step")
    assert {step: tuple(row) for step, row in loops[["repeat_count", "return_count", "person_count"]].iterrows()} == {
        step: numbers[:3] for step, numbers in wanted.items()
    }
    for step, (_, _, again, met, _) in wanted.items():
        assert loops.loc[step, "share"] == pytest.approx(again / met)
    assert (rework["expected_extra_visits"] >= -1e-9).all()


def assert_matrix(log: jn.Journeys, cuts: list[Cut], call: dict, depth: int, *, is_collapsed: bool) -> None:
    wanted = stand(cuts, depth, is_collapsed=is_collapsed)
    answer = log.step_matrix(depth, is_collapsed, inactive_days=DAYS, **call)
    assert list(answer.frame.columns) == ["step", *(str(place) for place in range(1, depth + 1))]
    matrix = answer.frame.set_index("step")
    assert set(matrix.index) == {name for column in wanted for name in column}
    for place, column in enumerate(wanted, 1):
        assert matrix[str(place)].sum() == pytest.approx(1.0 if cuts else 0.0)
        for name in matrix.index:
            assert matrix.loc[name, str(place)] == pytest.approx(column[name] / len(cuts))
    top = log.step_matrix(depth, is_collapsed, inactive_days=DAYS, top=1, **call)
    assert top.frame.drop(columns="step").sum().tolist() == pytest.approx([1.0 if cuts else 0.0] * depth)
    assert_matrix_is_paths(log, answer.tables["cells"], call, depth, is_collapsed=is_collapsed)


def assert_matrix_is_paths(log: jn.Journeys, cells: object, call: dict, depth: int, *, is_collapsed: bool) -> None:
    """The steps of a position are the nodes of paths there; who is in an end came to it at an earlier position."""
    paths = log.paths(depth=depth, collapse=is_collapsed, inactive_days=DAYS, **call)
    nodes: dict[tuple[int, str], int] = defaultdict(int)
    ended: Counter[tuple[int, str]] = Counter()
    for step_index, start, target, count, _ in paths.frame.itertuples(index=False, name=None):
        nodes[step_index, start] += count
        if target in ENDS:
            ended.update({(later, target): count for later in range(step_index + 1, depth + 1)})
    found = {(row.step_index, row.step): row.count for row in cells.itertuples()}  # type: ignore[attr-defined]
    assert found == {**nodes, **ended}


def assert_complexity(log: jn.Journeys, cuts: list[Cut], call: dict, *, is_collapsed: bool) -> None:
    value = log.complexity(collapse=is_collapsed, **call).frame.set_index("measure")["value"]
    counts = [count for _, count, _ in count_variants(cuts, is_collapsed=is_collapsed)]
    entropy = entropy_bits(counts)
    assert value["variant entropy"] == pytest.approx(entropy, abs=1e-9)
    assert value["normalised entropy"] == pytest.approx(entropy / math.log2(len(counts)) if len(counts) > 1 else 0)
    assert -1e-9 <= value["normalised entropy"] <= 1 + 1e-9
    wanted = transition_entropy_bits(cuts, is_collapsed=is_collapsed)
    assert value["transition entropy"] == pytest.approx(wanted, abs=1e-9)


def assert_everything(events: list[Event], named: dict, depth: int, as_of_us: int) -> None:
    if not fits(events, named):
        return
    cuts = cut_all(events, named, as_of_us)
    call = {**named, "as_of": moment(as_of_us)}
    with open_log(events) as log:
        for is_collapsed in (True, False):
            assert_variants(log, cuts, call, is_collapsed=is_collapsed)
            assert_matrix(log, cuts, call, depth, is_collapsed=is_collapsed)
            if cuts:
                assert_complexity(log, cuts, call, is_collapsed=is_collapsed)
        assert_loops(log, cuts, call)


@settings(max_examples=8)
@given(events=days_log(), named=anchors, depth=st.integers(1, 8), as_of_us=moments)
def test_a_random_log_is_counted_as_by_hand(events: list[Event], named: dict, depth: int, as_of_us: int) -> None:
    assert_everything(events, named, depth, as_of_us)


@pytest.mark.prove
@settings(max_examples=100)
@given(events=days_log(most=24), named=anchors, depth=st.integers(1, 12), as_of_us=moments)
def test_a_hundred_random_logs_are_counted_as_by_hand(
    events: list[Event], named: dict, depth: int, as_of_us: int
) -> None:
    assert_everything(events, named, depth, as_of_us)


@pytest.fixture(scope="module")
def crowd() -> list[Event]:
    """Three hundred persons with many ties and repeats."""
    return [
        Event(e.person, START + (e.us - START) * DAY // SECOND // 2, e.event, e.event_id)
        for e in many_persons(seed=11, count=300, most=12, span=14, names="AABBCD")
    ]


@pytest.mark.parametrize(("start", "goal", "end"), [(None, None, None), ("A", "C", None), ("B", None, ["C", "D"])])
def test_three_hundred_persons_are_counted_as_by_hand(
    crowd: list[Event], start: str | None, goal: str | None, end: object
) -> None:
    assert_everything(crowd, {"start": start, "goal": goal, "end": end}, 13, START + 5 * DAY)


def test_the_walk_without_memory_makes_as_many_visits_as_there_were(crowd: list[Event]) -> None:
    """Started as often as the paths start, the chain of the moves visits each step as often as the paths did."""
    import numpy as np

    paths = [names_of(one, is_collapsed=False) for one in cut_all(crowd, {}, START + 9 * DAY)]
    names = sorted({name for path in paths for name in path})
    place = {name: index for index, name in enumerate(names)}
    visits, starts, moves = np.zeros(4), np.zeros(4), np.zeros((4, 4))
    for path in paths:
        starts[place[path[0]]] += 1
        for name in path:
            visits[place[name]] += 1
        for left, right in pairwise(path):
            moves[place[left], place[right]] += 1
    chances = moves / visits[:, None]
    powers, total = np.eye(4), np.zeros((4, 4))
    for _ in range(400):  # the sum of all powers of Q is the fundamental matrix
        total += powers
        powers = powers @ chances
    assert starts @ total == pytest.approx(visits)
    with open_log(crowd) as log:
        frame = log.rework(as_of=moment(START + 9 * DAY)).frame.set_index("step")
    assert frame.loc[names, "expected_extra_visits"].tolist() == pytest.approx((np.diagonal(total) - 1).tolist())


def test_moves_of_all_paths_are_the_transitions(crowd: list[Event]) -> None:
    with open_log(crowd) as log:
        frame = log.transitions(collapse=True).frame
        entropy = log.complexity().frame.set_index("measure")["value"]["transition entropy"]
    weights = frame["transition_count"] / frame["transition_count"].sum()
    assert entropy == pytest.approx(-sum(w * math.log2(s) for w, s in zip(weights, frame["share"], strict=True)))


def test_the_order_of_rows_changes_nothing(crowd: list[Event]) -> None:
    answers = []
    for events in (crowd, crowd[::-1]):
        with open_log(events) as log:
            results = (log.variants("C"), log.loops(), log.rework(), log.complexity(), log.step_matrix(goal="C"),
                       log.step_matrix_difference(["(converted)"], goal="C"))  # fmt: skip
            answers.append([result.to_dict()["frame"] for result in results])
    assert str(answers[0]) == str(answers[1])
