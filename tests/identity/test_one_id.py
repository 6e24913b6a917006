"""Millions of events of one device: guarded, in time proportional to their number, and nothing lost."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from journeys.config import load_settings
from journeys.identity import build_persons
from journeys.sessions import build_sessions
from journeys.sources import pull_source
from journeys.sources.events import build_events
from journeys.warehouse import Engine

CONFIG = """
[project]
name = "One device"
[warehouse]
path = "warehouse"
[[source]]
name = "web"
kind = "file"
path = "web.parquet"
[source.columns]
event_id = "id"
occurred_at = "at"
device_id = "device"
user_id = "person"
event = "event"
[[goal]]
name = "buy"
match = { event = "buy" }
"""
USERS = 7


@pytest.mark.parametrize("count", [200_000, pytest.param(10_000_000, marks=pytest.mark.prove)])
def test_a_device_that_never_stops_is_a_hub_and_every_event_is_somebodys(tmp_path: Path, count: int) -> None:
    """One event a second on one device, every thousandth with one of seven users: a single visit of all."""
    (tmp_path / "journeys.toml").write_text(CONFIG, encoding="utf-8")
    duckdb.sql(
        f"""
        COPY (SELECT i AS id, make_timestamp(1767225600000000 + i * 1000000) AS at, 'D' AS device, 'view' AS event,
          CASE WHEN i % 1000 = 0 THEN 'u' || (i // 1000 % {USERS}) END AS person FROM range({count}) AS rows(i))
        TO '{tmp_path / "web.parquet"}'
        """
    )
    settings = load_settings(tmp_path / "journeys.toml")
    pull_source(
        settings.sources[0],
        settings.project,
        folder=tmp_path / "landing",
        settings_folder=tmp_path,
        loaded_at_us=1_798_761_600_000_000,
    )
    with Engine(tmp_path / "results.duckdb", memory_limit="4GB") as engine:
        build_events(engine, settings, [tmp_path / "landing" / "web.parquet"])
        build_persons(engine, settings)
        build_sessions(engine)
        assert engine.rows("SELECT accepted_count, rejected_count FROM data_quality") == [(count, 0)]
        assert engine.rows("SELECT guard, linked_count FROM guarded_identifiers") == [("hub", USERS)]
        assert engine.value("SELECT COUNT(DISTINCT event_id) FROM event_persons") == count
        by = dict(engine.rows("SELECT known_by, COUNT(*) FROM event_persons GROUP BY known_by"))
        assert by == {"user_id": count // 1000, "earlier in the visit": count - count // 1000}
        assert engine.rows("SELECT COUNT(*), MIN(is_bot) FROM persons") == [(USERS, True)]
        assert engine.rows("SELECT DISTINCT bot_reason FROM events") == [("too many events",)]
        assert engine.value("SELECT CAST(SUM(event_count) AS BIGINT) FROM sessions") == count
        assert engine.row_count("sessions") == count // 1000
