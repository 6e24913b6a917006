"""Rows that no vendor should write: each lands once, and none ends the pull."""

from __future__ import annotations

import json
import time
from pathlib import Path

import duckdb
import pytest

from journeys.config import load_settings
from journeys.sources.pull import pull_source

WRONG = (
    "text",
    "",
    " ",
    0,
    -1,
    1e300,
    True,
    [],
    [1, {"a": 2}],
    {},
    {"a": {"b": [None]}},
    None,
    "$device:",
    "\u0000x",
    "9" * 400,
)
# By preset: fields that its mapping reads, by path.
FIELDS = {
    "segment_archive": ("timestamp", "type", "event", "anonymousId", "context", "context.page", "properties", "traits"),
    "posthog": (
        "uuid",
        "timestamp",
        "event",
        "distinct_id",
        "properties",
        "person_properties",
        "properties.$device_id",
    ),
    "mixpanel": ("event", "properties", "properties.time", "properties.distinct_id", "properties.$insert_id"),
    "amplitude": ("uuid", "event_time", "event_id", "session_id", "event_properties", "user_properties", "groups"),
}
NORMAL = {
    "segment_archive": {"type": "page", "messageId": "1", "anonymousId": "a", "timestamp": "2026-03-01T09:00:00Z"},
    "posthog": {"uuid": "1", "event": "$pageview", "distinct_id": "a", "timestamp": "2026-03-01T09:00:00Z"},
    "mixpanel": {"event": "Open"},
    "amplitude": {"uuid": "1", "event_type": "Open", "device_id": "a", "event_time": "2026-03-01 09:00:00.000000"},
}
SHAPELESS = ("", "{", "[]", "null", "7", '"text"', "{}", '{"properties": "{"}', '{"event": {}}', '{"a": 1} {"b": 2}')


def list_rows(preset: str) -> list[str]:
    """Each field with each wrong value in a row that is right else, and lines without any shape."""
    rows = []
    for field in FIELDS[preset]:
        for value in WRONG:
            row = json.loads(json.dumps(NORMAL[preset]))
            outer, _, inner = field.partition(".")
            row[outer] = {inner: value} if inner else value
            rows.append(json.dumps(row))
    return [*rows, *SHAPELESS[1:]]


@pytest.mark.parametrize("preset", sorted(FIELDS))
def test_each_row_lands_once(preset: str, tmp_path: Path) -> None:
    rows = list_rows(preset)
    (tmp_path / "events.jsonl").write_text("\n".join(rows), encoding="utf-8")
    file = tmp_path / "journeys.toml"
    source = f'[[source]]\nname = "web"\npreset = "{preset}"\npath = "events.jsonl"\n'
    file.write_text(f'[project]\nname = "Acme"\n{source}', encoding="utf-8")
    settings = load_settings(file)
    pull_source(settings.sources[0], settings.project, folder=tmp_path / "landed", settings_folder=tmp_path,
                loaded_at_us=time.time_ns() // 1_000)  # fmt: skip
    landed = duckdb.sql(f"SELECT * FROM read_parquet('{tmp_path}/landed/web.parquet') ORDER BY line").df()
    assert list(landed["line"]) == list(range(1, len(rows) + 1))
    shapeless = landed[landed["unreadable"].notna()]
    assert len(shapeless) == 6  # all of SHAPELESS but the blank line and three objects
