"""Rows of a log in memory land in the same columns as those of files."""

from __future__ import annotations

import pandas as pd

from journeys.schema import LANDED_COLUMNS
from journeys.sources.frame import FrameColumns, land_frame
from journeys.sources.frame_data import load_frame
from journeys.warehouse import Engine


def test_a_frame_lands_as_events_whose_persons_are_given_and_never_judged():
    data = pd.DataFrame({"who": ["u1", "NULL", "info@a.example"], "at": ["2024-01-01"] * 3, "what": ["a"] * 3})
    with Engine() as engine:
        frame = load_frame(engine, data)
        columns = FrameColumns(person="who", occurred_at="at", event="what")
        rejects = land_frame(engine, frame, columns, timezone="UTC", unit=None)
        assert rejects.empty
        assert engine.columns("landed_rows") == [column.name for column in LANDED_COLUMNS]
        rows = engine.rows("SELECT user_id, is_event, is_interaction, identifiers FROM landed_rows ORDER BY line")
    assert rows == [(who, True, True, None) for who in ("u1", "NULL", "info@a.example")]
