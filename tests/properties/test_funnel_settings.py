"""Each setting of a funnel, alone and with the others, equals an exhaustive search."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd
import pytest
from random_logs import START, draw_event, open_log
from reference import SECOND, Event, moment, units_of
from reference_funnel import FunnelRule, any_of, count

import journeys as jn
from journeys.insights.funnels import compiled, found

STEPS = (["A", "B"], ["A", "B", "C"], ["A", "A"], ["A", ["A", "B"], "B"], [["A", "B"], ["B", "C"], "A"])


@dataclass(frozen=True)
class Setting:
    """What is asked, in small numbers."""

    steps: list
    window: int | None
    order: str
    entry: str
    ties: str
    within: dict[int, int] = field(default_factory=dict)
    optional: frozenset[int] = frozenset()
    exclude: tuple[tuple[str, int, int], ...] = ()
    hold: str | None = None


def draw_setting(source: random.Random) -> Setting:
    """One setting in which everything may come together that goes together."""
    steps = source.choice(STEPS)
    order, entry = source.choice(["ordered", "ordered", "strict", "any"]), source.choice(["best", "first", "each"])
    window, ties = source.choice([None, 2, 4]), source.choice(["together", "increasing"])
    hold = source.choice([None, None, "channel"])
    if order == "any":
        return Setting(steps, window, order, entry, ties, hold=hold)
    optional = frozenset({source.randrange(1, len(steps))}) if source.random() < 0.4 else frozenset()
    within = {source.randrange(1, len(steps)): source.choice([1, 2])} if source.random() < 0.4 else {}
    if entry == "each" and optional:
        within, order = {}, "ordered"
    pairs = list(itertools.combinations(range(1, len(steps) + 1), 2))
    exclude = (("X", *source.choice(pairs)),) if source.random() < 0.5 else ()
    return Setting(steps, window, order, entry, ties, within, optional, exclude, hold)


def draw_persons(source: random.Random, count: int, most: int) -> list[Event]:
    """Small persons with ties, an event that is excluded and a value to hold."""
    drawn = [
        (f"p{person:04d}", source.randint(0, 6), source.choice("AABBCX"), source.choice(["k", "l", None]))
        for person in range(count)
        for _ in range(source.randint(1, most))
    ]
    source.shuffle(drawn)
    return [draw_event(n, who, at, name, channel=channel) for n, (who, at, name, channel) in enumerate(drawn)]


def assert_setting(log: jn.Journeys, events: Sequence[Event], setting: Setting, end: int) -> None:
    steps = [
        jn.step(match, optional=place in setting.optional,
                within=f"{setting.within[place]}s" if place in setting.within else None)
        for place, match in enumerate(setting.steps)
    ]  # fmt: skip
    window = None if setting.window is None else f"{setting.window}s"
    as_of_us = START + end * SECOND
    answer = log.funnel(steps, window, order=setting.order, entry=setting.entry, ties=setting.ties, missing="zero",
                        exclude=setting.exclude, hold=setting.hold, as_of=moment(as_of_us))  # fmt: skip
    rule = FunnelRule(
        None if setting.window is None else setting.window * SECOND,
        setting.entry,
        setting.ties,
        setting.order,
        {place: seconds * SECOND for place, seconds in setting.within.items()},
        setting.optional,
        tuple((any_of(name), i, j) for name, i, j in setting.exclude),
        setting.hold,
    )
    tests = [any_of(*([step] if isinstance(step, str) else step)) for step in setting.steps]
    rows, standings = count(units_of(events, "person"), tests, rule, as_of_us)
    persons = answer.persons
    attempts = persons["attempt_index"] if setting.entry == "each" else pd.Series(1, index=persons.index)
    mine = {
        (row.person_id, attempt): (row.furthest_step, row.status, row.entered_at)
        for row, attempt in zip(persons.itertuples(), attempts, strict=True)
    }
    theirs = {key: (s.furthest, s.status, moment(s.start_us)) for key, s in standings.items()}
    assert mine == theirs, setting
    frame = answer.frame.drop(columns="step_name").astype(object)
    for found_row, row in zip(frame.where(frame.notna(), None).to_dict("records"), rows, strict=True):
        assert found_row == pytest.approx(row, abs=1e-9), setting


@pytest.mark.parametrize("seed", range(8))
def test_two_hundred_random_persons_stand_where_the_exhaustive_search_puts_them(seed: int) -> None:
    source = random.Random(seed)
    events = draw_persons(source, 200, most=6)
    with open_log(events, channel="channel") as log:
        for _ in range(6):
            assert_setting(log, events, draw_setting(source), source.randint(3, 8))


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 140))
def test_twenty_thousand_random_persons_stand_where_the_exhaustive_search_puts_them(seed: int) -> None:
    source = random.Random(seed)
    events = draw_persons(source, 500, most=6)
    with open_log(events, channel="channel") as log:
        for _ in range(2):
            assert_setting(log, events, draw_setting(source), source.randint(3, 8))


@pytest.mark.parametrize("ties", ["together", "increasing"])
@pytest.mark.parametrize("entry", ["best", "first"])
def test_the_compiled_pass_and_the_portable_sql_find_the_same_people(
    entry: str, ties: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = draw_persons(random.Random(5), 400, most=8)
    with open_log(events, channel="channel") as log:
        for steps, window in itertools.product(STEPS, (None, "2s")):
            answers = []
            for most in (10**9, 0):
                monkeypatch.setattr(found, "PORTABLE_ROWS", most)
                monkeypatch.setattr(found, "FEW_ROWS", most)
                monkeypatch.setattr(compiled, "INTERPRETED_ROWS", most)
                answers.append(log.funnel(steps, window, entry=entry, ties=ties))
            pd.testing.assert_frame_equal(answers[0].frame, answers[1].frame)
            pd.testing.assert_frame_equal(answers[0].persons, answers[1].persons)
