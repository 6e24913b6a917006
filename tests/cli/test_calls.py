"""Exit codes of calls: 0 done, 1 the work failed, 2 the call or the configuration is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop_script import SOURCE, Script, run_here

ALL = (
    "demo",
    "init",
    "refresh",
    "check",
    "sessions",
    "funnel",
    "transitions",
    "paths",
    "variants",
    "loops",
    "rework",
    "backtracks",
    "complexity",
    "step-matrix",
    "step-matrix-difference",
    "touchpoints",
    "identity",
    "report",
)


@pytest.mark.parametrize("command", ALL)
def test_help_says_what_it_does(command: str) -> None:
    ended = run_here(command, "--help")
    text = ended.succeeds()
    assert ended.err == ""
    usage, sentence = text.splitlines()[0], text.splitlines()[2].strip()
    assert usage.startswith(f"Usage: journeys {command}")
    assert len(sentence) > 20
    assert command in run_here("--help").succeeds()
    # Every option has a text behind it.
    options = text.split("Options:\n")[1].splitlines()
    for line, following in zip(options, [*options[1:], ""], strict=True):
        if line.lstrip().startswith("-"):
            assert len(line.split("  ")) > 2 or not following.lstrip().startswith("-"), line


def test_the_version_is_named() -> None:
    assert run_here("--version").succeeds().startswith("journeys, version ")


@pytest.mark.parametrize(
    "words",
    [
        ("nosuch",), ("--nosuch",), ("funnel", "--nosuch"), ("funnel", "--format", "xml"), ("paths", "--depth", "x"),
        ("funnel", "shop", "extra"), ("check", "extra"), ("init", "a", "b"), ("demo", "--seed", "x"),
        ("report", "--format", "json"), ("sessions", "--timeout"), ("identity", "--explain"),
        ("identity", "email:a@b.c"), ("funnel", "--contacts", "two"),
    ],
)  # fmt: skip
def test_a_call_that_click_refuses_is_2(words: tuple[str, ...]) -> None:
    ended = run_here(*words)
    assert ended.code == 2
    assert ended.out == ""
    assert "Error: " in ended.err


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("paths", "--depth", "0"), "a whole number from 1"),
        (("paths", "--depth", "-3"), "a whole number from 1"),
        (("paths", "--top", "0"), "a whole number from 1"),
        (("paths", "--floor", "0"), "a whole number from 1"),
        (("paths", "--by", "chanel"), "did you mean 'channel'"),
        (("paths", "--by", "share"), "a column of this name already"),
        (("paths", "--by", "event", "--groups", "nope"), "'nope'"),
        (("paths", "--groups", "Home"), "name the column with by="),
        (("paths", "--unit", "cat"), "'session'"),
        (("paths", "--start", "Hme"), "did you mean 'Home'"),
        (("paths", "--goal", "nope"), "'nope'"),
        (("touchpoints", "--goal", "nope"), "'nope'"),
        (("transitions", "--unit", "account"), "account"),
        (("sessions", "--timeout", "30"), "'30m'"),
        (("sessions", "--timeout", "-5m"), "'30m'"),
        (("sessions", "--timeout", "0m"), "'30m'"),
        (("sessions", "--as-of", "yesterday"), "'yesterday'"),
        (("sessions", "--format", "parquet"), "-o FILE.parquet"),
        (("sessions", "-o", "x.foo"), ".parquet"),
        (("funnel", "shp"), "'shop'"),
        (("funnel", "shop", "--steps", "Home,Cart"), "shop"),
        (("funnel", "--steps", ""), "step"),
        (("funnel", "--steps", ",,"), "step"),
        (("funnel", "--steps", "Home,Crat"), "did you mean 'Cart'"),
        (("funnel", "--window", "7"), "'7d'"),
        (("funnel", "--entry", "last"), "'best'"),
        (("funnel", "--missing", "x"), "'zero'"),
        (("funnel", "--contacts", "2"), "unit='account'"),
        (("funnel", "--unit", "account", "--contacts", "0"), "a whole number from 1"),
        (("touchpoints", "--unit", "cat"), "'account'"),
        (("identity", "--explain", "a"), "KIND:VALUE"),
        (("identity", "--explain", "device_id:"), "KIND:VALUE"),
        (("identity", "--explain", "device:a"), "did you mean 'device_id'?"),
        (("identity", "--explain", "device_id:nobody"), "'device_id:nobody'"),
        (("identity", "--explain", "user_id:a"), "did you mean 'device_id:a'?"),
        (("identity", "--explain", "device_id:a", "--sensitivity"), "two questions"),
        (("identity", "--explain", "device_id:a", "--format", "csv"), "table, json"),
        (("identity", "--explain", "device_id:a", "-o", "x.parquet"), "table, json"),
        (("identity", "--format", "csv"), "table, json"),
        (("identity", "--as-of", "2026-03-02"), "--sensitivity"),
        (("identity", "--sensitivity", "--as-of", "yesterday"), "'yesterday'"),
        (("identity", "--sensitivity", "--format", "parquet"), "-o FILE.parquet"),
    ],
)
def test_a_call_that_makes_no_sense_is_2_and_says_what_would(shop: Script, words: tuple[str, ...], named: str) -> None:
    ended = shop(*words)
    ended.fails(2, named)
    assert ended.out == ""


def test_a_configuration_that_is_wrong_is_2_for_every_command(script: Script) -> None:
    script.write(source=SOURCE.replace("occurred_at", "occured_at"))
    for command in ALL[2:]:
        ended = script(command)
        ended.fails(2, "2 problems", "did you mean 'occurred_at'?")
        assert ended.out == ""
    assert not script.warehouse.exists()


def test_a_configuration_that_is_not_there_is_2(script: Script, tmp_path: Path) -> None:
    for command in ALL[2:]:
        script(command).fails(2, "journeys.toml", "journeys init")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[project\n", b"", b"\x00" * 1000])
def test_a_configuration_that_is_no_toml_is_2(script: Script, content: bytes) -> None:
    script.config.write_bytes(content)
    script("check").fails(2, "journeys.toml")


def test_a_folder_in_place_of_the_configuration_is_2(script: Script) -> None:
    script.config.mkdir()
    script("refresh").fails(2, "is a folder")


def test_nothing_published_is_1_and_says_what_to_run(script: Script) -> None:
    script.write()
    for command in ("report", "sessions", "funnel", "transitions", "paths", "touchpoints", "identity"):
        ended = script(command)
        ended.fails(1, "nothing was published yet", f"journeys refresh -c {script.config}")
        assert ended.out == ""
    for words in (("--explain", "device_id:a"), ("--sensitivity",)):
        script("identity", *words).fails(1, "nothing was published yet")
