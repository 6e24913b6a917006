"""Waits, walks, patterns and needless steps of the Retentioneering shop equal plain counts over its file."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import journeys as jn

COLUMNS = {"person": "user_id", "occurred_at": "timestamp", "event": "event"}
GOAL = "purchase"


@pytest.fixture(scope="module")
def path(real_data: Path) -> Path:
    return real_data / "retentioneering_ecom" / "ecom.csv.gz"


@pytest.fixture(scope="module")
def log(path: Path) -> jn.Journeys:
    return jn.from_events(path, **COLUMNS)


@pytest.fixture(scope="module")
def ways(log: jn.Journeys) -> dict[str, pd.DataFrame]:
    """Each person's events in the order of the log, past the library's readers."""
    events = log.log.engine.frame(
        "SELECT person_id, event, occurred_at_us AS us FROM person_events "
        "ORDER BY person_id, occurred_at_us, source_index, sequence NULLS LAST, event_id"
    )
    return dict(iter(events.groupby("person_id")))


def before_goal(events: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    at = np.flatnonzero(events["event"] == GOAL)
    return (events, False) if not len(at) else (events.iloc[: at[0]], True)


def test_the_waits_are_those_of_the_file(log: jn.Journeys, ways: dict[str, pd.DataFrame]) -> None:
    frame = log.waits().frame
    assert frame["transition_count"].sum() == 31_106 - 600
    pairs = pd.concat(
        pd.DataFrame({"pair": e["event"] + " > " + e["event"].shift(-1), "us": e["us"].shift(-1) - e["us"]})[:-1]
        for e in ways.values()
    )
    wanted = pairs.groupby("pair")["us"].quantile([0.5, 0.75, 0.9]).unstack() / 1e6
    for row in frame.itertuples():
        mine = wanted.loc[f"{row.from_step} > {row.to_step}"]
        assert [row.median_seconds, row.p75_seconds, row.p90_seconds] == pytest.approx(mine.tolist())
        # No wait has more business time in it than time, and no more than 40 hours a week.
        assert row.p90_business_seconds <= min(row.p90_seconds, 40 / 168 * row.p90_seconds + 40 * 3600)
    waiting = Counter(e["event"].iloc[-1] for e in ways.values())
    assert dict(zip(frame["from_step"], frame["waiting_count"], strict=True)) == {
        name: waiting[name] for name in set(frame["from_step"])
    }
    steps = log.waits().tables["steps"]
    assert steps["contact_count"].sum() == 31_106
    assert (steps["dropped_count"] + steps["open_count"]).sum() == 600


def test_a_walk_from_the_cart_keeps_everybody(log: jn.Journeys, ways: dict[str, pd.DataFrame]) -> None:
    answer = log.explore(start="cart", goal=GOAL, depth=6)
    with_cart = [e for e in ways.values() if (e["event"] == "cart").any()]
    assert answer.definition["path_count"] == len(with_cart)
    for row in answer.balance.itertuples():
        assert row.path_count == row.continued_count + row.converted_count + row.dropped_count + row.open_count
        links = answer.frame.query("position == @row.position")["count"].sum()
        assert links == row.path_count
    full = log.explore(start="cart", goal=GOAL, depth=1_000, top=None).balance
    bought = sum((e["event"].to_numpy()[np.argmax(e["event"] == "cart") :] == GOAL).any() for e in with_cart)
    assert full["converted_count"].sum() == bought
    every = log.explore(end=GOAL, occurrence="every", collapse=False).definition
    assert (every["path_count"], every["unit_count"]) == (470, 328)


def test_the_patterns_are_those_of_the_file(log: jn.Journeys, ways: dict[str, pd.DataFrame]) -> None:
    answer = log.patterns(GOAL, collapse=False, length=3)
    assert (answer.definition["population_count"], answer.definition["converted_count"]) == (600, 328)
    for row in answer.frame.head(40).itertuples():
        names = row.pattern.split(" > ")
        having, won = 0, 0
        for events in ways.values():
            before, is_won = before_goal(events)
            rows = before["event"].tolist()
            if any(rows[place : place + len(names)] == names for place in range(len(rows))):
                having, won = having + 1, won + is_won
        assert (row.person_count, row.converted_count) == (having, won)
    # The last steps before buying mark buyers; wandering between catalogue and filters does not, beyond its length.
    verdicts = dict(zip(answer.frame["pattern"], answer.frame["verdict"], strict=True))
    assert verdicts["payment_details"] == verdicts["shipping_details"] == "marks converters"
    assert not any(name == GOAL for pattern in verdicts for name in pattern.split(" > "))


def test_the_repeats_are_those_of_the_file(log: jn.Journeys, ways: dict[str, pd.DataFrame]) -> None:
    frame = log.needless(GOAL).frame
    repeats: Counter[str] = Counter()
    for events in ways.values():
        names = before_goal(events)[0]["event"].tolist()
        repeats.update(one for one, two in pairwise(names) if one == two)
    mine = frame[frame["kind"] == "repeat"]
    assert dict(zip(mine["step"], mine["repeat_count"], strict=True)) == dict(repeats)
    assert (frame["person_count"] <= frame["repeat_count"]).all()


def test_ties_do_not_depend_on_the_order_of_the_file(path: Path) -> None:
    rows = pd.read_csv(path, dtype=str)
    answers = []
    for frame in (rows, rows.sample(frac=1, random_state=7)):
        log = jn.from_events(frame.reset_index(drop=True), **COLUMNS)
        results = (log.waits(), log.explore(via="cart"), log.patterns(GOAL), log.needless(GOAL))
        answers.append([result.frame.to_csv(index=False) for result in results])
    assert answers[0] == answers[1]
