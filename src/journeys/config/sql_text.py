"""SQL written in the configuration: one expression, predicate or query that reads its own rows and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlglot
from sqlglot import exp

from journeys.config.problems import Loc, Problems

_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Command, exp.Copy,
           exp.Attach, exp.Detach, exp.Set, exp.Pragma, exp.Use, exp.TruncateTable, exp.Into)  # fmt: skip
# A number must be the same when it is counted again.
_UNSTEADY = ("random", "rand", "uuid", "gen_random_uuid", "now", "current_timestamp", "today", "current_date",
             "current_time", "get_current_timestamp", "setseed", "nextval")  # fmt: skip
_DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "mssql": "tsql",
             "oracle": "oracle", "snowflake": "snowflake", "bigquery": "bigquery", "redshift": "redshift",
             "duckdb": "duckdb", "trino": "trino", "databricks": "databricks", "clickhouse": "clickhouse"}  # fmt: skip


def find_expression_fault(text: str) -> str:
    """Say what is wrong with an SQL expression over one row; '' when nothing is.

    Refused are several statements, queries inside, windows over other rows, and functions without a steady value.
    """
    try:
        trees = sqlglot.parse(f"SELECT ({text}\n)", dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        return f"not SQL: {_first_line(error)}"
    tree = trees[0]
    if len(trees) != 1 or not isinstance(tree, exp.Select) or len(tree.expressions) != 1 or tree.args.get("from_"):
        return "more than one expression"
    if not isinstance(tree.expressions[0], exp.Paren) or set(_given(tree)) != {"expressions"}:
        return "more than one expression"
    if any(tree.expressions[0].find_all(exp.Query, *_WRITES)):
        return "a query inside"
    if tree.expressions[0].find(exp.Window):
        return "a window function"
    for function in tree.expressions[0].find_all(exp.Func):
        name = (function.name if isinstance(function, exp.Anonymous) else function.sql_name()).lower()
        if name in _UNSTEADY:
            return f"{name}() gives another value each time"
    return ""


def find_query_fault(text: str, url: str) -> str:
    """Say what is wrong with a query of a database source; '' when it is one SELECT.

    Args:
        text: the query.
        url: the database, whose dialect the query is written in.
    """
    dialect = _DIALECTS.get(url.split(":", 1)[0].split("+", 1)[0].lower(), "")
    try:
        trees = [tree for tree in sqlglot.parse(text, dialect=dialect or None) if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        return f"not SQL: {_first_line(error)}"
    if len(trees) != 1:
        return "more than one statement"
    if not isinstance(trees[0], exp.Query) or any(trees[0].find_all(*_WRITES)):
        return "no SELECT"
    return ""


def check_rule_sql(loc: Loc, rule: Mapping[str, Any], problems: Problems) -> None:
    """Record a fault in the SQL predicate of a touchpoint rule or goal."""
    for key in ("sql", "match"):
        if isinstance(rule.get(key), str) and rule[key].strip():
            _add((*loc, key), find_expression_fault(rule[key]), "one SQL predicate over the events' columns", problems)


def check_source_sql(loc: Loc, source: Mapping[str, Any], problems: Problems) -> None:
    """Record faults in the query and the column expressions of a source."""
    query = source.get("query")
    if isinstance(query, str) and query.strip():
        _add((*loc, "query"), find_query_fault(query, str(source.get("url", ""))), "one SELECT", problems)
    allowed = "one SQL expression over the source's columns"
    for section in ("columns", "identifiers", "answer"):
        for name, text in _column_expressions(source.get(section)):
            _add((*loc, section, name, "sql"), find_expression_fault(text), allowed, problems)


def _column_expressions(columns: object) -> Iterator[tuple[str, str]]:
    for name, given in columns.items() if isinstance(columns, dict) else ():
        if isinstance(given, dict) and isinstance(given.get("sql"), str) and given["sql"].strip():
            yield name, given["sql"]


def _add(loc: Loc, fault: str, allowed: str, problems: Problems) -> None:
    if fault:
        problems.add(loc, fault, allowed=allowed)


def _given(tree: exp.Expression) -> Iterator[str]:
    return (name for name, value in tree.args.items() if value)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0].rstrip(".") if lines and "class '" not in lines[0] else "it cannot be read"
