"""A sample of persons worked out again each night finds what a night has forgotten to bring up to date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dealt_company import DealtCompany, read_fingerprints

from journeys.errors import ModelError
from journeys.nights import rows


def make(folder: Path, persons: int) -> DealtCompany:
    company = DealtCompany(folder, persons=60, night_count=3, seed=31)
    text = company.config.read_text(encoding="utf-8")
    named = text.replace("[warehouse]\n", f"[warehouse]\nverify_persons = {persons}\n", 1)
    company.config.write_text(named, encoding="utf-8")
    return company


@pytest.mark.prove
def test_a_night_that_is_right_is_verified(
    tmp_path: Path, refresh: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    company = make(tmp_path, 40)
    for night in range(3):
        company.arrive(night)
        refresh(company.config)
    assert capsys.readouterr().err.count("40 persons worked out again are what is kept of them") == 3


@pytest.mark.prove
def test_a_night_that_forgets_streams_is_not_published(
    tmp_path: Path, refresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make(tmp_path, 1_000)
    company.arrive(0)
    refresh(company.config)
    before = read_fingerprints(company.config)
    touch = rows.Night.touch

    def forget(night: Any, engine: Any, name: str, select: str) -> None:
        if name != "touched_streams" or night.former_as_of_us is None or "accepted_rows" not in select:
            touch(night, engine, name, select)

    company.arrive(1)
    with monkeypatch.context() as broken:
        broken.setattr(rows.Night, "touch", forget)
        with pytest.raises(ModelError, match="stream_events"):
            refresh(company.config)
    assert read_fingerprints(company.config) == before
    refresh(company.config)
    assert read_fingerprints(company.config) != before


def test_late_events_are_told(tmp_path: Path, refresh: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    head = """
[project]
name = "Late"
[[source]]
name = "web"
kind = "file"
path = "*.csv"
[source.columns]
event_id = "id"
occurred_at = "at"
device_id = "device"
event = "what"
[[touchpoint]]
name = "Page"
match = { event = "page" }
[[goal]]
name = "order"
match = { event = "order" }
"""
    config = tmp_path / "journeys.toml"
    config.write_text(head, encoding="utf-8")
    columns = "id,at,device,what\n"
    # a: two journeys, cut by the order; b: one, open; c: one.
    (tmp_path / "1.csv").write_text(
        columns + "1,2026-03-01T10:00:00Z,a,page\n2,2026-03-02T10:00:00Z,a,order\n3,2026-03-05T10:00:00Z,a,page\n"
        "4,2026-03-05T11:00:00Z,b,page\n5,2026-03-10T10:00:00Z,c,page\n", encoding="utf-8")  # fmt: skip
    refresh(config)
    assert "late events" not in capsys.readouterr().err
    # Two late ones (a's second journey ends later; b's begins 2.1 days before the end) and one of a new day.
    (tmp_path / "2.csv").write_text(
        columns + "6,2026-03-08T07:00:00Z,b,page\n7,2026-03-09T10:00:00Z,a,page\n8,2026-03-11T10:00:00Z,d,page\n",
        encoding="utf-8")  # fmt: skip
    refresh(config)
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("late events")]
    # Changed: a's second, b's, and d's new one; the end of observation is 11 March 10:00, 3.1 days after b's.
    assert told == [
        "late events            2 happened before the last end of observation; changed 3 journeys of the last 4 days"
    ]
