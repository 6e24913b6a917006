"""`journeys init --from` looks at a log, says what it found and how surely, and writes what `check` then proves."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest
from shop_script import COLUMNS, EVENTS, run_here

sys.path.insert(0, str(Path(__file__).parents[1] / "sources" / "rest"))
from rest_api import orders, serving

GA4 = Path(__file__).parents[1] / "presets" / "ga4" / "events_20260301.json"


def test_a_preset_is_recognised_and_its_report_is_one_command_away(tmp_path: Path) -> None:
    ended = run_here("init", tmp_path, "--from", GA4)
    out = ended.succeeds()
    assert "preset ga4" in out
    assert "event_params" in out  # why
    assert 'preset = "ga4"' in (tmp_path / "journeys.toml").read_text()
    assert "source ga4: right" in run_here("check", "-c", tmp_path / "journeys.toml").succeeds()
    run_here("refresh", "-c", tmp_path / "journeys.toml").succeeds()
    assert (tmp_path / "report.html").is_file()


def test_columns_are_guessed_and_the_sample_is_shown(tmp_path: Path) -> None:
    names = ("id", "visitor", "timestamp", "event", "page", "amount")
    assert len(names) == len(COLUMNS)
    lines = [",".join(names), *(",".join(row) for row in EVENTS)]
    (tmp_path / "web.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = run_here("init", tmp_path, "--from", tmp_path / "web.csv").succeeds()
    assert "no preset fits" in out
    assert "2026-03-01 10:00:00, land, a, -, -, https://shop.example/" in out
    run_here("refresh", "-c", tmp_path / "journeys.toml").succeeds()
    found = json.loads(
        run_here("funnel", "--steps", "view,cart,buy", "--format", "json", "-c", tmp_path / "journeys.toml").succeeds()
    )
    assert [row["reached_count"] for row in found["frame"]] == [3, 2, 1]


def test_another_preset_can_be_asked_for_and_check_says_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "web.jsonl").write_text('{"t": "2026-03-01", "event": "x", "user": "u"}\n', encoding="utf-8")
    ended = run_here("init", tmp_path, "--from", tmp_path / "web.jsonl", "--preset", "ga4")
    assert ended.code == 0
    assert "none of the first rows has a time" in ended.err
    assert "mend it" in ended.out


def test_an_api_is_read_page_by_page_without_a_line_written_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("JOURNEYS_SOURCE_TOKEN", "s3cret-Hush")
    with serving() as api:
        api.answer = lambda asked: {
            "data": orders(1, 4) if "cursor" not in asked.query else orders(5, 7),
            "next_cursor": "c5" if "cursor" not in asked.query else None,
        }
        out = run_here("init", tmp_path, "--from", f"{api.url}/v1/orders?limit=4").succeeds()
        assert "pages: sure: 'next_cursor' in the answer" in out
        assert "2026-01-01 00:01:00, ordered, -, b1, -, -" in out
        assert "s3cret" not in out + (tmp_path / "journeys.toml").read_text()
        assert "source orders: right" in run_here("check", "-c", tmp_path / "journeys.toml").succeeds()
        refreshed = run_here("refresh", "-c", tmp_path / "journeys.toml")
        refreshed.succeeds()
        assert all(asked.headers["authorization"] == "Bearer s3cret-Hush" for asked in api.asked)
    assert "7 rows" in refreshed.err + refreshed.out


def test_where_nobody_is_named_the_draft_is_written_to_be_mended(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("timestamp,event,klients\n2026-03-01,view,17\n", encoding="utf-8")
    ended = run_here("init", tmp_path, "--from", tmp_path / "log.csv")
    ended.succeeds()
    assert "no identifier mapped" in ended.err
    assert "mend it" in ended.out
    text = (tmp_path / "journeys.toml").read_text().replace("[source.columns]", '[source.columns]\nuser_id = "klients"')
    (tmp_path / "journeys.toml").write_text(text)
    run_here("check", "-c", tmp_path / "journeys.toml").succeeds()


def test_names_that_steer_a_terminal_are_only_names(tmp_path: Path) -> None:
    row = {"ti\n#me\x1b[31m": "2026-03-01T10:00:00Z", "event": "a\x1b[2J", "user_id": "u\x1b[0m"}
    (tmp_path / "log.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    ended = run_here("init", tmp_path, "--from", tmp_path / "log.jsonl")
    ended.succeeds()
    assert "\x1b" not in ended.out
    assert tomllib.loads((tmp_path / "journeys.toml").read_text())["source"][0]["columns"]["event"] == "event"


def test_all_presets_are_listed(tmp_path: Path) -> None:
    assert "ga4 " in run_here("init", tmp_path, "--presets").succeeds()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--from", "nowhere.csv"), 2, "no such file"),
        (("--from", "sqlite:///nowhere.db"), 1, "nowhere.db"),
        (("--from", "gibberish://x"), 1, "the database URL cannot be used"),
        (("--from", "s3://bucket/web.csv"), 2, "read from this machine only"),
        (("--from", "http://127.0.0.1:1/v1?token=s3cret-Hush"), 1, "could not be reached"),
        (("--from", "http://127.0.0.1:1/v1", "--auth", "magic"), 2, "no such --auth"),
        (("--from", GA4, "--auth", "bearer"), 2, "--auth goes with the address of an API"),
        (("--auth", "bearer"), 2, "--auth goes with --from"),
        (("--preset", "ga4"), 2, "--preset goes with --from"),
        (("--from", GA4, "--preset", "ga5"), 2, "no such preset"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(
    tmp_path: Path, words: tuple[object, ...], code: int, said: str
) -> None:
    ended = run_here("init", tmp_path / "new", *words)
    ended.fails(code, said)
    assert "s3cret" not in ended.err
    assert not (tmp_path / "new" / "journeys.toml").exists()


def test_a_configuration_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "journeys.toml").write_text("mine", encoding="utf-8")
    run_here("init", tmp_path, "--from", GA4).fails(2, "is there already")
    assert (tmp_path / "journeys.toml").read_text() == "mine"
