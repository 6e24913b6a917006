"""Changed columns of a source are told, and refused when it says so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from postgres import Nights

from journeys.errors import SourceError
from journeys.sources import TransientSourceError
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
