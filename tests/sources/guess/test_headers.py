"""A CSV file without a header is told by its first record, and its columns get names to correct."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from journeys.sources.guess import draft_settings
from journeys.sources.guess.blanks import find_blank_columns
from journeys.sources.guess.headers import name_columns, name_data

ENRICHED = Path(__file__).parents[2] / "presets" / "snowplow" / "enriched.tsv"


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ([["id", "when"], ["1", "2026-03-01"]], ""),
        ([["a", "b"]], ""),
        ([["id", "2025", "2026"], ["x", "1", "2"]], ""),  # years as names
        ([["id", "e"], ["1", "x"], ["id", "e"], ["2", "y"]], ""),  # files put together, each with its header
        ([["1", "2026-03-01"]], "a time"),
        ([["x", "a@b.example"]], "an e-mail address"),
        ([["x", "https://a.example/"]], "an address"),
        ([["10.0.0.1", "x"]], "an IP address"),
        ([["6b0e3a70-3f1c-4c43-9b39-0f4a4f3f2a11", "x"]], "an id"),
        ([["17", "x"]], "a number"),
        ([["ann", "view"], ["bob", "view"], ["eve", "view"]], "stands in the same column again"),
    ],
)
def test_a_first_record_that_is_data(records: list[list[str]], why: str) -> None:
    assert (why in name_data(records)) if why else not name_data(records)


def test_columns_are_named_by_what_stands_in_them() -> None:
    pages = ["https://a.example/", "https://b.example/"]
    rows = [
        [f"u{place % 3}", f"2026-03-0{place + 1}", ("cart", "view")[place % 2], *pages, f"{place}.50", "z" * place]
        for place in range(6)
    ]  # fmt: skip
    assert name_columns(rows) == ("user_id", "time", "event", "url", "referrer", "amount", "column_7")


def test_a_file_without_a_header_is_drafted_with_one_and_doubted(tmp_path: Path) -> None:
    lines = [f"u{place % 3},2026-03-0{place + 1} 10:00:00,{'view' if place % 2 else 'cart'}" for place in range(6)]
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n")
    drafted = draft_settings(str(tmp_path / "log.csv"), tmp_path)
    (source,) = tomllib.loads(drafted.text)["source"]
    assert source["header"] == ["user_id", "time", "event"]
    assert source["columns"] == {"occurred_at": "time", "event": "event", "user_id": "user_id"}
    assert any("no header: the first line looks like data" in line and "`header`" in line for line in drafted.lines)
    assert sum("a guess" in line for line in drafted.lines) == 3


def test_the_enriched_stream_is_told_by_its_131_columns(tmp_path: Path) -> None:
    (tmp_path / "part-00000").write_bytes(ENRICHED.read_bytes())
    drafted = draft_settings(str(tmp_path / "part-00000"), tmp_path)
    assert tomllib.loads(drafted.text)["source"] == [
        {"name": "snowplow_enriched", "preset": "snowplow_enriched", "path": "part-00000"}
    ]
    assert not any("could also be" in line for line in drafted.lines)


@pytest.mark.parametrize(
    ("lines", "pattern"),
    [
        ([" id  day  total", " 1 19970101  11.77", " 2 19970112  12.00"],
         r"^\s*(?P<id>\d+)\s+(?P<day>\d+)\s+(?P<total>-?\d+(?:[.,]\d+)?)\s*$"),
        (["what is this text", "of four words each", "but of no table"], ""),
        (["what is this text", "of four words each", "but of no numbers"], ""),
        (["1 2"], ""),
    ],
)  # fmt: skip
def test_columns_divided_by_blanks(lines: list[str], pattern: str) -> None:
    assert find_blank_columns(lines)[0] == pattern


def test_times_before_2000_are_let_in(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("timestamp,event,user_id\n1997-04-01,buy,u1\n1998-01-01,buy,u1\n")
    drafted = draft_settings(str(tmp_path / "log.csv"), tmp_path)
    assert tomllib.loads(drafted.text)["source"][0]["earliest"] == "1997-01-01"
