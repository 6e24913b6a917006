"""A log in memory is cut as arrays, and every table of it equals, column by column, what the models of `sql/` build."""

from __future__ import annotations

import random
import warnings

import pandas as pd
import pytest
from modelled_log import TABLES, build_by_models
from pandas.testing import assert_frame_equal

import journeys as jn
from journeys.sources.frame import FrameColumns

HALF_HOUR = 1_800_000_000
OPTIONS: dict[str, object] = {"event_id": "id", "sequence": "place", "session": "visit", "account": "firm",
                              "channel": "via", "value": "price"}  # fmt: skip


def draw_rows(source: random.Random, count: int) -> pd.DataFrame:
    """Rows with ties, pauses about the timeout, repeated and missing ids, and rows that cannot be used."""
    pauses = [0, 0, 1, HALF_HOUR - 1, HALF_HOUR, HALF_HOUR + 1, 40 * HALF_HOUR]
    at, rows = 1_774_000_000_000_000, []
    for _ in range(count):
        at = source.choice([at, at + source.choice(pauses), 1_774_000_000_000_000])
        rows.append(
            {
                "who": source.choice(["p", "q", "rä", "p", None, " "]),
                "at": source.choice([at] * 9 + [None]),
                "what": source.choice(["A", "B", "(dropped)", "(other)", "A b", ""]),
                "id": source.choice([*"abcdefghij", None, "d", "i7"]),
                "place": source.choice([1, 2.5, None, 10]),
                "visit": source.choice(["1", "2", None]),
                "firm": source.choice(["f", None, ""]),
                "via": source.choice(["Direct", "Mail", "ads", None, "", "Direct"]),
                "price": source.choice(["1.5", "x", None, "nan"]),
                "phone": source.choice(["x", "y", None]),
                "ip": source.choice(["10.0.0.1", None]),
            }
        )
    frame = pd.DataFrame(rows)
    frame["at"] = frame["at"].astype("Int64")
    return frame


def assert_equal_to_models(seed: int) -> None:
    source = random.Random(seed)
    frame = draw_rows(source, source.randint(1, 40))
    if source.random() < 0.3:
        frame["id"] = [f"e{number}" for number in range(len(frame))]
    chosen = {name: column for name, column in OPTIONS.items() if source.random() < 0.5}
    if source.random() < 0.6:
        chosen["device"] = source.choice(["phone", ("phone", "ip")])
    zone = source.choice(["UTC", "Europe/Riga", "America/New_York"])
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in chosen.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            log = jn.from_events(frame, person="who", occurred_at="at", event="what", unit="us", timezone=zone, **given)
        except jn.InputError as error:
            assert "no row is usable" in str(error)  # noqa: PT017 - few of the logs are empty
            return
    models = build_by_models(frame, FrameColumns("who", "at", "what", **chosen), timezone=zone, unit="us")
    with log, models:
        assert log.log.as_of_us == models.value("SELECT MAX(occurred_at_us) FROM events")
        assert log.repeat_count == models.row_count("landed_rows") - models.row_count("events")
        for name, key in TABLES.items():
            ours, theirs = log.table(name), models.frame(f"SELECT * FROM {name}")
            sort = {"by": key, "ignore_index": True}
            assert_frame_equal(ours.sort_values(**sort), theirs.sort_values(**sort), obj=f"{name} of log {seed}")


@pytest.mark.parametrize("seed", range(16))
def test_every_table_of_a_random_log_equals_what_the_models_build(seed: int) -> None:
    assert_equal_to_models(seed)


@pytest.mark.prove
def test_every_table_of_hundreds_of_random_logs_equals_what_the_models_build() -> None:
    for seed in range(100, 400):
        assert_equal_to_models(seed)
