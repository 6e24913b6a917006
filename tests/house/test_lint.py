"""The SQL lint refuses what means something else or fails on Spark, and lets the common subset pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from journeys.warehouse.lint import lint_sql

HEADER = "-- One row per thing.\n-- grain: thing\n-- key: a\n-- not null: a\n"

REFUSED = {
    "date_diff": ("SELECT date_diff('second', a, b) AS a FROM t", "date_diff()"),
    "datediff": ("SELECT datediff('second', a, b) AS a FROM t", "datediff()"),
    "date_sub": ("SELECT date_sub('second', a, b) AS a FROM t", "date_sub()"),
    "datesub": ("SELECT DATESUB('second', a, b) AS a FROM t", "datesub()"),
    "percentile_cont": ("SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY b) AS a FROM t", "percentile_cont()"),
    "quantile_cont": ("SELECT quantile_cont(b, 0.9) AS a FROM t", "quantile_cont()"),
    "dayofweek": ("SELECT dayofweek(b) AS a FROM t", "dayofweek()"),
    "isodow": ("SELECT isodow(b) AS a FROM t", "isodow()"),
    "extract dow": ("SELECT extract(dow FROM b) AS a FROM t", "date part 'dow'"),
    "date_part isodow": ("SELECT date_part('isodow', b) AS a FROM t", "date part 'isodow'"),
    "epoch difference": ("SELECT epoch(b) - epoch(a) AS a FROM t", "epoch()"),
    "extract epoch": ("SELECT extract(epoch FROM b) AS a FROM t", "date part 'epoch'"),
    "epoch_us": ("SELECT epoch_us(b) AS a FROM t", "epoch_us()"),
    "epoch_ms": ("SELECT epoch_ms(b) AS a FROM t", "epoch_ms()"),
    "timezone": ("SELECT timezone('UTC', b) AS a FROM t", "timezone()"),
    "at time zone": ("SELECT b AT TIME ZONE 'UTC' AS a FROM t", "AT TIME ZONE"),
    "star replace": ("SELECT * REPLACE (b AS a) FROM t", "EXCLUDE/REPLACE"),
    "star exclude": ("SELECT * EXCLUDE (b) FROM t", "EXCLUDE/REPLACE"),
    "star exclude of a table": ("SELECT t.* EXCLUDE (b), b AS a FROM t", "EXCLUDE/REPLACE"),
    "columns": ("SELECT a, COLUMNS('b.*') FROM t", "COLUMNS()"),
    "asof": ("SELECT t.a FROM t ASOF JOIN u ON t.b >= u.b", "ASOF"),
    "union by name": ("SELECT a FROM t UNION ALL BY NAME SELECT a FROM u", "BY NAME"),
    "list_sum": ("SELECT list_sum(b) AS a FROM t", "list_sum()"),
    "len": ("SELECT len(b) AS a FROM t", "len()"),
    "len in a subquery": ("SELECT a FROM t WHERE a IN (SELECT len(b) FROM u)", "len()"),
    "generate_series": ("SELECT a FROM generate_series(1, 3) AS s(a)", "generate_series()"),
    "range": ("SELECT a FROM range(3) AS s(a)", "range()"),
    "ordered list": ("SELECT list(b ORDER BY c) AS a FROM t", "ORDER BY inside"),
    "ordered array_agg": ("SELECT array_agg(b ORDER BY c) AS a FROM t", "ORDER BY inside"),
    "ordered first": ("SELECT first(b ORDER BY c) AS a FROM t", "ORDER BY inside"),
    "group by all": ("SELECT a, count(*) AS n FROM t GROUP BY ALL", "GROUP BY ALL"),
    "distinct on": ("SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b", "DISTINCT ON"),
    "lambda arrow": ("SELECT list_transform(b, x -> x + 1) AS a FROM t", "->"),
    "window by time alone": ("SELECT a, lag(b) OVER (PARTITION BY c ORDER BY at_us) AS d FROM t", "ends in 'at_us'"),
    "named window": (
        "SELECT a, lag(b) OVER w AS d FROM t WINDOW w AS (PARTITION BY c ORDER BY at_us)",
        "ends in 'at_us'",
    ),
    "running sum by time alone": (
        "SELECT a, CAST(sum(b) OVER (PARTITION BY c ORDER BY at_us) AS BIGINT) AS d FROM t",
        "ends in 'at_us'",
    ),
    "window by some of the groups": (
        "SELECT a, row_number() OVER (ORDER BY b) AS d FROM t GROUP BY a, b",
        "ends in 'b'",
    ),
    "row frame by time alone": (
        "SELECT a, max(b) OVER (ORDER BY at_us ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS d FROM t",
        "ends in 'at_us'",
    ),
    "window in qualify": ("SELECT a FROM t QUALIFY row_number() OVER (PARTITION BY c ORDER BY b) = 1", "ends in 'b'"),
    "window ending in an expression": ("SELECT a, lag(b) OVER (ORDER BY event_id + 1) AS d FROM t", "event_id + 1"),
    "row_number without order": ("SELECT a, row_number() OVER (PARTITION BY b) AS d FROM t", "without ORDER BY"),
    "first_value without order": ("SELECT a, first_value(b) OVER (PARTITION BY c) AS d FROM t", "without ORDER BY"),
    "row frame without order": (
        "SELECT a, max(b) OVER (PARTITION BY c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS d FROM t",
        "without ORDER BY",
    ),
    "sum": ("SELECT a, sum(b) AS d FROM t GROUP BY a", "SUM without CAST"),
    "sum of a cast": ("SELECT a, sum(CAST(b AS BIGINT)) AS d FROM t GROUP BY a", "SUM without CAST"),
    "sum inside a cast subquery only": (
        "SELECT a, CAST((SELECT sum(b) FROM u) AS BIGINT) AS d FROM t",
        "SUM without CAST",
    ),
    "count_if": ("SELECT a, count_if(b) AS d FROM t GROUP BY a", "COUNT_IF without CAST"),
    "template value": ("SELECT a FROM {{ t }}", "templating ({{)"),
    "template block": ("SELECT a FROM t {% if x %} WHERE a {% endif %}", "templating ({%)"),
    "two statements": ("SELECT a FROM t; SELECT a FROM u", "2 statements"),
    "semicolon": ("SELECT a FROM t;", "';' is refused"),
    "no statement": ("", "0 statements"),
    "insert": ("INSERT INTO t SELECT a FROM u", "is not a SELECT"),
    "with insert": ("WITH u AS (SELECT 1 AS a) INSERT INTO t SELECT a FROM u", "is not a SELECT"),
    "create": ("CREATE TABLE t AS SELECT a FROM u", "is not a SELECT"),
    "from first": ("FROM t SELECT a", "is not a SELECT"),
    "nonsense": ("SELECT a FROM WHERE (", "cannot be parsed"),
    "undeclared parameter": ("SELECT a FROM t WHERE b > $least", "$least is used but not declared"),
}

CLEAN = {
    "plain": "SELECT a, b AS c FROM t",
    "with": "WITH u AS (SELECT a FROM t) SELECT a FROM u",
    "union": "SELECT a FROM t UNION ALL SELECT a FROM u",
    "star": "SELECT * FROM t",
    "unique window": "SELECT a, lag(b) OVER (PARTITION BY c ORDER BY at_us, event_id) AS d FROM t",
    "unique window of a table": "SELECT a, lag(b) OVER (ORDER BY t.at_us, t.event_id DESC) AS d FROM t",
    "window by the key": "SELECT a, row_number() OVER (ORDER BY b DESC, a) AS d FROM t",
    "named window": "SELECT a, lag(b) OVER w AS d FROM t WINDOW w AS (PARTITION BY c ORDER BY at_us, visit_id)",
    "extended window": "SELECT a, lag(b) OVER (w ORDER BY c, visit_id) AS d FROM t WINDOW w AS (PARTITION BY c)",
    "window by the groups": "SELECT b, row_number() OVER (PARTITION BY b ORDER BY max(d), c) AS a FROM t GROUP BY b, c",
    "written range frame": "SELECT a, max(b) OVER (ORDER BY c RANGE UNBOUNDED PRECEDING) AS d FROM t",
    "partition-wide": "SELECT a, max(b) OVER (PARTITION BY c) AS d, count(*) FILTER (b > 1) OVER () AS e FROM t",
    "value range": "SELECT a, max(b) OVER (ORDER BY at_us RANGE BETWEEN 9 PRECEDING AND CURRENT ROW) AS d FROM t",
    "cast sum": "SELECT a, CAST(coalesce(sum(b) FILTER (WHERE c), 0) AS BIGINT) AS d FROM t GROUP BY a",
    "cast window sum": "SELECT a, sum(b) OVER (PARTITION BY c)::BIGINT AS d FROM t",
    "string_agg": "SELECT a, string_agg(b, '>' ORDER BY c) AS d FROM t GROUP BY a",
    "same on both": "SELECT a, median(b) AS c, arg_min(d, e) AS f, split_part(g, '/', 1) AS h FROM t GROUP BY a, g",
    "texts that only look refused": "SELECT a, 'x -> {y}; epoch(b)' AS b, length(c) AS len FROM t -- epoch_us(b)",
    "calendar parts": "SELECT a, extract(year FROM b) AS c, date_trunc('week', b) AS d FROM t",
}

HEADERS = {
    "no meaning": ("-- grain: a\n-- key: a\n-- not null: a\n", "sentence of meaning"),
    "no grain": ("-- Things.\n-- key: a\n-- not null: a\n", "lacks '-- grain:'"),
    "no key": ("-- Things.\n-- grain: a\n-- not null: a\n", "lacks '-- key:'"),
    "no not null": ("-- Things.\n-- grain: a\n-- key: a\n", "lacks '-- not null:'"),
    "header below the statement": ("SELECT 1;\n" + HEADER, "lacks '-- grain:'"),
    "empty key": ("-- Things.\n-- grain: a\n-- key:\n-- not null: a\n", "'-- key:' is empty"),
    "two grains": (HEADER + "-- grain: b\n", "stands twice"),
    "misspelled": (HEADER + "-- chekc: a > 0\n", "unknown header field 'chekc'"),
    "kind": (HEADER + "-- kind: view\n", "kind is 'view'"),
    "key not returned": (
        "-- Things.\n-- grain: a\n-- key: z\n-- not null: a\n",
        "'z', which the model does not return",
    ),
    "check": (HEADER + "-- check: a > (\n", "cannot be parsed"),
    "parameter form": (HEADER + "-- parameter: least\n", "'name TYPE meaning'"),
    "parameter unused": (HEADER + "-- parameter: least BIGINT smallest value\n", "declared but not used"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_construct_is_refused_with_its_reason(case: str) -> None:
    sql, reason = REFUSED[case]
    assert any(reason in problem for problem in lint_sql(HEADER + sql, name="t.sql"))


@pytest.mark.parametrize("case", CLEAN)
def test_common_subset_passes(case: str) -> None:
    assert lint_sql(HEADER + CLEAN[case], name="t.sql") == []


@pytest.mark.parametrize("case", HEADERS)
def test_faulty_header_is_refused(case: str) -> None:
    header, reason = HEADERS[case]
    assert any(reason in problem for problem in lint_sql(header + "SELECT a FROM t", name="t.sql"))


def test_full_header_passes() -> None:
    header = HEADER + "-- check: a > 0\n-- parameter: least BIGINT smallest value kept\n-- kind: step\n"
    assert lint_sql(header + "SELECT a FROM t WHERE a >= $least", name="t.sql") == []


def test_problem_names_file_and_line() -> None:
    (problem,) = lint_sql(HEADER + "SELECT\n  a,\n  epoch_us(b) AS c\nFROM t", name="1_events/t.sql")
    assert problem.startswith("1_events/t.sql:7: epoch_us() ")


def test_unique_columns_are_the_callers_choice() -> None:
    sql = HEADER + "SELECT a, lag(b) OVER (ORDER BY ticket_id) AS d FROM t"
    assert lint_sql(sql, name="t.sql")
    assert lint_sql(sql, name="t.sql", unique_columns={"ticket_id"}) == []


@pytest.mark.parametrize(("sql", "code"), [("SELECT a FROM t", 0), ("SELECT len(a) AS a FROM t", 1)])
def test_command_prints_problems_and_exits_1(tmp_path: Path, sql: str, code: int) -> None:
    (tmp_path / "1_events").mkdir()
    (tmp_path / "1_events" / "things.sql").write_text(HEADER + sql, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "journeys.warehouse.lint", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == code, run.stderr
    assert ("things.sql:5: len()" in run.stdout) == bool(code)
