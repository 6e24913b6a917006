"""Exports and logs in a layout that a preset knows are told by what lies in them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from journeys.sources.guess import draft_settings

FIXTURES = Path(__file__).parents[1] / "presets"


@pytest.mark.parametrize(
    ("file", "preset"),
    [
        ("snowplow/events.csv", "snowplow"),
        ("web_logs/access.log", "access_log"),
        ("web_logs/u_ex260301.log", "w3c_log"),
        ("web_logs/nginx.json", "nginx_json"),
    ],
)
def test_a_known_layout_is_told(tmp_path: Path, file: str, preset: str) -> None:
    drafted = draft_settings(str(FIXTURES / file), tmp_path)
    (source,) = tomllib.loads(drafted.text)["source"]
    assert source["preset"] == preset
    assert source["path"] == (FIXTURES / file).as_posix()
