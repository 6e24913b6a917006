"""A log in memory: rows whose person is given, as the tables that the models of a night would make of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from journeys.errors import InputError
from journeys.memory.ids import identify_rows
from journeys.memory.stream import build_stream
from journeys.memory.views import show_tables
from journeys.paths.log import EventLog
from journeys.sources.frame import FrameColumns, land_frame
from journeys.sources.frame_data import load_frame
from journeys.sources.visits import SessionRule
from journeys.warehouse import Engine


def read_log(
    data: pd.DataFrame | pa.Table | str | Path, columns: FrameColumns, *, timezone: str, unit: str | None
) -> tuple[EventLog, pd.DataFrame, int]:
    """Read rows into a log in memory.

    Returns:
        The log, the rejected rows (`row`, `column`, `value`, `reason`), and how many rows repeated an event_id.

    Raises:
        InputError: no row is usable.
    """
    engine = Engine()
    frame = load_frame(engine, data)
    rejects = land_frame(engine, frame, columns, timezone=timezone, unit=unit)
    usable_count = int(engine.value("SELECT COUNT(*) FROM read_rows WHERE reason IS NULL"))
    if usable_count == 0:
        raise InputError(
            "no-events",
            "no row is usable",
            found="; ".join(f"{count:,} x {reason}" for reason, count in rejects["reason"].value_counts().items()),
            do="see which columns were named",
        )
    if columns.session is not None:
        _part_shared_sessions(engine)
    events = identify_rows(engine, frame, has_ids=columns.event_id is not None)
    event_count, as_of_us = build_stream(engine, events, columns)
    facts = show_tables(engine, frame, columns, timezone=timezone)
    engine.run("DROP VIEW landed_rows; DROP TABLE read_rows; DROP TABLE IF EXISTS final_ids")
    log = EventLog(engine, as_of_us, timezone, facts, session_rule=SessionRule())
    return log, rejects, usable_count - event_count


def _part_shared_sessions(engine: Engine) -> None:
    """Tell apart sessions of several persons that carry one id, as with counters that begin anew for each person."""
    engine.run(
        """
        UPDATE read_rows SET source_session_id = source_session_id || ' of ' || user_id
        WHERE reason IS NULL AND source_session_id IN (
          SELECT source_session_id FROM read_rows WHERE reason IS NULL
          GROUP BY source_session_id HAVING MIN(user_id) <> MAX(user_id)
        )
        """
    )
