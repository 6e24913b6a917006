"""What lies in a file or database is told from its names and values, with how surely and why."""

from __future__ import annotations

import gzip
import json
import sqlite3
import tomllib
from pathlib import Path

import duckdb
import pytest

from journeys.errors import CallError, SourceError
from journeys.sources.guess import draft_settings
from journeys.sources.guess.columns import LIKELY, SURE, UNSURE, guess_columns
from journeys.sources.guess.look import Sample, look_at
from journeys.sources.guess.times import read_times


def sample(**values: list[str | None]) -> Sample:
    count = len(next(iter(values.values())))
    return Sample("a.csv", {"kind": "file"}, {name: tuple(each) for name, each in values.items()}, count)


@pytest.mark.parametrize(
    ("values", "keys", "is_ambiguous"),
    [
        (["2026-03-01T10:00:00Z", "2026-03-01 10:00"], {}, False),
        (["17/May/2015:10:05:03 +0000"], {}, False),
        (["1772359200", "1772359200.5"], {"unit": "s"}, False),
        (["1772359200000"], {"unit": "ms"}, False),
        (["1772359200000000"], {"unit": "us"}, False),
        (["31.12.2025 23:59"], {"time_format": "%d.%m.%Y %H:%M"}, False),
        (["01/02/2026", "13/02/2026"], {"time_format": "%d/%m/%Y"}, False),
        (["01/02/2026", "02/13/2026"], {"time_format": "%m/%d/%Y"}, False),
        (["01/02/2026", "03/04/2026"], {"time_format": "%d/%m/%Y"}, True),
    ],
)
def test_how_times_are_written(values: list[str], keys: dict[str, str], is_ambiguous: bool) -> None:
    times = read_times(values)
    assert times is not None
    assert (times.share, dict(times.keys), times.is_ambiguous) == (1.0, keys, is_ambiguous)


@pytest.mark.parametrize("values", [["yesterday"], ["12"], ["a", "b", "2026-03-01"], ["99999999999"]])
def test_what_is_no_time(values: list[str]) -> None:
    assert read_times(values) is None


def test_columns_are_told_by_name_and_value() -> None:
    columns, identifiers = guess_columns(
        sample(
            ts=["2026-03-01", "2026-03-02", "2026-03-03"],
            name=["view", "view", "buy"],
            status=["200", "200", "404"],
            id=["1", "2", "3"],
            userId=["u", "u", None],
            page=["/a", "https://x.example/", "/b"],
            amount=["", "", "9,50"],
            mail=["a@x.example", "b@x.example", None],
            phone=["no", "number", "here"],
        )
    )
    found = {name: (guess.column, guess.sureness) for name, guess in columns.items()}
    assert found == {
        "occurred_at": ("ts", LIKELY),
        "event": ("name", UNSURE),
        "user_id": ("userId", LIKELY),
        "event_id": ("id", UNSURE),
        "url": ("page", LIKELY),
        "value_amount": ("amount", SURE),
    }
    assert {name: guess.column for name, guess in identifiers.items()} == {"email": "mail"}


def test_an_event_sent_twice_has_its_id_twice() -> None:
    times, ids = ["2026-03-01"] * 10, [f"e{place}" for place in range(9)]
    columns, _ = guess_columns(sample(timestamp=times, event_id=[*ids, "e0"]))
    assert columns["event_id"].column == "event_id"
    columns, _ = guess_columns(sample(timestamp=times, id=[*ids, "e0"], uuid=["a", "b"] * 5))
    assert "event_id" not in columns


def test_a_name_that_its_values_speak_against_is_not_taken() -> None:
    columns, _ = guess_columns(sample(timestamp=["soon", "later"], made=["2026-03-01", "2026-03-02"], id=["1", "1"]))
    assert {name: guess.column for name, guess in columns.items()} == {"occurred_at": "made"}


def test_keys_inside_objects_are_found(tmp_path: Path) -> None:
    row = {"properties": {"time": 1772359200, "distinct": "x"}, "event": "view", "user": {"id": 7}, "list": [1]}
    (tmp_path / "log.jsonl").write_text(json.dumps(row) + "\n" + json.dumps({"event": "buy"}) + "\n")
    (found,) = look_at(str(tmp_path / "log.jsonl"), tmp_path)
    assert found.place == "log.jsonl"
    assert found.values["properties.time"] == ("1772359200", None)
    assert found.values["user.id"] == ("7", None)
    assert guess_columns(found)[0]["occurred_at"].column == "properties.time"


@pytest.mark.parametrize(
    ("name", "content", "keys"),
    [
        ("a.csv", "t;e\n2026-03-01;x\n", {"delimiter": ";"}),
        ("a.tsv", "t\te\n2026-03-01\tx\n", {}),
        ("a.csv", "t,e\n2026-03-01,x\n", {}),
        ("a.txt", "t|e\n2026-03-01|x\n", {"format": "csv", "delimiter": "|"}),
        ("a.txt", '{"t": "2026-03-01"}\n', {"format": "jsonl"}),
        ("a", '1.1.1.1 - - [17/May/2015:10:05:03 +0000] "GET /x HTTP/1.1" 200 5\n', {"format": "common"}),
    ],
)
def test_the_format_is_told_by_the_content(tmp_path: Path, name: str, content: str, keys: dict[str, str]) -> None:
    (tmp_path / name).write_text(content)
    (found,) = look_at(str(tmp_path / name), tmp_path)
    assert found.settings == {"kind": "file", "path": name, **keys}


def test_a_folder_is_read_by_its_commonest_kind_of_file(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        (tmp_path / name).write_bytes(gzip.compress(b'{"t": "2026-03-01"}\n'))
    (tmp_path / "readme.txt").write_text("x")
    (found,) = look_at(str(tmp_path), tmp_path)
    assert (found.place, found.row_count) == ("*.jsonl.gz", 2)


def test_parquet_is_looked_at(tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT TIMESTAMP '2026-03-01' AS ts, 'x' AS event, 1 AS user_id) TO '{tmp_path}/a.parquet'")
    drafted = draft_settings(str(tmp_path / "a.parquet"), tmp_path)
    assert tomllib.loads(drafted.text)["source"][0]["columns"] == {
        "occurred_at": "ts",
        "event": "event",
        "user_id": "user_id",
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"[1, 2]", "one JSON list"),
        (b'{\n"t": 1}', "JSON over several lines"),
        (b"hello\nworld\n", "cannot be told"),
        (b"a,b\n1,2\n", "no column holds times"),
        (b"t,e\n", "no row can be read"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.dat").write_bytes(content)
    with pytest.raises((CallError, SourceError)) as caught:
        draft_settings(str(tmp_path / "a.dat"), tmp_path)
    assert words in str(caught.value)


def test_the_table_that_looks_most_like_a_log_is_taken(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "crm.db") as crm:
        crm.execute("CREATE TABLE contacts (id INTEGER, email TEXT, phone TEXT, created_at TEXT, name TEXT, city TEXT)")
        crm.execute("CREATE TABLE stage_history (id INTEGER, contact_id INTEGER, stage TEXT, changed_at TEXT)")
        crm.execute("INSERT INTO contacts VALUES (1, 'a@x.example', '+371 20000000', '2026-03-01', 'Ann', 'Riga')")
        crm.execute("INSERT INTO stage_history VALUES (1, 1, 'won', '2026-03-02')")
    drafted = draft_settings(f"sqlite:///{tmp_path}/crm.db", tmp_path)
    source = tomllib.loads(drafted.text)["source"][0]
    assert (source["table"], source["columns"]["event"], source["identifiers"]) == (
        "stage_history", "stage", {"contact_id": "contact_id"})  # fmt: skip
    assert any("other tables: contacts" in line for line in drafted.lines)


def test_a_password_is_not_written_down(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        draft_settings("postgresql+psycopg://me:s3cret@127.0.0.1:1/none", tmp_path)
    assert "s3cret" not in str(caught.value)
