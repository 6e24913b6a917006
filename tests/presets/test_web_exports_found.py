"""Each export of web analytics is told by its own columns, also from those that were made alike."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from journeys.sources.guess.drafting import draft_settings

FOLDER = Path(__file__).parent


@pytest.mark.parametrize(
    ("place", "preset"),
    [
        ("segment/tracks.csv", "segment/tracks"),
        ("segment/pages.csv", "segment/pages"),
        ("segment_archive/1772323200000.log", "segment_archive"),
        ("rudderstack/tracks.csv", "rudderstack/tracks"),
        ("rudderstack/pages.csv", "rudderstack/pages"),
        ("posthog/events.jsonl", "posthog"),
        ("mixpanel/export.txt", "mixpanel"),
        ("amplitude/123_2026-03-01_9#0.json", "amplitude"),
        ("ga4/events_20260301.json", "ga4"),
        ("matomo_live/visits.json", "matomo_live"),
    ],
)
def test_a_file_names_its_preset(place: str, preset: str, tmp_path: Path) -> None:
    drafted = draft_settings(str(FOLDER / place), tmp_path)
    assert f'preset = "{preset}"' in drafted.text, drafted.lines


def test_a_database_names_its_preset(tmp_path: Path) -> None:
    path = tmp_path / "matomo.sqlite"
    with sqlite3.connect(path) as database:
        database.executescript((FOLDER / "matomo" / "matomo.sql").read_text(encoding="utf-8"))
    database.close()
    drafted = draft_settings(f"sqlite:///{path.as_posix()}", tmp_path)
    assert 'preset = "matomo"' in drafted.text, drafted.lines
