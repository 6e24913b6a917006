"""Variants, loops, step matrices and moves back on public logs: nobody is lost, and a loop over the contacts agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import pytest

DEPTH = 12
ENDS = ("(converted)", "(dropped)", "(open)")
STAGES = ["awareness", "consideration", "purchase", "retention", "advocacy"]


@dataclass(frozen=True)
class Walked:
    """A published log with each person's contacts up to the first goal, as names and as stages."""

    log: Any
    goal: str
    paths: list[list[str]]
    stages: list[list[str]]


@pytest.fixture(scope="module", params=["retentioneering", "snowplow_ecommerce"])
def walked(request: pytest.FixtureRequest, published: Callable[[str], Any]) -> Walked:
    one = published(request.param)
    goal = one.settings.journey.goal
    frame = one.query(
        f"""
        SELECT person_id, touchpoint, stage,
          event_id IN (SELECT event_id FROM event_goals WHERE goal = '{goal}') AS is_goal
        FROM person_events
        WHERE touchpoint IS NOT NULL AND NOT is_bot AND occurred_at_us <= {one.log.log.as_of_us}
        ORDER BY person_id, occurred_at_us, source_index, sequence NULLS LAST, event_id
        """
    )
    paths, stages = [], []
    for _, events in frame.groupby("person_id"):
        met = events["is_goal"].to_list()
        kept = events.iloc[: met.index(True) + 1] if True in met else events
        paths.append(kept["touchpoint"].to_list())
        stages.append(kept["stage"].dropna().to_list())
    return Walked(one.log, goal, paths, stages)


def test_variants_hold_every_person_once(walked: Walked) -> None:
    answer = walked.log.variants(walked.goal)
    wanted = Counter(tuple(name for name, _ in groupby(path)) for path in walked.paths)
    found = {tuple(path): n for path, n in zip(answer.frame["path"], answer.frame["count"], strict=True)}
    assert found == wanted
    balance = walked.log.paths(goal=walked.goal, depth=5_000).balance
    assert answer.frame["count"].sum() == balance["entrant_count"].iloc[0] == len(walked.paths)
    assert answer.frame["converted_count"].sum() == balance["converted_count"].sum()
    details = answer.tables["intervals"]
    assert details["dropped_count"].sum() == balance["dropped_count"].sum()
    assert details["open_count"].sum() == balance["open_count"].sum()
    assert answer.frame["cumulative_share"].iloc[-1] == 1


def test_the_step_matrix_stands_on_the_balance_of_paths(walked: Walked) -> None:
    answer = walked.log.step_matrix(DEPTH, goal=walked.goal)
    cells = answer.tables["cells"]
    for position in range(1, DEPTH + 1):
        here = cells[(cells["step_index"] == position) & ~cells["is_end"]]
        assert dict(zip(here["step"], here["count"], strict=True)) == Counter(
            path[position - 1] for path in walked.paths if len(path) >= position
        )
    assert answer.frame.drop(columns="step").sum().tolist() == pytest.approx([1.0] * DEPTH)
    balance = walked.log.paths(goal=walked.goal, depth=DEPTH, collapse=False).balance
    stood = cells[~cells["is_end"]].groupby("step_index")["count"].sum()
    assert stood.tolist() == balance["entrant_count"].tolist()
    for end in ENDS:
        ended = balance[f"{end.strip('()')}_count"].cumsum().shift(fill_value=0).tolist()
        in_end = cells[cells["step"] == end].set_index("step_index")["count"]
        assert in_end.reindex(range(1, DEPTH + 1), fill_value=0).tolist() == ended


def test_converters_and_the_others_make_up_everybody(walked: Walked) -> None:
    frame = walked.log.step_matrix_difference(["(converted)"], goal=walked.goal, depth=DEPTH).frame
    both = frame.assign(count=frame["a_count"] + frame["b_count"]).set_index(["step_index", "step"])["count"]
    cells = walked.log.step_matrix(DEPTH, goal=walked.goal).tables["cells"].set_index(["step_index", "step"])["count"]
    assert both.sort_index().to_dict() == cells.sort_index().to_dict()
    assert (frame["a_base_count"] + frame["b_base_count"] == len(walked.paths)).all()


def test_loops_are_what_a_walk_over_the_contacts_counts(walked: Walked) -> None:
    frame = walked.log.loops(goal=walked.goal).frame.set_index("step")
    repeats = Counter(left for path in walked.paths for left, right in pairwise(path) if left == right)
    again = Counter(name for path in walked.paths for name, n in Counter(path).items() if n > 1)
    met = Counter(name for path in walked.paths for name in set(path))
    for step, row in frame.iterrows():
        assert (row["repeat_count"], row["person_count"]) == (repeats[step], again[step])
        assert row["share"] == pytest.approx(again[step] / met[step])
    visits = Counter(name for path in walked.paths for name in path)
    assert (frame["repeat_count"] + frame["return_count"]).sum() == visits.total() - met.total()


def test_moves_back_are_what_a_walk_over_the_stages_counts(walked: Walked) -> None:
    answer = walked.log.backtracks(goal=walked.goal)
    wanted = Counter(
        (left, right)
        for path in walked.stages
        for left, right in pairwise(path)
        if STAGES.index(right) < STAGES.index(left)
    )
    assert {(row.from_stage, row.to_stage): row.backtrack_count for row in answer.frame.itertuples()} == wanted
    assert answer.definition["staged_count"] == sum(map(bool, walked.stages))
