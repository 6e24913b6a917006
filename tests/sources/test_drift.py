"""Changed columns of a source are told, and refused when it says so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from postgres import LOADED_AT_US, Nights

from journeys.config import Project, Source
from journeys.errors import SourceError
from journeys.sources import Bookmark, PullReport, TransientSourceError, pull_source
from journeys.sources.drift import find_drift


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({}, {"a": "int"}, ()),
        ({"a": "int"}, {}, ()),
        ({"a": "int", "b": ""}, {"b": "text", "a": "int"}, ()),
        ({"a": "int", "b": "x"}, {"a": "text"}, ("column 'b' is gone", "column 'a' was int and is text")),
        ({"a": ""}, {"a": "", "c": "", "b": "int"}, ("column 'b' is new (int)", "column 'c' is new")),
        ({"a": ""}, {"A": ""}, ("column 'a' is gone", "column 'A' is new")),
    ],
)
def test_drift_is_what_is_gone_new_or_of_another_type(
    before: dict[str, str], now: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert find_drift(before, now) == expected


def change(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / "crm.db")) as connection, connection:
        connection.execute(sql)


@pytest.mark.parametrize("place", [{"table": "deals"}, {"query": "SELECT * FROM deals"}])
def test_drift_is_reported_once_and_refused_until_it_is_accepted(tmp_path: Path, place: dict[str, Any]) -> None:
    change(tmp_path, "CREATE TABLE deals (updated_at TEXT, stage TEXT, contact TEXT)")
    crm = Nights(tmp_path, "sqlite:///crm.db", **place)
    crm.pull()
    assert crm.report.drift == ()
    change(tmp_path, "ALTER TABLE deals ADD amount INTEGER")
    for _ in range(2):
        with pytest.raises(SourceError, match="'amount' is new") as caught:
            crm.pull(on_drift="refuse")
        assert (caught.value.code, type(caught.value)) == ("schema-drift", SourceError)
        assert not isinstance(caught.value, TransientSourceError)
    crm.pull()
    (text,) = crm.report.drift
    assert text.startswith("source 'crm': column 'amount' is new")
    crm.pull(on_drift="refuse")
    assert crm.report.drift == ()


def read_till(folder: Path, on_drift: str) -> PullReport:
    """Read two nights of a till, whose second file has another column in the place of one; returns the last report."""
    columns = {"occurred_at": "at", "user_id": "who", "event": "what"}
    source = Source(name="till", kind="file", path="*.csv", columns=columns, on_drift=on_drift)
    bookmark = Bookmark()
    for night, text in enumerate(("at,who,what,note\n2026-03-01,a,sale,\n", "at,who,what,till\n2026-03-02,a,sale,7\n")):
        (folder / f"{night}.csv").write_text(text, encoding="utf-8")
        report = pull_source(
            source, Project(name="A"), folder=folder / "landing", settings_folder=folder, loaded_at_us=LOADED_AT_US,
            bookmark=bookmark,
        )  # fmt: skip
        bookmark = report.bookmark
    return report


def test_new_and_gone_columns_of_files_are_told(tmp_path: Path) -> None:
    report = read_till(tmp_path, "report")
    assert report.drift == ("source 'till': column 'note' is gone", "source 'till': column 'till' is new")


def test_new_and_gone_columns_of_files_are_refused_where_the_source_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="column 'note' is gone; column 'till' is new"):
        read_till(tmp_path, "refuse")
    assert (tmp_path / "1.csv").exists()  # it was the second night
