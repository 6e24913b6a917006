"""`journeys status` at three in the morning: what happened, what was kept, what to do."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from shop_script import EVENTS, HEAD, SOURCE, Script
from test_interrupted import held

from journeys.warehouse.snapshots import SCHEMA_VERSION

pytestmark = pytest.mark.usefixtures("blank_page")

FRESH = '[gates]\nfreshness = "off"\n'


def document(script: Script, code: int = 0) -> Any:
    ended = script("status", "--format", "json")
    assert ended.code == code, ended
    return json.loads(ended.out)


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Script:
    script = Script(tmp_path_factory.mktemp("first")).write(source=SOURCE + FRESH)
    script("refresh").succeeds()
    return script


@pytest.fixture
def published(first_night: Script, tmp_path: Path) -> Script:
    return first_night.copy_to(tmp_path)


def test_before_the_first_refresh_it_says_what_to_do(script: Script) -> None:
    script.write()
    shown = script("status").succeeds()
    assert "none is recorded" in shown
    assert "nothing is published" in shown
    assert f"do           journeys refresh -c {script.config}" in shown
    assert document(script)["last_run"] is None
    assert not script.warehouse.exists()


def test_after_a_good_night_nothing_is_to_do(published: Script) -> None:
    shown = published("status").succeeds()
    assert "published a new snapshot" in shown
    assert "as of        2026-05-01T12:00:00Z" in shown
    assert "do           nothing" in shown
    assert "web                      2026-05-01T12:00:00Z" in shown
    found = document(published)
    assert found["is_well"] is True
    assert found["last_run"]["outcome"] == "published"
    assert found["last_run"]["snapshot_id"] == found["published"]["snapshot_id"] == Path(published.current()).name
    assert found["published"]["as_of"] == "2026-05-01T12:00:00Z"
    assert found["published"]["published_at"][:10] == found["last_run"]["started_at"][:10]
    assert found["published"]["sources"] == [{"source": "web", "last_event_at": "2026-05-01T12:00:00Z"}]
    assert found["kept"] == []
    assert {each["status"] for each in found["verdicts"]} == {"not judged", "passed"}
    published("refresh").succeeds()
    assert "nothing new" in published("status").succeeds()


def test_snapshots_that_one_may_go_back_to_are_listed(published: Script) -> None:
    first = Path(published.current()).name
    published("refresh", "--full").succeeds()
    assert document(published)["kept"] == [{"snapshot_id": first, "as_of": "2026-05-01T12:00:00Z"}]
    assert first in published("status").succeeds()
    # One without its tables, or of another version, is none of them.
    manifest = published.warehouse / "snapshots" / first / "manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"schema_version": {SCHEMA_VERSION}', '"schema_version": 1'))
    assert document(published)["kept"] == []
    manifest.write_text("{}")
    assert document(published)["kept"] == []


def test_a_failed_run_is_told_with_its_error(published: Script) -> None:
    before = Path(published.current()).name
    (published.folder / "web.csv").unlink()
    published("refresh").fails(1)
    ended = published("status")
    ended.fails(1, "[status]", "failed")
    assert "FAILED" in ended.out
    assert "web.csv" in ended.out
    assert f"snapshot {before}" in ended.out
    assert "readers see it" in ended.out
    assert "do           mend what is named above" in ended.out
    found = document(published, 1)
    assert (found["is_well"], found["last_run"]["outcome"]) == (False, "failed")
    assert found["last_run"]["error_code"]
    published.log(EVENTS)("refresh").succeeds()
    published("status").succeeds()


def test_a_wrong_configuration_leaves_the_record_alone(published: Script) -> None:
    before = (published.warehouse / "last_run.json").read_bytes()
    published.config.write_text(HEAD, encoding="utf-8")
    published("refresh").fails(2)
    published("status").fails(2)
    assert (published.warehouse / "last_run.json").read_bytes() == before


def test_a_run_is_running_and_once_killed_it_died(published: Script) -> None:
    before = Path(published.current()).name
    published.log([*EVENTS, ("10", "f", "2026-05-01T12:00:00Z", "land", "u", "")])
    with held(published, "store_answers") as process:
        shown = published("status").succeeds()
        assert "is running now" in shown
        assert f"process      {process.pid}" in shown
        # One that is refused does not write over the record of the one that runs.
        published("refresh").fails(1, "refresh-running")
        assert document(published)["last_run"]["pid"] == process.pid
        process.kill()
        process.communicate()
        ended = published("status")
        ended.fails(1, "died")
        assert "DIED" in ended.out
        assert f"snapshot {before}" in ended.out
        assert "nothing else is needed" in ended.out
        assert document(published, 1)["last_run"]["outcome"] == "died"
    published("refresh").succeeds()
    published("status").succeeds()


def test_a_damaged_snapshot_is_told_with_what_to_do(published: Script) -> None:
    Path(published.current(), "manifest.json").write_text("{")
    ended = published("status")
    ended.fails(1, "cannot be read")
    assert "no readable manifest" in ended.out
    assert "--full" in ended.out
    assert "manifest" in document(published, 1)["problem"]


def test_a_damaged_database_is_told(published: Script) -> None:
    Path(published.current(), "results.duckdb").write_bytes(b"no database" * 1000)
    published("status").fails(1, "cannot be read")
    assert document(published, 1)["published"] is None


HOSTILE = "\x1b[31m</script>\n\u202e" + "x" * 5_000
RECORDS: list[dict[str, Any]] = [
    {"outcome": "blocked", "error_text": HOSTILE, "started_at": HOSTILE, "ended_at": HOSTILE, "snapshot_id": HOSTILE,
     "verdicts": [dict.fromkeys(("gate", "text", "source"), HOSTILE) | {"status": "blocked"}] * 200},
    {"outcome": "failed", "error_text": "\ud800", "verdicts": [{"status": ["blocked"]}, {}]},
    {"outcome": "published", "verdicts": [{"status": 7, "gate": None}]},
]  # fmt: skip


def test_any_record_is_shown_plainly(shop: Script) -> None:
    kept = (shop.warehouse / "last_run.json").read_bytes()
    for record in RECORDS:
        (shop.warehouse / "last_run.json").write_text(json.dumps(record))
        ended = shop("status")
        assert ended.code == (0 if record["outcome"] == "published" else 1)
        assert all(character.isprintable() or character == "\n" for character in ended.out)
        assert len(ended.out) < 100_000
        assert document(shop, ended.code)["verdicts"] == record["verdicts"]
    (shop.warehouse / "last_run.json").write_bytes(b"\xff{")
    ended = shop("status")
    ended.fails(1, "unreadable")
    assert "last_run.json cannot be read" in ended.out
    (shop.warehouse / "last_run.json").write_bytes(kept)


def test_status_is_quick_and_writes_nothing(shop: Script) -> None:
    before = {path: path.stat().st_mtime_ns for path in shop.folder.rglob("*") if path.is_file()}
    started = time.perf_counter()
    shop("status").succeeds()
    assert time.perf_counter() - started < 5
    assert {path: path.stat().st_mtime_ns for path in shop.folder.rglob("*") if path.is_file()} == before
