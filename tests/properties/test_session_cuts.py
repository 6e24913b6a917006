"""Sessions cut as arrays equal those cut by the models, under every rule: reasons, numbers, ids."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from random_logs import many_persons, open_log

import journeys as jn
from journeys.insights import session_list
from journeys.sessions import build_sessions
from journeys.sessions.cut import cut_events, name_reasons
from journeys.sources.visits import SessionRule, build_visits
from journeys.warehouse import Engine

MINUTE = 60_000_000
DAY = 1_440 * MINUTE


def draw_events(source: random.Random, count: int) -> pd.DataFrame:
    """Events of a few devices and persons: ties, pauses about half an hour, ids and campaigns that come and go."""
    rows = []
    for number in range(count):
        us = source.choice([0, 10, 20, 30, 40, 50, 60, 90, 1430, 1440, 1450]) * MINUTE
        rows.append(
            {
                "event_id": f"e{number:03d}",
                "stream_id": source.choice("xyz"),
                "person_id": source.choice("pppq"),
                "occurred_at_us": us,
                "source_index": source.choice([1, 2]),
                "sequence": source.choice([None, 1.0, 2.0]),
                "source_session_id": source.choice([None, "1", "2"]),
                "campaign": source.choice([None, None, "a", "b"]),
                "local_date": np.datetime64("2026-03-01") + us // DAY,
                "is_interaction": source.random() < 0.9,
            }
        )
    frame = pd.DataFrame(rows)
    return frame.astype({"source_session_id": "str", "campaign": "str", "sequence": "float64"})


def draw_rule(source: random.Random) -> SessionRule:
    return SessionRule(
        timeout_us=source.choice([10, 20, 30]) * MINUTE,
        is_gap_inclusive=source.random() < 0.5,
        max_length_us=source.choice([None, None, 20 * MINUTE, 30 * MINUTE]),
        is_midnight_split=source.random() < 0.5,
        is_campaign_split=source.random() < 0.5,
        is_source_id_kept=source.random() < 0.5,
    )


def assert_cut_alike(seed: int) -> None:
    source = random.Random(seed)
    rule = draw_rule(source)
    with Engine() as engine:
        engine.load("accepted_rows", draw_events(source, source.randint(1, 40)))
        nobodys = "FALSE AS is_bot, CAST(NULL AS VARCHAR) AS bot_reason, campaign AS channel"
        engine.show("events", "SELECT *, stream_id AS device_id, MAKE_TIMESTAMP(occurred_at_us) AS occurred_at, "
                    f"{nobodys} FROM accepted_rows")  # fmt: skip
        engine.show("event_persons", "SELECT event_id, person_id FROM accepted_rows")
        build_visits(engine, rule)
        build_sessions(engine)
        expected = engine.frame("SELECT event_id, start_reason, split_reason, visit_index, event_index, session_id "
                                "FROM session_events ORDER BY event_id")  # fmt: skip
        events = engine.arrow("SELECT * FROM accepted_rows WHERE is_interaction ORDER BY stream_id, occurred_at_us, "
                              "source_index, sequence NULLS LAST, event_id")  # fmt: skip
    cuts = cut_events(events, rule)
    ids = events["event_id"].to_pandas()
    found = pd.DataFrame({
        "event_id": ids,
        "start_reason": name_reasons(cuts.start_reasons).to_pandas(),
        "split_reason": name_reasons(cuts.split_reasons).to_pandas(),
        "visit_index": cuts.visits,
        "event_index": cuts.event_indexes,
        "session_id": ids.to_numpy()[cuts.firsts][cuts.sessions] if len(ids) else ids,
    }).sort_values("event_id", ignore_index=True)  # fmt: skip
    # Ids are hashes of the first event's: they are compared as groups.
    for frame in (found, expected):
        frame["session_id"] = frame.groupby("session_id")["event_id"].transform("min")
    assert_frame_equal(found, expected, check_dtype=False, obj=f"log {seed}, {rule}")


@pytest.mark.parametrize("seed", range(20))
def test_arrays_cut_a_random_log_as_the_models_do(seed: int) -> None:
    assert_cut_alike(seed)


@pytest.mark.prove
def test_arrays_cut_hundreds_of_random_logs_as_the_models_do() -> None:
    for seed in range(1_000, 1_400):
        assert_cut_alike(seed)


def test_a_log_too_large_for_memory_is_cut_in_sql_to_the_same_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"timeout": "3s", "max_length": "5s", "midnight": True}

    def ask(log: jn.Journeys) -> list[pd.DataFrame]:
        return [log.sessions(**asked).frame, log.sessions(as_of="2026-03-01T00:00:07Z").frame,
                log.sessions("1s", as_of="2020-01-01").frame]  # fmt: skip

    with open_log(many_persons(3, 200)) as log:
        in_memory = ask(log)
        monkeypatch.setattr(session_list, "MOST_IN_MEMORY", 0)
        in_sql = ask(log)
    for mine, theirs in zip(in_memory, in_sql, strict=True):
        assert_frame_equal(mine, theirs)
    assert len(in_memory[0]) > 200
    assert in_memory[2].empty
