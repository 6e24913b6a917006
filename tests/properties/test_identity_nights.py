"""Night by night is all at once: rows that arrive late and out of order end in the same persons, ids included."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from identity_logs import Found, draw_cases, draw_overrides, read_found, write_configuration, write_log
from reference_identity import Row, Rules

from journeys.config import load_settings
from journeys.warehouse import Engine, find_current

STATE_TABLES = ("identifiers", "identity_edges", "guarded_identifiers", "identity_refusals", "persons", "event_persons")


def read_published(config: Path) -> tuple[Found, dict[str, list[tuple[Any, ...]]]]:
    snapshot = find_current(load_settings(config).warehouse.path)
    assert snapshot is not None
    with Engine() as engine:
        engine.attach(snapshot.results, name="published")
        tables = {name: sorted(engine.rows(f"SELECT * FROM {name}"), key=repr) for name in STATE_TABLES}
        return read_found(engine), tables


@pytest.mark.parametrize(
    ("seed", "night_count"), [(1, 2), *(pytest.param(seed, 4, marks=pytest.mark.prove) for seed in range(10, 12))]
)
def test_night_by_night_is_all_at_once(
    tmp_path: Path, refresh: Callable[..., Any], seed: int, night_count: int
) -> None:
    source = random.Random(seed)
    cases = draw_cases(seed, 60)
    overrides = [one for case in cases for one in draw_overrides(source, case, most=2)]
    text = write_configuration(Rules(hub_degree=2, overrides=overrides))
    rows = list(chain.from_iterable(cases))
    night_of: dict[str, int] = {row.event_id: source.randrange(night_count) for row in rows}

    configs = [tmp_path / name / "journeys.toml" for name in ("nights", "once")]
    for config in configs:
        config.parent.mkdir()
        config.write_text(text, encoding="utf-8")
    nights, once = configs
    ids = []
    for night in range(night_count):
        arrived: list[Row] = [row for row in rows if night_of[row.event_id] == night]
        write_log(nights.parent, arrived, deal=lambda row: f"night-{night_of[row.event_id]}")
        assert refresh(nights).is_new
        ids.append(read_published(nights)[0].persons)
    assert any(ids[-1][one] != person for one, person in ids[0].items()), "persons have grown together since"

    write_log(once.parent, rows)
    refresh(once)
    (found, tables), (expected, expected_tables) = read_published(nights), read_published(once)
    assert found == expected
    assert tables == expected_tables
