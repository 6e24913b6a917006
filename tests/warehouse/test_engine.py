"""The engine: values in and out, scratch tables, fingerprints, a file that is complete after closing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from journeys.errors import ModelError
from journeys.warehouse import Engine, quote_name, quote_text

ODD = ["plain", 'a"b', "a'b", "select", "x y", "$a", "ü", "; DROP TABLE t; --", "a.b"]


@pytest.mark.parametrize("name", ODD)
def test_any_name_can_be_a_table_and_a_column(name: str) -> None:
    engine = Engine()
    assert engine.load(name, pa.table({name: [1, 2]})) == 2
    assert engine.columns(name) == [name]
    assert engine.rows(f"SELECT {quote_name(name)} FROM {quote_name(name)}") == [(1,), (2,)]
    assert engine.value(f"SELECT {quote_text(name)}") == name


def test_what_goes_in_comes_out() -> None:
    engine = Engine()
    engine.load("t", pd.DataFrame({"a": [2**62, 1], "b": ["x", None]}))
    assert engine.rows("SELECT a, b FROM t ORDER BY a") == [(1, None), (2**62, "x")]
    assert list(engine.frame("SELECT COUNT(*) AS n FROM t")["n"]) == [2]
    assert engine.value("SELECT a FROM t WHERE a = $a", {"a": 1}) == 1
    assert engine.value("SELECT a FROM t WHERE FALSE") is None
    assert engine.save("u", "SELECT a FROM t WHERE a > $a", {"a": 1}) == 1


def test_results_can_be_read_while_another_waits() -> None:
    engine = Engine()
    engine.save("t", "SELECT 1 AS a UNION ALL SELECT 2")
    first = engine.frame("SELECT a FROM t")
    assert engine.row_count("t") == len(first) == 2


def test_time_zones_of_the_machine_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    engine = Engine()
    assert engine.value("SELECT CAST(TIMESTAMPTZ '2026-03-02 00:00:00+00' AS VARCHAR)") == "2026-03-02 00:00:00+00"


def test_a_failed_statement_is_a_model_error_with_the_reason() -> None:
    engine = Engine()
    for statement in ("SELECT * FROM nowhere", "SELECT nowhere", "nonsense", "SELECT CAST('x' AS BIGINT)"):
        with pytest.raises(ModelError) as caught:
            engine.run(statement)
        assert caught.value.found


def test_scratch_tables_vanish_and_hide_nothing() -> None:
    engine = Engine()
    engine.save("t", "SELECT 1 AS a")
    with engine.scratch() as scratch:
        scratch.save("mine", "SELECT a FROM t")
        assert scratch.row_count("mine") == 1
        with engine.scratch() as other, pytest.raises(ModelError):
            other.row_count("mine")
        with pytest.raises(ModelError):
            engine.row_count("mine")
    with pytest.raises(ModelError):
        engine.row_count("mine")
    assert engine.row_count("t") == 1


def test_a_fingerprint_follows_content_and_not_order() -> None:
    engine = Engine()

    def fingerprint(*values: object) -> str:
        engine.load("t", pa.table({"a": pa.array([v for v, _ in values]), "b": pa.array([w for _, w in values])}))
        return engine.fingerprint("t", ["a", "b"])

    rows = [(1, "x"), (2, "y"), (3, None)]
    assert fingerprint(*rows) == fingerprint(*rows[::-1])
    others = [rows[:2], [*rows, rows[0]], [(1, "y"), (2, "x"), (3, None)], [(1, "x"), (2, "y"), (3, "")]]
    assert len({fingerprint(*rows), *(fingerprint(*each) for each in others)}) == 5


def test_a_file_is_complete_after_closing_and_can_be_attached(tmp_path: Path) -> None:
    path = tmp_path / "it's a file.duckdb"
    engine = Engine(path)
    engine.save("t", "SELECT 1 AS a")
    engine.close()
    assert not path.with_suffix(".duckdb.wal").exists()
    reader = Engine(memory_limit="200MB")
    reader.attach(path, name="snap")
    assert reader.rows("SELECT a FROM t") == [(1,)]
    with pytest.raises(ModelError):
        reader.run("INSERT INTO snap.t VALUES (2)")


def test_an_attached_file_is_seen_by_every_cursor_and_what_is_made_hides_it(tmp_path: Path) -> None:
    with Engine(tmp_path / "there.duckdb") as engine:
        engine.save("t", "SELECT 1 AS a")
        engine.run("CREATE SCHEMA kept")
        engine.run("CREATE TABLE kept.k AS SELECT 3 AS a")
        engine.run("CREATE VIEW v AS SELECT t.a + k.a AS a FROM t, kept.k")
    with Engine() as reader:
        reader.attach(tmp_path / "there.duckdb", name="snap")
        asked = "SELECT t.a, k.a, v.a FROM t, kept.k, v"
        with reader.cursor() as twin, reader.scratch() as scratch:
            assert reader.rows(asked) == twin.rows(asked) == scratch.rows(asked) == [(1, 3, 4)]
            scratch.save("t", "SELECT 7 AS a")
            assert scratch.value("SELECT a FROM t") == 7
            assert reader.value("SELECT a FROM t") == 1
        reader.save("t", "SELECT 2 AS a")
        # The view stands on what was there when it was made.
        assert reader.rows(asked) == [(2, 3, 4)]
    with Engine(tmp_path / "there.duckdb") as engine:
        assert engine.value("SELECT a FROM t") == 1


def test_a_lost_file_of_an_attached_view_is_told_at_once(tmp_path: Path) -> None:
    with Engine(tmp_path / "there.duckdb") as engine:
        engine.run(f"COPY (SELECT 1 AS a) TO '{tmp_path}/rows.parquet' (FORMAT parquet)")
        engine.run(f"CREATE VIEW v AS SELECT * FROM read_parquet(['{tmp_path}/rows.parquet'])")
    (tmp_path / "rows.parquet").unlink()
    with Engine() as reader, pytest.raises(ModelError, match=r"rows\.parquet"):
        reader.attach(tmp_path / "there.duckdb", name="snap")


def test_a_cursor_sees_the_same_tables() -> None:
    engine = Engine()
    engine.save("t", "SELECT 1 AS a")
    twin = engine.cursor()
    assert twin.row_count("t") == 1
    twin.close()
    assert engine.row_count("t") == 1
