"""The models of the insights run inside a scratch engine; here each is held to its header on hard logs."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

import journeys as jn
from journeys.errors import ModelError
from journeys.warehouse import Engine, check_table, load_models, select_model


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Check every model that a verb selects from, wherever its text is run; gives the names that were checked."""
    asked: dict[str, tuple[str, dict[str, object]]] = {}
    done: set[str] = set()
    execute = Engine._execute
    checker = Engine()

    def remember(name: str, parameters: Any = None) -> tuple[str, dict[str, object]]:
        asked[name] = select_model(name, parameters)
        return asked[name]

    def execute_and_check(engine: Engine, statement: str, parameters: Any) -> Any:
        for name, (select, given) in list(asked.items()):
            if select in statement:
                del asked[name]
                rows = execute(engine, select, given).df()
                checker.load(name, rows)
                check_table(checker, load_models()[name])
                done.add(name)
        return execute(engine, statement, parameters)

    for name, module in list(sys.modules.items()):
        if name.startswith("journeys.insights.") and hasattr(module, "select_model"):
            monkeypatch.setattr(module, "select_model", remember)
    monkeypatch.setattr(Engine, "_execute", execute_and_check)
    yield done
    checker.close()


def log_of(seed: int, persons: int) -> jn.Journeys:
    source = random.Random(seed)
    rows = [
        (f"p{source.randrange(persons)}", 1_772_323_200 + source.randrange(40) * 600, source.choice("ABCD"), f"e{n}")
        for n in range(persons * 6)
    ]
    frame = pd.DataFrame(rows, columns=["who", "at", "what", "id"])
    frame["company"] = [None if n % 3 else f"c{n % 5}" for n in range(len(frame))]
    return jn.from_events(
        frame, person="who", occurred_at="at", event="what", event_id="id", account="company", unit="s"
    )


def test_every_insight_keeps_the_promises_of_its_headers(held: set[str]) -> None:
    log = log_of(3, 40)
    for unit in ("person", "session", "account"):
        log.transitions(unit, boundaries=True)
        log.paths(unit=unit, start="A", goal="B", end=["B", "C"], depth=3, top=2)
        log.funnel(["A", ["A", "B"], "B"], "1h", unit=unit)
        log.touchpoints("D", unit=unit)
        log.variants("B", unit=unit, top=2)
        log.rework(unit=unit)
        log.step_matrix(unit=unit, depth=4, top=1, goal="B")
        log.dropoff("D", unit=unit)
        log.stages("D", stages={"early": "A", "late": ["B", "C"]}, within="1h", unit=unit)
        log.touches("D", stages={"early": "A", "late": ["B", "C"]}, unit=unit)
    log.touchpoints("D", by="company")
    log.exits()
    log.channels()
    log.exits(bounce="ga4", views="A", goal="D")
    log.visits("D")
    log.effects("D")
    log.funnel_times(["A", "B"], "1h", competing="(dropped)", inactive_days=1)
    log.separators(["A", "B"], "1h", columns=["company"])
    log.catalogue(address="company")
    log.funnel(["A", ["A", "B"], "B"], "1h", unit="account", contacts=2)
    log.step_matrix_difference(["(converted)"], goal="B", depth=3)
    stages = "CASE touchpoint WHEN 'A' THEN 'awareness' WHEN 'B' THEN 'retention' WHEN 'C' THEN 'purchase' END"
    log.log.engine.run(f"CREATE TABLE staged AS SELECT * REPLACE ({stages} AS stage) FROM person_events; "
                       "DROP VIEW person_events; ALTER TABLE staged RENAME TO person_events")  # fmt: skip
    log.backtracks()
    log.transitions(collapse=True)
    log.explore(start="A", via="B")
    log.paths(collapse=False)
    log.paths(revisits=True, floor=3, by="company", groups=["c1", "c2"], top=2)
    log.funnel(["A", ["A", "B"], "B"], "1h", entry="first", ties="increasing")
    log.funnel(["A", "B", "C"], as_of="2020-01-01")
    for by in (None, "company"):
        log.funnel(["A", ["A", "B"], "C"], "1h", entry="open", by=by, by_at="last", as_of="2026-03-01 05:00")
    insights = {name for name, model in load_models().items() if model.stage == "5_insights"}
    # These belong to the nightly run.
    assert insights - held <= {"account_outcomes", "journey_outcomes", "responses", "stage_contacts"}


def test_the_check_of_this_file_can_fail(held: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_models()["transition_counts"]
    broken = type(model)(**{**vars(model), "checks": ("transition_count > 1000",)})
    monkeypatch.setitem(load_models(), "transition_counts", broken)
    with pytest.raises(ModelError, match="1000"):
        log_of(2, 3).transitions()
