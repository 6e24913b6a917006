"""Builds: the order is read from the SQL, each promise of a header is held, and inner steps can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from journeys.errors import ModelError
from journeys.warehouse import BuiltTable, Engine, build, check_table, models, read_model, select_model

HEADER = "-- One row per thing, for the tests.\n-- grain: one thing\n-- key: thing_id\n-- not null: thing_id, size\n"


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Writes models into a `sql/` of the test's own."""
    monkeypatch.setattr(models, "find_folder", lambda name: tmp_path)
    models.load_models.cache_clear()

    def write_model(place: str, select: str, header: str = HEADER) -> None:
        path = tmp_path / f"{place}.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{header}{select}\n", encoding="utf-8")
        models.load_models.cache_clear()

    yield write_model
    monkeypatch.undo()
    models.load_models.cache_clear()


def test_the_order_is_read_from_the_sql_and_not_from_names(engine: Engine, write: Callable) -> None:
    write("1_a/z_first", "SELECT 1 AS thing_id, 2 AS size")
    write("1_a/m_second", "SELECT thing_id, size FROM z_first")
    write("2_b/a_third", "WITH inner_one AS (SELECT * FROM m_second) SELECT thing_id, size FROM inner_one")
    built: list[BuiltTable] = []
    done = build(engine, ["a_third", "z_first", "m_second"], report=built.append)
    assert [table.name for table in done] == ["z_first", "m_second", "a_third"]
    assert list(done) == built
    assert [table.row_count for table in done] == [1, 1, 1]
    assert all(table.seconds >= 0 for table in done)


def test_models_that_read_each_other_are_refused(write: Callable) -> None:
    write("1_a/one", "SELECT * FROM two")
    write("1_a/two", "SELECT * FROM one")
    with pytest.raises(ModelError, match="circle"):
        models.load_models()


def test_two_files_of_one_name_are_refused(write: Callable) -> None:
    write("1_a/one", "SELECT 1 AS thing_id, 1 AS size")
    write("2_b/one", "SELECT 1 AS thing_id, 1 AS size")
    with pytest.raises(ModelError, match=r"one\.sql"):
        models.load_models()


@pytest.mark.parametrize("missing", ["-- One row", "-- grain", "-- key", "-- not null"])
def test_an_incomplete_header_is_refused(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "thing.sql"
    lines = [line for line in HEADER.splitlines() if not line.startswith(missing)]
    path.write_text("\n".join([*lines, "SELECT 1 AS thing_id, 1 AS size"]))
    with pytest.raises(ModelError, match=r"thing\.sql"):
        read_model(path)


@pytest.mark.parametrize("text", ["SELEC 1", "SELECT 1; SELECT 2", "", "SELECT (1 AS x"])
def test_what_is_not_one_select_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "thing.sql"
    path.write_text(HEADER + text)
    with pytest.raises(ModelError, match=r"thing"):
        read_model(path)


BROKEN = {
    "key": ("SELECT * FROM (VALUES (1, 1), (2, 1), (2, 3), (2, 4)) AS t(thing_id, size)", "", "unique", 1),
    "not null": ("SELECT * FROM (VALUES (1, 1), (2, NULL)) AS t(thing_id, size)", "", "never null", 1),
    "check": (
        "SELECT * FROM (VALUES (1, 1), (2, -5), (3, 0)) AS t(thing_id, size)",
        "-- check: size > 0\n",
        "size > 0",
        2,
    ),
}


@pytest.mark.parametrize("promise", BROKEN)
def test_a_broken_promise_stops_the_build_and_shows_rows(engine: Engine, write: Callable, promise: str) -> None:
    select, line, words, count = BROKEN[promise]
    write("1_a/thing", select, HEADER + line)
    with pytest.raises(ModelError) as caught:
        build(engine, ["thing"])
    assert caught.value.code == "model-promise"
    assert words in str(caught.value)
    assert f"{count} of" in caught.value.what
    assert "thing_id" in caught.value.found
    assert "1_a/thing.sql" in caught.value.what


def test_kept_promises_pass_and_an_unknown_check_value_is_not_a_failure_of_the_check(
    engine: Engine, write: Callable
) -> None:
    # SQL: NOT (NULL > 0) is unknown, so a null passes a check; that it is there is what `not null` is for.
    write(
        "1_a/thing", "SELECT 1 AS thing_id, 1 AS size, CAST(NULL AS BIGINT) AS extra", HEADER + "-- check: extra > 0\n"
    )
    assert build(engine, ["thing"])[0].row_count == 1


def test_promises_hold_for_a_table_already_there(engine: Engine, write: Callable) -> None:
    write("1_a/thing", "SELECT 1 AS thing_id, 1 AS size")
    engine.load("thing", pa.table({"thing_id": [1, 1], "size": [1, 1]}))
    with pytest.raises(ModelError, match="unique"):
        check_table(engine, models.load_models()["thing"])


PARAMETER = HEADER + "-- parameter: least BIGINT the smallest size\n"


def test_parameters_reach_the_models_that_name_them_and_a_missing_one_is_named(engine: Engine, write: Callable) -> None:
    write("1_a/thing", "SELECT * FROM (VALUES (1, 5), (2, 9)) AS t(thing_id, size) WHERE size > $least", PARAMETER)
    write("1_a/other", "SELECT thing_id, size FROM thing")
    done = build(engine, ["thing", "other"], parameters={"least": 6, "unused": 1})
    assert [table.row_count for table in done] == [1, 1]
    with pytest.raises(ModelError, match="least"):
        build(engine, ["thing"])


def test_a_parameter_is_a_value_and_never_text_of_the_statement(engine: Engine, write: Callable) -> None:
    header = HEADER + "-- parameter: word VARCHAR any text\n"
    write("1_a/thing", "SELECT 1 AS thing_id, $word AS size", header)
    hostile = "'; DROP TABLE thing; --"
    build(engine, ["thing"], parameters={"word": hostile})
    assert engine.rows("SELECT size FROM thing") == [(hostile,)]


STEP = HEADER + "-- kind: step\n"


def test_an_inner_step_is_inlined_and_stepwise_leaves_it_and_prints(
    engine: Engine, write: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    write("1_a/deep_step", "SELECT * FROM (VALUES (1, 5), (2, 9)) AS t(thing_id, size)", STEP)
    write("1_a/inner_step", "SELECT * FROM deep_step WHERE size > 6", STEP)
    write("1_a/thing", "SELECT thing_id, size FROM inner_step")
    assert [table.name for table in build(engine, ["thing"])] == ["thing"]
    assert capsys.readouterr().out == ""
    with pytest.raises(ModelError):
        engine.row_count("inner_step")
    assert engine.rows("SELECT * FROM thing") == [(2, 9)]
    done = build(engine, ["thing"], stepwise=True)
    assert [table.name for table in done] == ["deep_step", "inner_step", "thing"]
    assert engine.row_count("deep_step") == 2
    assert engine.rows("SELECT * FROM thing") == [(2, 9)]
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["1_a/deep_step", "1_a/inner_step", "1_a/thing"]
    assert "2 rows" in lines[0]
    assert lines[0].endswith(" s")


def test_a_broken_inner_step_shows_itself_stepwise(engine: Engine, write: Callable) -> None:
    write("1_a/inner_step", "SELECT * FROM (VALUES (1, 5), (1, 9)) AS t(thing_id, size)", STEP)
    write("1_a/thing", "SELECT thing_id, MAX(size) AS size FROM inner_step GROUP BY thing_id")
    build(engine, ["thing"])
    with pytest.raises(ModelError, match="inner_step"):
        build(engine, ["thing"], stepwise=True)


def test_a_model_can_be_had_as_text_without_running_it(engine: Engine, write: Callable) -> None:
    write("1_a/inner_step", "SELECT 1 AS thing_id, $least AS size", PARAMETER + "-- kind: step\n")
    write("1_a/thing", "SELECT thing_id, size FROM inner_step")
    select, parameters = select_model("thing", {"least": 3, "more": 1})
    assert parameters == {"least": 3}
    assert engine.rows(select, parameters) == [(1, 3)]


def test_building_again_replaces(engine: Engine, write: Callable) -> None:
    write("1_a/thing", "SELECT 1 AS thing_id, 1 AS size")
    build(engine, ["thing"])
    write("1_a/thing", "SELECT 7 AS thing_id, 1 AS size")
    build(engine, ["thing"])
    assert engine.rows("SELECT thing_id FROM thing") == [(7,)]


def test_an_unknown_model_is_refused(engine: Engine, write: Callable) -> None:
    write("1_a/thing", "SELECT 1 AS thing_id, 1 AS size")
    with pytest.raises(ModelError):
        build(engine, ["nothing"])


def test_a_model_that_reads_what_is_not_there_names_it(engine: Engine, write: Callable) -> None:
    write("1_a/thing", "SELECT thing_id, size FROM nowhere")
    with pytest.raises(ModelError, match="nowhere"):
        build(engine, ["thing"])
