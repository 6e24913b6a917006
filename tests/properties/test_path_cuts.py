"""Paths cut as arrays equal those of the models, row by row, whatever the order in which contacts lie."""

from __future__ import annotations

import random
from itertools import product

import pandas as pd
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal
from random_logs import START, open_log
from reference import DAY, Event

import journeys as jn
from journeys.insights import marks
from journeys.insights.marks import Anchors, cut_paths, prepare_contacts
from journeys.paths.in_order import is_in_order, read_in_order
from journeys.warehouse import Engine

TABLES = {"path_cut": "event_id", "path_steps": "unit_id, step_index", "path_units": "unit_id"}
ANCHORS = [Anchors(), Anchors(goal="C"), Anchors(start="A", goal="C", end="D"), Anchors(end=["C", "D"]),
           Anchors(start="B", end="B")]  # fmt: skip


def draw_log(seed: int) -> list[Event]:
    """Some hundred events of some dozen persons: half days apart, many at one time, some told apart by sequence."""
    source = random.Random(seed)
    is_sequenced, has_devices = source.random() < 0.5, source.random() < 0.5
    return [
        Event(
            f"p{source.randint(0, 30)}",
            START + source.randint(0, 12) * DAY // 2,
            source.choice("ABCD"),
            f"e{source.random():.6f}",
            sequence=source.choice([None, 1.0, 2.0]) if is_sequenced else None,
            device=source.choice([None, "x", "y"]) if has_devices else None,
            account=source.choice([None, "f", "g"]),
        )
        for _ in range(source.randint(20, 300))
    ]


def cut_both(log: jn.Journeys, anchors: Anchors, unit: str, monkeypatch: pytest.MonkeyPatch, *, collapse: bool,
             as_of_us: int) -> list[dict[str, pd.DataFrame]]:  # fmt: skip
    """Cut by the models and as arrays."""
    found = []
    for rows_from in (10**9, 0):
        monkeypatch.setattr(marks, "ROWS_FROM", rows_from)
        with log.log.engine.scratch() as scratch:
            prepare_contacts(log.log, scratch, anchors, unit=unit, as_of_us=as_of_us)
            cut_paths(scratch, anchors, collapse=collapse, inactive_us=2 * DAY, as_of_us=as_of_us)
            found.append({name: scratch.frame(f"SELECT * FROM {name} ORDER BY {key}") for name, key in TABLES.items()})
    return found


@pytest.mark.parametrize("seed", range(4))
def test_arrays_write_the_tables_of_the_models(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    events = draw_log(seed)
    with open_log(events, sequence="sequence", device="device", account="account") as log:
        for anchors, unit, collapse in product(ANCHORS, ("person", "session", "account"), (True, False)):
            as_of_us = START + random.Random(seed).choice([0, 3, 6]) * DAY
            models, arrays = cut_both(log, anchors, unit, monkeypatch, collapse=collapse, as_of_us=as_of_us)
            for name in TABLES:
                assert_frame_equal(arrays[name], models[name], obj=f"{name}, {anchors}, {unit}, log {seed}")


def test_an_answer_over_arrays_is_that_of_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_log(draw_log(9), account="account") as log:
        verbs = {
            "paths": log.paths,
            "ends": lambda: log.paths(start="A", goal="B", end="D", depth=2, collapse=False, unit="account"),
            "goal": lambda: log.paths(goal="C", depth=3, unit="session", as_of="2026-03-05"),
            "named": lambda: log.paths(goal="C", top=2, revisits=True),
            "groups": lambda: log.paths(by="account", depth=3),
            "variants": lambda: log.variants(goal="D"),
            "matrix": log.step_matrix,
            "touchpoints": lambda: log.touchpoints("C"),
            "transitions": log.transitions,
            "collapsed": lambda: log.transitions("account", collapse=True, boundaries=True),
            "bounded": lambda: log.transitions("session", boundaries=True),
            "no transitions": lambda: log.transitions(boundaries=True, as_of="2020-01-01"),
            "nobody": lambda: log.paths(as_of="2020-01-01"),
        }
        by_models = {name: ask() for name, ask in verbs.items()}
        monkeypatch.setattr(marks, "ROWS_FROM", 0)
        for name, ask in verbs.items():
            answer = ask()
            assert_frame_equal(answer.frame, by_models[name].frame, obj=name)
            for table, frame in answer.tables.items():
                assert_frame_equal(frame, by_models[name].tables[table], obj=f"{name}.{table}")


ROWS = [("a", 5, "e1"), ("a", 5, "e2"), ("a", 7, "e0"), ("b", 1, "e3")]


def lay(rows: list[tuple[str, int, str]], **columns: list[object]) -> pa.Table:
    units, times, ids = zip(*rows, strict=True)
    given = {"unit_id": units, "occurred_at_us": times, "event_id": ids, "source_index": [1] * len(rows),
             "sequence": [None] * len(rows)} | columns  # fmt: skip
    return pa.table({name: pa.array(values) for name, values in given.items()})


def test_rows_out_of_order_are_noticed() -> None:
    assert is_in_order(lay(ROWS))
    assert is_in_order(lay(ROWS[3:] + ROWS[:3])), "units may follow each other in any order"
    assert not is_in_order(lay([ROWS[1], ROWS[0], *ROWS[2:]])), "ids of one time"
    assert not is_in_order(lay([ROWS[2], *ROWS[:2], ROWS[3]])), "times"
    assert not is_in_order(lay([*ROWS[:2], ROWS[3], ROWS[2]])), "a unit in two places"
    assert not is_in_order(lay(ROWS, source_index=[2, 1, 1, 1])), "sources of one time"
    assert not is_in_order(lay(ROWS, sequence=[2.0, 1.0, None, None])), "the source's own order"
    assert is_in_order(lay(ROWS[:1]))


def test_contacts_that_lie_in_any_order_are_read_in_theirs() -> None:
    rows = [(f"u{n // 7}", n % 7 // 2, f"e{n:05d}") for n in range(30_000)]
    with Engine() as engine:
        for place in (0, 29_000):  # inside the rows that are looked at first, and behind them
            moved = [*rows[:place], *rows[place : place + 500][::-1], *rows[place + 500 :]]
            engine.load("lain", lay(moved))
            read = read_in_order(engine, "lain")
            assert is_in_order(read)
            assert sorted(read["event_id"].to_pylist()) == [row[2] for row in rows]
