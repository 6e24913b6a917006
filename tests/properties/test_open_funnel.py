"""A funnel entered at any step equals a look at every pair of events, and the closed funnels of its steps and links."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from random_logs import COLUMNS, START, draw_event, open_log
from reference import SECOND, Event, moment, to_frame, units_of
from reference_funnel import FunnelRule, any_of
from reference_open_funnel import Entrant, count_rows, find_entrant

import journeys as jn
from journeys.insights.funnels import compiled

STEPS = (["A"], ["A", "B"], ["A", "B", "C"], ["A", "A"], ["A", ["A", "B"], "B", "C"], [["A", "B"], ["B", "C"], "A"])
WITH_SEQUENCE = {"channel": "channel", "sequence": "sequence"}


def draw_persons(source: random.Random, count: int, most: int = 7) -> list[Event]:
    """Small persons with ties, an excluded event, a value to hold, and a source's own order that ids do not follow."""
    drawn = [
        (f"p{person:04d}", source.randint(0, 7), source.choice("AABBCX"), source.choice(["k", "l", None]))
        for person in range(count)
        for _ in range(source.randint(1, most))
    ]
    source.shuffle(drawn)
    numbers = source.sample(range(len(drawn)), len(drawn))
    return [
        draw_event(n, who, at, name, channel=channel, sequence=source.choice([place, place, None]))
        for n, (place, (who, at, name, channel)) in zip(numbers, enumerate(drawn), strict=True)
    ]


def draw_rule(source: random.Random, step_count: int) -> FunnelRule:
    """Any settings that go together."""
    links = range(1, step_count)
    within = {source.choice(links): source.choice([1, 2]) * SECOND} if links and source.random() < 0.4 else {}
    spoilt = source.choice(links) if links else 0
    exclude = ((any_of("X"), spoilt, spoilt + 1),) if links and source.random() < 0.4 else ()
    window = source.choice([None, 1, 2, 4])
    return FunnelRule(
        None if window is None else window * SECOND,
        "open",
        source.choice(["together", "increasing", "sequence"]),
        source.choice(["ordered", "ordered", "strict"]),
        within,
        exclude=exclude,
        hold=source.choice([None, None, "channel"]),
    )


def ask(log: jn.Journeys, steps: list, rule: FunnelRule, as_of_us: int, **more: Any) -> jn.FunnelResult:
    """The product's answer to a rule of the reference."""
    asked = [
        jn.step(match, within=f"{rule.within_us[place] // SECOND}s" if place in rule.within_us else None)
        for place, match in enumerate(steps)
    ]
    window = None if rule.window_us is None else f"{rule.window_us // SECOND}s"
    given = {"order": rule.order, "entry": rule.entry, "ties": rule.ties, "hold": rule.hold, "missing": "zero",
             "exclude": [("X", i, j) for _, i, j in rule.exclude], "as_of": moment(as_of_us)}  # fmt: skip
    return log.funnel(asked, window, **(given | more))


def is_as(frame: pd.DataFrame, rows: list[dict[str, Any]], *, where: object) -> None:
    """Hold a frame against the rows of the reference."""
    plain = frame.drop(columns="step_name").astype(object)
    found = plain.where(plain.notna(), None).to_dict("records")
    assert len(found) == len(rows), where
    for mine, theirs in zip(found, rows, strict=True):
        assert mine == pytest.approx(theirs, abs=1e-9), where


def assert_open(log: jn.Journeys, events: Sequence[Event], steps: list, rule: FunnelRule, as_of_us: int) -> None:
    tests = [any_of(*([each] if isinstance(each, str) else each)) for each in steps]
    stood: dict[str, Entrant] = {}
    for unit, own in units_of(events, "person").items():
        if entrant := find_entrant(own, tests, rule, as_of_us, "channel"):
            stood[unit] = entrant
    answer = ask(log, steps, rule, as_of_us)
    is_as(answer.frame, count_rows(list(stood.values()), len(steps)), where=rule)
    mine = {row[0]: row[1:] for row in answer.persons.itertuples(index=False, name=None)}
    theirs = {who: (e.furthest, e.status[e.furthest], moment(e.first.us), e.entry_step) for who, e in stood.items()}
    assert mine == theirs, rule
    for by_at in ("first", "last", len(steps)):
        parts: dict[str, list[Entrant]] = {}
        for entrant in stood.values():
            parts.setdefault(entrant.values.get(str(by_at), "(none)"), []).append(entrant)
        split = ask(log, steps, rule, as_of_us, by="channel", by_at=by_at).frame
        assert sorted(split["channel"].unique()) == sorted(parts), (rule, by_at)
        for value, frame in split.groupby("channel"):
            is_as(frame.drop(columns="channel"), count_rows(parts[value], len(steps)), where=(rule, by_at, value))


@pytest.mark.parametrize("seed", range(10))
def test_random_persons_stand_where_a_look_at_every_pair_puts_them(seed: int) -> None:
    source = random.Random(seed)
    events = draw_persons(source, 250)
    with open_log(events, **WITH_SEQUENCE) as log:
        for steps in source.sample(STEPS, 2):
            assert_open(log, events, steps, draw_rule(source, len(steps)), START + source.randint(3, 9) * SECOND)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 140))
def test_twenty_thousand_random_persons_stand_where_a_look_at_every_pair_puts_them(seed: int) -> None:
    source = random.Random(seed)
    events = draw_persons(source, 500)
    with open_log(events, **WITH_SEQUENCE) as log:
        for steps in STEPS:
            assert_open(log, events, steps, draw_rule(source, len(steps)), START + source.randint(3, 9) * SECOND)


@pytest.mark.parametrize("seed", range(200, 206))
def test_steps_and_links_are_closed_funnels_of_their_own(seed: int) -> None:
    source = random.Random(seed)
    events = draw_persons(source, 200)
    steps = ["A", ["A", "B"], "C"]
    as_of_us = START + source.randint(3, 9) * SECOND
    with open_log(events, **WITH_SEQUENCE) as log:
        rule = draw_rule(source, len(steps))
        frame = ask(log, steps, rule, as_of_us).frame
        alone = replace(rule, entry="best", exclude=(), within_us={})
        for k in range(3):
            assert (
                ask(log, steps[k : k + 1], alone, as_of_us).frame["reached_count"].iloc[0] == frame["reached_count"][k]
            )
        for k in range(2):
            exclude = tuple((test, 1, 2) for test, i, _ in rule.exclude if i == k + 1)
            within = {1: rule.within_us[k + 1]} if k + 1 in rule.within_us else {}
            link = replace(alone, exclude=exclude, within_us=within)
            assert (
                ask(log, steps[k : k + 2], link, as_of_us).frame["reached_count"].iloc[1] == frame["continued_count"][k]
            )


@pytest.mark.parametrize("seed", range(300, 304))
def test_everybody_is_somewhere_and_came_from_somewhere(seed: int) -> None:
    source = random.Random(seed)
    with open_log(draw_persons(source, 300), **WITH_SEQUENCE) as log:
        frame = ask(log, ["A", "B", "C", "A"], draw_rule(source, 4), START + 6 * SECOND).frame
        frame = frame.drop(columns="step_name")
    assert (frame["reached_count"] == frame["continued_count"] + frame["dropped_count"] + frame["open_count"])[
        :-1
    ].all()
    came = [0, *frame["continued_count"][:-1]]
    assert list(frame["reached_count"]) == list(frame["entered_count"] + came)
    assert list(frame.iloc[-1][["continued_count", "dropped_count", "open_count"]]) == [0, 0, 0]


def test_the_order_of_rows_does_not_matter() -> None:
    source = random.Random(7)
    frame = to_frame(draw_persons(source, 200))
    rule = replace(draw_rule(source, 3), ties="sequence", hold="channel")
    answers = []
    for rows in (frame, frame.sample(frac=1, random_state=3)):
        with jn.from_events(rows, **(COLUMNS | WITH_SEQUENCE)) as log:
            answer = ask(log, ["A", ["A", "B"], "B"], rule, START + 6 * SECOND, by="channel")
            answers.append((answer.frame, answer.persons, answer.definition))
    for one, other in zip(*answers, strict=True):
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other)
        else:
            assert one == other


def test_the_compiled_pass_finds_the_same_people(monkeypatch: pytest.MonkeyPatch) -> None:
    source = random.Random(11)
    with open_log(draw_persons(source, 300), **WITH_SEQUENCE) as log:
        for _ in range(4):
            rule = draw_rule(source, 3)
            answers = []
            for most in (10**9, 0):
                monkeypatch.setattr(compiled, "INTERPRETED_ROWS", most)
                answers.append(ask(log, ["A", ["A", "B"], "B"], rule, START + 6 * SECOND).frame)
            pd.testing.assert_frame_equal(*answers)
