"""`refresh --log-format json`: everything on standard error is one JSON object a line, errors and warnings too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from shop_script import EVENTS, SOURCE, Ended, Script

KEYS = {"time", "stage", "rows", "rejected", "seconds", "message"}


@pytest.fixture(autouse=True)
def text_again(script: Script) -> Iterator[None]:
    """Give later tests lines for people again."""
    yield
    script("refresh")


def told(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.err.splitlines()]


def test_each_stage_is_one_object(script: Script) -> None:
    bad = ("10", "f", "never", "land", "https://shop.example/", "")
    ended = script.write([*EVENTS, bad])("refresh", "--log-format", "json")
    assert "Persons" in ended.succeeds()
    lines = told(ended)
    assert all(set(line) == KEYS for line in lines)
    stages = [line for line in lines if line["stage"]]
    assert [line["stage"] for line in stages] == [
        "pull web", "events", "persons", "sessions", "journeys", "insights", "gates", "publish"
    ]  # fmt: skip
    counts = {line["stage"]: (line["rows"], line["rejected"]) for line in stages}
    assert (counts["pull web"], counts["events"], counts["sessions"]) == ((10, None), (9, 1), (6, None))
    assert all(line["seconds"] >= 0 for line in stages)
    assert any(line["message"].startswith("rejected: source web: 1 x") for line in lines)


def test_nothing_new_is_said(script: Script) -> None:
    script.write()("refresh").succeeds()
    lines = told(script("refresh", "--log-format", "json"))
    assert {"nothing new": "the published snapshot stays"}.items() <= {
        line["stage"]: line["message"] for line in lines
    }.items()


@pytest.mark.parametrize(
    ("source", "code", "exit_code"),
    [(SOURCE.replace('"visitor"', '"visitr"'), "missing-column", 1), (SOURCE + "x = 1\n", "config", 2)],
)
def test_an_error_is_one_object_with_its_code_and_the_exit_code_stays(
    script: Script, source: str, code: str, exit_code: int
) -> None:
    ended = script.write(source=source)("refresh", "--log-format", "json")
    assert (ended.code, ended.out) == (exit_code, "")
    last = told(ended)[-1]
    assert last["code"] == code
    assert last["message"].startswith(f"[{code}]")


def test_another_format_is_refused(script: Script) -> None:
    ended = script.write()("refresh", "--log-format", "xml")
    assert ended.code == 2
    assert "'text', 'json'" in ended.err
