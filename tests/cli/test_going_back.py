"""Going back to an earlier snapshot, reproducing an earlier night, and taking up what a span of time is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop_script import EVENTS, Script

MORE = [*EVENTS, ("10", "f", "2026-05-01T12:00:00Z", "land", "https://shop.example/", "")]


@pytest.fixture
def two_nights(shop: Script, tmp_path: Path) -> tuple[Script, str, str]:
    """Two published snapshots, and their names."""
    script = shop.copy_to(tmp_path)
    first = Path(script.current()).name
    script.log(MORE)("refresh").succeeds()
    return script, first, Path(script.current()).name


def count_events(script: Script) -> object:
    return script.rows("SELECT COUNT(*) FROM events")[0][0]


def test_rollback_goes_back_and_forth(two_nights: tuple[Script, str, str]) -> None:
    script, first, second = two_nights
    assert count_events(script) == 10
    told = script("rollback").succeeds()
    assert first in told
    assert Path(script.current()).name == first
    assert count_events(script) == 9
    assert first in (script.folder / "report.html").read_text("utf-8")
    script("rollback", "--to", second).succeeds()
    assert count_events(script) == 10
    script("status").succeeds()


def test_the_next_refresh_takes_up_again_what_came_since(two_nights: tuple[Script, str, str]) -> None:
    script, _, _ = two_nights
    script("rollback").succeeds()
    script("refresh").succeeds()
    assert count_events(script) == 10


def test_there_must_be_something_to_go_back_to(script: Script) -> None:
    script.write()
    script("rollback").fails(1, "nothing was published yet")
    script("refresh").succeeds()
    current = script.current()
    script("rollback").fails(1, "no earlier snapshot", "keep_snapshots")
    script("rollback", "--to", "../../etc").fails(1, "'../../etc'", "none")
    assert script.current() == current


def test_as_of_reproduces_and_leaves_the_current_one(two_nights: tuple[Script, str, str]) -> None:
    script, _, second = two_nights
    ((loaded_at,),) = script.rows("SELECT MIN(loaded_at) FROM events")
    told = script("refresh", "--as-of", f"{loaded_at}+00:00").succeeds()
    assert "as-of-" in told
    assert Path(script.current()).name == second
    folder = next((script.warehouse / "snapshots").glob("as-of-*"))
    assert (folder / "report.html").is_file()
    script("rollback", "--to", folder.name).fails(1, folder.name)
    script("refresh", "--as-of", "never").fails(2, "as_of is not a time")
    script("refresh", "--as-of", "1990-01-01").fails(1, "no source gave a usable event")
    assert Path(script.current()).name == second


def test_a_backfill_takes_a_span_and_a_refresh_the_rest(script: Script) -> None:
    script.write()
    days = [str(row[2])[:10] for row in EVENTS]
    since, until = sorted(days)[1], sorted(days)[-2]
    script("backfill", "--from", since, "--to", until).succeeds()
    assert count_events(script) == sum(since <= day <= until for day in days) < len(EVENTS)
    script("backfill", "--from", since, "--to", until, "--dry-run").succeeds()
    script("refresh").succeeds()
    assert count_events(script) == len(EVENTS)
    script("backfill", "--from", "2026-03-31", "--to", "2026-03-01").fails(2, "empty")
    script("backfill", "--from", "yesterday", "--to", "2026-03-01").fails(2, "not a time")
