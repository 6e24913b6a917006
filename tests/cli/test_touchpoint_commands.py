"""Commands beside `touchpoints`, over the small shop that was worked by hand."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from shop_script import COLUMNS, EVENTS, HEADER, RULES, Script


def read_rows(shop: Script, *call: str) -> list[dict[str, Any]]:
    ended = shop(*call, "--format", "json")
    rows: list[dict[str, Any]] = json.loads(ended.succeeds())["frame"]
    assert ended.err == ""
    return rows


def pick(rows: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


def test_exits_are_those_worked_by_hand(shop: Script) -> None:
    """Six sessions: a's four events, b's view, b's cart, and one event each of c, d and e."""
    counts = ("touchpoint", "session_count", "exit_count", "landing_count", "bounce_count")
    assert pick(read_rows(shop, "exits"), *counts) == [
        ("Home", 3, 2, 3, 2), ("Product", 3, 2, 2, 2), ("Cart", 2, 1, 1, 1), ("bought", 1, 1, 0, 0),
    ]  # fmt: skip
    ga4 = pick(read_rows(shop, "exits", "--bounce", "ga4", "--views", "view"), *counts)
    assert ga4 == [("Home", 3, 2, 3, 2), ("Product", 3, 2, 2, 2), ("Cart", 2, 1, 1, 1), ("bought", 1, 1, 0, 0)]


def test_stages_drop_off_touches_and_visits_are_those_worked_by_hand(shop: Script) -> None:
    words = ("stage", "open_count", "converted_count", "progressed_count", "abandoned_count")
    assert pick(read_rows(shop, "stages"), *words)[:3] == [
        ("awareness", 1, 1, 0, 1), ("consideration", 0, 1, 1, 1), ("purchase", 0, 1, 0, 1),
    ]  # fmt: skip
    assert pick(read_rows(shop, "stages", "--within", "10m"), *words)[:3] == [
        ("awareness", 1, 0, 1, 1), ("consideration", 0, 1, 0, 2), ("purchase", 0, 1, 0, 1),
    ]  # fmt: skip
    left = pick(read_rows(shop, "dropoff"), "touchpoint", "resolved_count", "dropped_count", "open_count")
    assert left == [("Home", 2, 1, 1), ("Product", 3, 1, 0), ("Cart", 2, 1, 0)]
    assert pick(read_rows(shop, "touches"), "stage", "person_count", "expected_low")[:3] == [
        ("awareness", 1, 1), ("consideration", 2, 1), ("purchase", 1, 1),
    ]  # fmt: skip
    assert pick(read_rows(shop, "visits"), "first_channel", "person_count", "visits_median") == [
        ("(all)", 1, 1), ("Direct", 1, 1),
    ]  # fmt: skip
    spread = read_rows(shop, "visits", "--distribution")
    assert pick(spread, "visit_count", "person_count", "share") == [(1, 1, 1), (1, 1, 1)]


def test_the_table_by_a_column_or_a_property(shop: Script) -> None:
    """By the page of the first contact: a, d and e landed, b and c came to a product."""
    rows = pick(read_rows(shop, "touchpoints", "--by", "page"), "page", "touchpoint", "person_count", "converted_count")
    home = "https://shop.example/"
    assert rows[:3] == [(home, "Home", 3, 1), (home, "Cart", 1, 1), (home, "Product", 1, 1)]
    assert {row[0] for row in rows[3:]} == {f"{home}p/1", f"{home}p/2"}
    shop("touchpoints", "--by", "pages").fails(2, "[by]", "'pages'")


def test_a_designed_number_of_touches_is_read_from_the_configuration(script: Script) -> None:
    stages = "".join(f'[[stage]]\nname = "{name}"\n' for name in ("awareness", "consideration", "purchase"))
    stages = stages.replace('"consideration"', '"consideration"\nexpected = [2, 3]')
    script.write(rules=stages + RULES)
    script("refresh").succeeds()
    row = read_rows(script, "touches")[1]
    shown = (
        "population",
        "person_count",
        "expected_from",
        "expected_low",
        "expected_high",
        "fewer_count",
        "within_count",
    )
    assert pick([row], *shown) == [("resolved", 3, "configuration", 2, 3, 3, 0)]


def test_the_catalogue_s_rules_are_written_ready_to_paste(script: Script, tmp_path: Path) -> None:
    without = RULES.replace('match = { event = "view" }', 'match = { event = "viewed" }')
    script.write(rules=without)
    script("refresh").succeeds()
    found = pick(read_rows(script, "catalogue"), "event", "address", "event_count", "person_count", "example")
    assert found == [("view", "https://shop.example/p/*", 3, 3, "https://shop.example/p/1")]
    table = script("catalogue").succeeds()
    assert "rule" not in table.splitlines()[0]
    assert "https://shop.example/p/*" in table
    rules = script("catalogue", "--by-event", "--rules").succeeds()
    assert tomllib.loads(rules) == {"touchpoint": [{"name": "view", "match": {"event": "view"}}]}
    script("catalogue", "--rules", "-o", tmp_path / "rules.toml").succeeds()
    assert tomllib.loads((tmp_path / "rules.toml").read_text(encoding="utf-8"))["touchpoint"] == [
        {"name": "view /p/*", "match": {"event": "view", "url": "https://shop.example/p/*"}}
    ]


@pytest.mark.parametrize("command", ["catalogue", "exits", "dropoff", "stages", "touches", "visits"])
def test_each_command_writes_each_format(shop: Script, command: str, tmp_path: Path) -> None:
    for ending in ("csv", "json", "parquet", "txt"):
        target = tmp_path / f"{command}.{ending}"
        shop(command, "-o", target).succeeds()
        assert target.stat().st_size > 0
    assert "As of 2026-05-01T12:00:00Z." in shop(command).succeeds()


def test_wrong_calls_are_refused(shop: Script) -> None:
    shop("exits", "--bounce", "odd").fails(2, "[bounce]", "'odd'")
    shop("stages", "--within", "soon").fails(2, "[duration]", "'soon'")
    shop("catalogue", "--top", "0").fails(2, "[top]")
    shop("visits", "--goal", "nope").fails(2, "'nope'")


def test_the_shop_of_this_file_is_the_one_that_was_worked() -> None:
    assert HEADER.startswith(",".join(COLUMNS))
    assert len(EVENTS) == 9


def test_each_session_has_one_channel_and_a_rule(shop: Script) -> None:
    table = json.loads(shop("channels", "--format", "json").succeeds())
    sessions = json.loads(shop("sessions", "--format", "json").succeeds())
    assert sum(row["session_count"] for row in table["frame"]) == len(sessions["frame"]) == 6
    assert {(row["channel"], row["rule"]) for row in table["frame"]} == {("Direct", "no tag and no referrer")}
