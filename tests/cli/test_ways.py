"""The commands on whole paths over the small shop: worked by hand, in each format."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from shop_script import Script

# a: Home Product Cart bought; b: Product Cart; c: Product; d, e: Home.
COMMANDS = (
    ("variants",),
    ("variants", "--table", "intervals"),
    ("variants", "--table", "coverage"),
    ("loops",),
    ("rework",),
    ("backtracks", "--table", "total"),
    ("complexity",),
    ("step-matrix", "--depth", "3"),
    ("step-matrix", "--table", "cells"),
    ("step-matrix-difference", "--group", "(converted)"),
    ("step-matrix-difference", "--group", "Home", "--table", "difference"),
)


def read(shop: Script, *words: str) -> pd.DataFrame:
    """Rows of a JSON answer."""
    ended = shop(*words, "--format", "json")
    text = ended.succeeds()
    assert ended.err == ""
    document = json.loads(text)
    assert {"rule", "as_of", "parameters", "data_fingerprint"} <= set(document["definition"])
    return pd.DataFrame(document["frame"])


def as_texts(frame: pd.DataFrame) -> list[list[str]]:
    """Write each cell alike, whatever the format it came from."""
    rows = frame.astype(object).to_numpy().tolist()
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: object) -> str:
    if isinstance(cell, str) and cell.startswith("["):
        cell = json.loads(cell)
    if not pd.api.types.is_scalar(cell):
        return str(list(cell))  # type: ignore[call-overload]
    return "" if pd.isna(cell) else str(cell)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_each_format_says_the_same(shop: Script, words: tuple[str, ...], tmp_path: Path) -> None:
    wanted = read(shop, *words)
    assert len(wanted) > 0
    for ending in ("csv", "parquet", "txt"):
        assert shop(*words, "-o", tmp_path / f"answer.{ending}").succeeds() == ""
    of_csv = pd.read_csv(io.StringIO((tmp_path / "answer.csv").read_text(encoding="utf-8")))
    of_parquet = pd.read_parquet(tmp_path / "answer.parquet")
    assert list(of_csv.columns) == list(of_parquet.columns) == list(wanted.columns)
    assert [[cell.removesuffix(".0") for cell in row] for row in as_texts(of_csv)] == [
        [cell.removesuffix(".0") for cell in row] for row in as_texts(wanted)
    ]
    assert [[cell.removesuffix(".0") for cell in row] for row in as_texts(of_parquet)] == [
        [cell.removesuffix(".0") for cell in row] for row in as_texts(wanted)
    ]
    table = (tmp_path / "answer.txt").read_text(encoding="utf-8")
    assert all(name in table.splitlines()[0] for name in wanted.columns)
    assert "As of 2026-05-01T12:00:00Z." in table


def test_variants_are_the_ways_of_the_five(shop: Script) -> None:
    frame = read(shop, "variants")
    assert list(zip(frame["path"], frame["count"], frame["converted_count"], strict=True)) == [
        (["Home"], 2, 0),
        (["Home", "Product", "Cart", "bought"], 1, 1),
        (["Product"], 1, 0),
        (["Product", "Cart"], 1, 0),
    ]
    named = read(shop, "variants", "--top", "1", "--goal", "Cart")
    assert list(zip(named["path"], named["count"], named["converted_count"], strict=True)) == [
        (["Home"], 2, 0), (["(other)"], 3, 2)]  # fmt: skip
    assert "Home > Product > Cart > bought" in shop("variants").succeeds()


def test_the_step_matrix_stands_on_the_entrants_of_paths(shop: Script) -> None:
    frame = read(shop, "step-matrix", "--depth", "5").set_index("step")
    assert frame.loc["Home"].tolist() == [3 / 5, 0, 0, 0, 0]
    assert frame.loc["Product"].tolist() == [2 / 5, 1 / 5, 0, 0, 0]
    assert frame.loc["(converted)"].tolist() == [0, 0, 0, 0, 1 / 5]
    paths = read(shop, "paths")
    assert paths.loc[paths["step_index"] == 1, "count"].sum() == 5


def test_nothing_is_met_twice_here_and_nobody_goes_back(shop: Script) -> None:
    assert read(shop, "loops")["person_count"].sum() == 0
    assert read(shop, "backtracks").empty
    assert read(shop, "backtracks", "--table", "total").iloc[0][["person_count", "met_count"]].tolist() == [0, 5]


def test_what_comes_again_is_looked_for_after_the_goal_too(shop: Script) -> None:
    assert "bought" in read(shop, "loops")["step"].tolist()
    assert read(shop, "rework", "--goal", "Cart")["step"].tolist() == ["Home", "Product", "Cart"]


@pytest.mark.parametrize(
    ("words", "a", "b"),
    [
        (("--group", "(converted)"), 1, 4),
        (("--group", "Cart", "--group", "Home"), 1, 2),  # a fits both
        (("--group", "2026-03-01..2026-03-02", "--group", "2026-03-02..2026-04-01"), 2, 2),
        (("--group", "event=view"), 3, 2),
        (("--group", "land", "--group", "view", "--by", "event"), 3, 2),
    ],
)
def test_groups_are_typed_as_outcome_step_period_or_value(shop: Script, words: tuple[str, ...], a: int, b: int) -> None:
    frame = read(shop, "step-matrix-difference", *words)
    assert (set(frame["a_base_count"]), set(frame["b_base_count"])) == ({a}, {b})


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("step-matrix-difference",), "two groups are compared"),
        (("step-matrix-difference", "--group", "=x"), "'=x'"),
        (("step-matrix-difference", "--group", "a..b"), "'a'"),
        (("step-matrix-difference", "--group", "Hom"), "'Home'"),
        (("step-matrix-difference", "--group", "Home", "--group", "Cart", "--group", "x"), "'x'"),
        (("step-matrix", "--depth", "0"), "0"),
        (("step-matrix", "--depth", "x"), "'x'"),
        (("variants", "--top", "0"), "0"),
        (("variants", "--table", "persons"), "persons"),
        (("loops", "--unit", "cat"), "'cat'"),
        (("rework", "--goal", "nope"), "'nope'"),
    ],
)
def test_a_wrong_call_ends_with_2_and_names_the_fault(shop: Script, words: tuple[str, ...], found: str) -> None:
    ended = shop(*words)
    assert (ended.code, ended.out) == (2, "")
    assert found in ended.err
    assert "Traceback" not in ended.err
