"""Every verb where there is nobody to count yet, and where dates stand for 'unknown'."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import journeys as jn

ROWS = [
    ("ann", "2026-03-02 10:00", "view", "web"),
    ("ann", "2026-03-02 10:10", "buy", "web"),
    ("bob", "2026-03-02 10:00", "view", "mail"),
]


@pytest.fixture(scope="module")
def log() -> jn.Journeys:
    frame = pd.DataFrame(ROWS, columns=["who", "at", "what", "via"])
    return jn.from_events(frame, person="who", occurred_at="at", event="what", channel="via")


NOBODY = {
    "sessions": lambda log, at: log.sessions(as_of=at),
    "funnel": lambda log, at: log.funnel(["view", "buy"], "1d", as_of=at),
    "clickhouse": lambda log, at: log.funnel(["view", "buy"], "1d", preset="clickhouse", as_of=at),
    "each": lambda log, at: log.funnel(["view", "buy"], "1d", entry="each", as_of=at),
    "any": lambda log, at: log.funnel(["view", "buy"], "1d", order="any", as_of=at),
    "open": lambda log, at: log.funnel(["view", "buy"], "1d", entry="open", as_of=at),
    "open strict": lambda log, at: log.funnel(
        ["view", "buy"], entry="open", order="strict", hold="via", by="via", as_of=at
    ),
    "strict": lambda log, at: log.funnel(["view", "buy"], "1d", order="strict", hold="via", by="via", as_of=at),
    "explain": lambda log, at: log.explain("ann", ["view", "buy"], as_of=at),
    "compare_presets": lambda log, at: log.compare_presets(["view", "buy"], "1d", as_of=at),
    "funnel_times": lambda log, at: log.funnel_times(["view", "buy"], "1d", competing="(dropped)", as_of=at),
    "funnel_trend": lambda log, at: log.funnel_trend(["view", "buy"], "1d", as_of=at),
    "compare_groups": lambda log, at: log.compare_groups(["view", "buy"], "1d", by="via", as_of=at),
    "separators": lambda log, at: log.separators(["view", "buy"], "1d", columns=["via"], as_of=at),
    "paths": lambda log, at: log.paths(goal="buy", as_of=at),
    "transitions": lambda log, at: log.transitions(as_of=at),
    "variants": lambda log, at: log.variants("buy", as_of=at),
    "loops": lambda log, at: log.loops(as_of=at),
    "rework": lambda log, at: log.rework(as_of=at),
    "complexity": lambda log, at: log.complexity(as_of=at),
    "step_matrix": lambda log, at: log.step_matrix(as_of=at),
    "waits": lambda log, at: log.waits(as_of=at),
    "explore": lambda log, at: log.explore(start="view", as_of=at),
    "patterns": lambda log, at: log.patterns("buy", as_of=at),
    "needless": lambda log, at: log.needless("buy", as_of=at),
    "touchpoints": lambda log, at: log.touchpoints("buy", as_of=at),
    "touchpoints by": lambda log, at: log.touchpoints("buy", by="via", as_of=at),
    "exits": lambda log, at: log.exits(as_of=at),
    "dropoff": lambda log, at: log.dropoff("buy", as_of=at),
    "visits": lambda log, at: log.visits("buy", as_of=at),
    "effects": lambda log, at: log.effects("buy", as_of=at),
}


@pytest.mark.parametrize("verb", NOBODY)
def test_before_the_first_event_every_verb_answers_and_draws_calmly(log: jn.Journeys, verb: str) -> None:
    answer = NOBODY[verb](log, "2020-01-01")
    answer.figure()
    json.dumps(answer.to_dict(), allow_nan=False)
    counted = [name for name in answer.frame.columns if name.endswith("_count") or name == "count"]
    assert not answer.frame[counted].fillna(0).to_numpy().any()


@pytest.mark.parametrize("year", ["0001-01-01", pytest.param("9999-12-31", marks=pytest.mark.prove)])
def test_dates_that_stand_for_unknown_do_no_harm(year: str) -> None:
    rows = [("ann", f"{year} 00:00", "view"), ("bob", "2026-03-01 10:00", "view"), ("bob", "2026-03-01 10:05", "buy")]
    frame = pd.DataFrame(rows, columns=["who", "at", "what"])
    log = jn.from_events(frame, person="who", occurred_at="at", event="what")
    assert log.waits().frame["transition_count"].sum() == 1
    trend = log.funnel_trend(["view", "buy"], "1d", every="day").frame
    assert list(trend["entrant_count"]) == [1, 1]
