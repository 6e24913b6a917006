"""Kept tables: what counts is the last run of each unit, whatever was written, replaced and merged before."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.errors import ModelError
from journeys.warehouse import Engine
from journeys.warehouse.runs import Listing, Runs, RunTable, link_runs

TABLE = RunTable("things", ("unit",), ("unit", "number"), ("place",))
# A night: unit -> its numbers; a unit without numbers is gone.
NIGHTS = st.lists(
    st.dictionaries(st.sampled_from("abcdef"), st.lists(st.integers(0, 9), max_size=3), max_size=4), max_size=30
)


def select(rows: list[tuple[str, int, str]]) -> str:
    values = ", ".join(f"('{unit}', {number}, '{place}')" for unit, number, place in rows)
    listed = f"SELECT * FROM (VALUES {values}) AS given (unit, number, place)" if rows else ""
    return listed or "SELECT '' AS unit, 0 AS number, '' AS place LIMIT 0"


def write_night(engine: Engine, runs: Runs, night: dict[str, list[int]], place: str) -> None:
    if night:
        units = ", ".join(f"('{unit}')" for unit in night)
        runs.replace(engine, "things", f"SELECT * FROM (VALUES {units}) AS given (unit)")
    runs.write(engine, "things", select([(unit, number, place) for unit in night for number in night[unit]]))


@settings(max_examples=12)
@given(nights=NIGHTS)
def test_the_last_run_of_each_unit_counts(tmp_path_factory: pytest.TempPathFactory, nights: list) -> None:
    folder = tmp_path_factory.mktemp("runs")
    expected: dict[str, list[int]] = {}
    listings: dict[str, Listing] = {}
    before: Path | None = None
    for index, night in enumerate(nights):
        with Engine() as engine:
            here = folder / str(index)
            if before:
                link_runs(before, here, listings)
            runs = Runs(engine, here, [TABLE], listings)
            write_night(engine, runs, night, place=f"night {index}")
            expected.update(night)
            list(runs.merge(engine))
            runs.remove_unlisted()
            rows = [(unit, number) for unit, numbers in expected.items() for number in numbers]
            found = engine.rows("SELECT unit, number FROM kept.things")
            assert sorted(found) == sorted(rows)
            listing = runs.listings["things"]
            assert listing.row_count == len(rows)
            assert len({run for run, _ in (*listing.parts, *listing.replaced)}) <= 13
            # The same rows written at once have the same fingerprint.
            once = Runs(engine, folder / f"once {index}", [TABLE], {})
            once.write(engine, "things", select([(*row, "elsewhere") for row in rows]))
            assert once.listings["things"].fingerprint == listing.fingerprint
        listings, before = {name: Listing.from_json(vars(each)) for name, each in runs.listings.items()}, here


def test_files_of_the_night_before_are_never_changed(tmp_path: Path) -> None:
    with Engine() as engine:
        first = Runs(engine, tmp_path / "1", [TABLE], {})
        write_night(engine, first, {"a": [1], "b": [2]}, "first")
        kept = {path: path.read_bytes() for path in (tmp_path / "1").rglob("*.parquet")}
        link_runs(tmp_path / "1", tmp_path / "2", first.listings)
        second = Runs(engine, tmp_path / "2", [TABLE], first.listings)
        write_night(engine, second, {"a": [7]}, "second")
    assert {path: path.read_bytes() for path in (tmp_path / "1").rglob("*.parquet")} == kept
    linked = [path for path in (tmp_path / "2").rglob("*.parquet") if path.stat().st_nlink > 1]
    assert len(linked) == len(kept)


def test_rows_of_other_columns_are_refused(tmp_path: Path) -> None:
    with Engine() as engine:
        runs = Runs(engine, tmp_path, [TABLE], {})
        runs.write(engine, "things", "SELECT 'a' AS unit, 1 AS number, '' AS place")
        with pytest.raises(ModelError, match="other columns"):
            runs.write(engine, "things", "SELECT 'a' AS unit, 1 AS number")


def test_the_order_of_a_file_is_asserted(tmp_path: Path) -> None:
    with Engine() as engine:
        runs = Runs(engine, tmp_path, [TABLE], {})
        numbers = random.Random(1).sample(range(300_000), 300_000)
        engine.save("shuffled", f"SELECT 'a' AS unit, unnest({numbers}) AS number, '' AS place")
        runs.write(engine, "things", "SELECT * FROM shuffled")
        (path,) = tmp_path.rglob("*rows.parquet")
        assert engine.rows(f"SELECT number FROM '{path}' LIMIT 2") == [(0,), (1,)]
        engine.run(f"COPY (SELECT * FROM '{path}' ORDER BY number DESC) TO '{path}' (FORMAT parquet)")
        with pytest.raises(ModelError, match="out of order"):
            runs._assert_order(engine, TABLE, path)
