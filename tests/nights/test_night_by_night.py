"""Night by night is all at once, row for row: late events, repeats, merged and split persons, a CRM that fills up."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dealt_company import DealtCompany, check_equal, read_fingerprints

from journeys.config import load_settings
from journeys.nights import night as night_module
from journeys.nights import rows, stages
from journeys.warehouse import find_current

SMALL = pytest.param(120, 4, 3)
WHOLE = pytest.param(400, 60, 5, marks=pytest.mark.prove)


def deal_twice(folder: Path, persons: int, night_count: int, seed: int) -> tuple[DealtCompany, DealtCompany]:
    return tuple(
        DealtCompany(folder / name, persons=persons, night_count=night_count, seed=seed) for name in ("nights", "once")
    )  # type: ignore[return-value]


@pytest.mark.parametrize(("persons", "night_count", "seed"), [SMALL, WHOLE])
def test_night_by_night_is_all_at_once(
    tmp_path: Path, refresh: Callable[..., Any], persons: int, night_count: int, seed: int
) -> None:
    nights, once = deal_twice(tmp_path, persons, night_count, seed)
    for night in range(night_count):
        nights.arrive(night)
        assert refresh(nights.config).is_new
    once.arrive_whole()
    refresh(once.config)
    check_equal(nights.config, once.config)
    changes = shown_changes(nights.config)
    assert {"merged", "renamed"} <= changes, "persons have grown together on the way"
    # A rebuild of what the nights have stored is the same again.
    refresh(nights.config, full=True)
    check_equal(nights.config, once.config)


@pytest.mark.prove
def test_nights_in_any_order_and_each_run_twice(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    nights, once = deal_twice(tmp_path, 80, 3, 11)
    order = [2, 0, 1]
    for place, night in enumerate(order):
        nights.arrive(night, as_night=place)
        assert refresh(nights.config).is_new
        before = read_fingerprints(nights.config)
        assert not refresh(nights.config).is_new, "the same night again is nothing new"
        assert read_fingerprints(nights.config) == before
    once.arrive_whole()
    refresh(once.config)
    check_equal(nights.config, once.config)


@pytest.mark.parametrize(
    ("former", "changed", "stage"),
    [
        ('timeout = "30m"', 'timeout = "10m"', "sessions"),
        pytest.param("inactive_days = 30", "inactive_days = 12", "journeys", marks=pytest.mark.prove),
        pytest.param('rule = "device_split"', 'rule = "last_known"', "persons", marks=pytest.mark.prove),
        pytest.param(
            'event_id = "event_id"             # the tracker',
            'event_id = "event_id"\naccount_id = "url" #',
            "mapping",
            marks=pytest.mark.prove,
        ),
    ],
)
def test_a_changed_setting_makes_anew_what_it_touches(
    tmp_path: Path,
    refresh: Callable[..., Any],
    capsys: pytest.CaptureFixture[str],
    former: str,
    changed: str,
    stage: str,
) -> None:
    nights, once = deal_twice(tmp_path, 100, 3, 12)
    for night in (0, 1):
        nights.arrive(night)
        refresh(nights.config)
    for company in (nights, once):
        text = company.config.read_text(encoding="utf-8")
        assert former in text, stage
        company.config.write_text(text.replace(former, changed, 1), encoding="utf-8")
    capsys.readouterr()
    nights.arrive(2)
    refresh(nights.config)
    assert "made anew" in capsys.readouterr().err
    once.arrive_whole()
    refresh(once.config)
    check_equal(nights.config, once.config)


@pytest.mark.prove
def test_an_upgraded_product_makes_everything_anew(
    tmp_path: Path, refresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nights, once = deal_twice(tmp_path, 60, 2, 13)
    nights.arrive(0)
    with monkeypatch.context() as older:
        older.setattr(stages, "VERSION", "0.0.9")
        refresh(nights.config)
    capsys.readouterr()
    nights.arrive(1)
    refresh(nights.config)
    assert "product version" in capsys.readouterr().err
    once.arrive_whole()
    refresh(once.config)
    check_equal(nights.config, once.config)


@pytest.mark.prove
def test_a_rebuild_in_many_parts_is_the_same(
    tmp_path: Path, refresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    nights, once = deal_twice(tmp_path, 200, 5, 16)
    for night in range(5):
        nights.arrive(night)
        refresh(nights.config)
    monkeypatch.setattr(rows, "PART_ROWS", 1)
    monkeypatch.setattr(night_module, "PART_ROWS", 1_500)
    refresh(nights.config, full=True)
    monkeypatch.undo()
    once.arrive_whole()
    refresh(once.config)
    check_equal(nights.config, once.config)


def test_an_earlier_night_can_be_reproduced(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    nights, _ = deal_twice(tmp_path, 60, 3, 14)
    nights.arrive(0)
    first = refresh(nights.config).snapshot
    with duckdb.connect(first.results, read_only=True) as connection:
        expected = connection.execute("SELECT * FROM key_figures ORDER BY 1").fetchall()
        loaded_at = connection.execute("SELECT MAX(loaded_at) FROM events").fetchone()
    assert loaded_at is not None
    nights.arrive(1)
    refresh(nights.config)
    current = find_current(load_settings(nights.config).warehouse.path)
    assert current is not None
    made = refresh(nights.config, as_of=f"{loaded_at[0].isoformat()}+00:00")
    assert not made.is_current
    assert made.snapshot.manifest.data_fingerprint == first.manifest.data_fingerprint
    with duckdb.connect(made.snapshot.results, read_only=True) as connection:
        assert connection.execute("SELECT * FROM key_figures ORDER BY 1").fetchall() == expected
    still = find_current(load_settings(nights.config).warehouse.path)
    assert still is not None
    assert still.manifest.snapshot_id == current.manifest.snapshot_id
    assert made.report.is_file()


@pytest.mark.prove
def test_a_warehouse_that_was_moved_can_be_read_and_refreshed(tmp_path: Path, refresh: Callable[..., Any]) -> None:
    nights, once = deal_twice(tmp_path, 60, 2, 15)
    nights.arrive(0)
    refresh(nights.config)
    moved = tmp_path / "elsewhere"
    shutil.move(nights.folder, moved)
    nights.config, nights.web, nights.crm = (
        moved / "journeys.toml",
        moved / "data" / "web",
        moved / "data" / "crm.sqlite",
    )
    nights.arrive(1)
    refresh(nights.config)
    once.arrive_whole()
    refresh(once.config)
    check_equal(nights.config, once.config)


def shown_changes(config: Path) -> set[str]:
    """What happened to ids of persons over all nights."""
    snapshot = find_current(load_settings(config).warehouse.path)
    assert snapshot is not None
    with duckdb.connect(snapshot.results, read_only=True) as connection:
        return {row[0] for row in connection.execute("SELECT DISTINCT change FROM person_aliases").fetchall()}
