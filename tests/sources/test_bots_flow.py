"""Bots through the whole of `sources`: from a web log and a CRM export to marked events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from journeys.config import load_settings
from journeys.sources import pull_source
from journeys.sources.events import build_events
from journeys.warehouse import Engine

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
CONFIG = """
[project]
name = "World"
[warehouse]
path = "warehouse"
[[source]]
name = "web"
kind = "file"
path = "web.jsonl"
[source.columns]
occurred_at = "at"
device_id = "device"
event = "event"
url = "url"
user_agent = "agent"
[[source]]
name = "crm"
kind = "file"
path = "crm.jsonl"
[source.columns]
occurred_at = "at"
user_id = "user"
event = "event"
user_agent = "agent"
[[touchpoint]]
name = "Home"
match = { url = "*" }
[[goal]]
name = "purchase"
match = { event = "purchase" }
[journey]
goal = "purchase"
"""


def read_marks(folder: Path, rows: dict[str, list[dict[str, Any]]], bots: str = "") -> dict[str, str | None]:
    """Build the events of `web` and `crm` rows: the name of an event -> its bot_reason."""
    (folder / "journeys.toml").write_text(CONFIG + bots, encoding="utf-8")
    for source in ("web", "crm"):
        lines = [json.dumps({"event": f"{source}{place}"} | row) for place, row in enumerate(rows.get(source, []))]
        (folder / f"{source}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    settings = load_settings(folder / "journeys.toml")
    for source in settings.sources:
        pull_source(source, settings.project, folder=folder / "landed", settings_folder=folder,
                    loaded_at_us=1_800_000_000_000_000)  # fmt: skip
    with Engine() as engine:
        build_events(engine, settings, sorted((folder / "landed").glob("*.parquet")))
        wrong = engine.value("SELECT COUNT(*) FROM events WHERE is_bot <> (bot_reason IS NOT NULL)")
        assert wrong == 0
        return dict(engine.rows("SELECT event, bot_reason FROM events"))


def at(minute: float) -> str:
    return f"2026-03-02T10:{int(minute):02d}:{round(60 * (minute % 1)):02d}Z"


def test_one_request_of_many_with_a_bots_agent_marks_its_visit_and_no_other(tmp_path: Path) -> None:
    web = [
        {"at": at(0), "device": "x", "agent": CHROME},
        {"at": at(3), "device": "x", "agent": GOOGLEBOT},
        {"at": at(9), "device": "x", "agent": CHROME},
        {"at": at(55), "device": "x", "agent": CHROME},  # 46 minutes later: another visit
        {"at": at(3), "device": "y", "agent": CHROME},
    ]
    marks = read_marks(tmp_path, {"web": web})
    assert marks == {"web0": "user agent", "web1": "user agent", "web2": "user agent", "web3": None, "web4": None}


def test_agents_can_be_left_unread(tmp_path: Path) -> None:
    web = [{"at": at(0), "device": "x", "agent": GOOGLEBOT}]
    assert read_marks(tmp_path, {"web": web}, "[bots]\nuser_agents = false\n") == {"web0": None}


def test_an_import_at_midnight_into_the_crm_is_no_visit_and_no_bots(tmp_path: Path) -> None:
    crm = [{"at": "2026-03-02T00:00:00Z", "user": "u1"} for _ in range(900)]
    marks = read_marks(tmp_path, {"crm": crm, "web": [{"at": at(0), "device": "x"}]})
    assert len(marks) == 901
    assert set(marks.values()) == {None}


def test_a_fast_visit_is_marked_as_a_whole(tmp_path: Path) -> None:
    web = [{"at": f"2026-03-02T10:00:{place // 10:02d}.{place % 10}00Z", "device": "x"} for place in range(31)]
    web.append({"at": at(20), "device": "x"})
    rules = '[bots]\nmost_events = 30\nwithin = "3s"\n'
    assert set(read_marks(tmp_path, {"web": web}, rules).values()) == {"too many events"}
    assert set(read_marks(tmp_path, {"web": web}, rules.replace("30", "31")).values()) == {None}


@pytest.mark.parametrize(("gap", "reason"), [(12, "steady pace"), (13, None)])
def test_pages_at_an_even_pace_are_marked(tmp_path: Path, gap: int, reason: str | None) -> None:
    """25 pages every 12 s; or every 13 s but for three that took 40 s."""
    seconds = [place * gap + (27 * (place // 8) if gap == 13 else 0) for place in range(25)]
    web = [{"at": at(second / 60), "device": "x", "url": f"/p/{second}"} for second in seconds]
    assert set(read_marks(tmp_path, {"web": web}).values()) == {reason}
