"""Refuse SQL that DuckDB and Spark read differently, that depends on the order of rows, or that hides its promises.

`python -m journeys.warehouse.lint sql` prints the problems of every model and exits 1 when there are some.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Set
from itertools import zip_longest
from pathlib import Path

import click
import sqlglot
from sqlglot import Token, TokenType, exp

Problem = tuple[int, str]

# Ties in a window fall one way only where its ORDER BY ends in one of these, or where its columns hold the key of the
# header or all that the statement groups by.
UNIQUE_COLUMNS = frozenset({
    "account_id", "attempt_index", "edge_id", "event_id", "event_index", "identifier_id", "identifier_value",
    "journey_id", "journey_index", "line", "person_id", "row_id", "session_id", "session_index", "step_index",
    "unit_id", "visit_id", "visit_index",
})  # fmt: skip

_DIFFERENCE = "counts calendar boundaries in DuckDB and elapsed units in Spark; subtract the integer _us columns"
_PERCENTILE = (
    "becomes an approximation or fails on Spark; compute percentiles in Python from a small table (median() is safe)"
)
_WEEKDAY = "numbers the days differently on Spark; use strftime or the calendar day itself"
_EPOCH = "gives whole seconds or fails on Spark; use the integer _us columns"
_SERIES = "loses its alias or fails on Spark; bring the numbers in as a table"
REFUSED_CALLS = {
    "date_diff": _DIFFERENCE,
    "datediff": _DIFFERENCE,
    "date_sub": _DIFFERENCE,
    "datesub": _DIFFERENCE,
    "percentile_cont": _PERCENTILE,
    "quantile_cont": _PERCENTILE,
    "dayofweek": _WEEKDAY,
    "isodow": _WEEKDAY,
    "weekday": _WEEKDAY,
    "epoch": _EPOCH,
    "epoch_us": _EPOCH,
    "epoch_ms": _EPOCH,
    "timezone": "fails on Spark; times are UTC, local days come as local_date",
    "list_sum": "fails on Spark; keep values in long form and sum rows",
    "len": "fails on Spark for lists; use length() for text, and long form instead of lists",
    "generate_series": _SERIES,
    "range": _SERIES,
}
_REFUSED_PARTS = {"dow": _WEEKDAY, "dayofweek": _WEEKDAY, "isodow": _WEEKDAY, "weekday": _WEEKDAY, "epoch": _EPOCH}
_FIELD = re.compile(r"--\s*(grain|key|not null|check|parameter|kind):\s*(.*)")
_OTHER_FIELD = re.compile(r"--\s*([a-z]+(?:[ _-][a-z]+)?):\s")
_PARAMETER = re.compile(r"[a-z][a-z0-9_]* [A-Z][A-Z0-9_]*(?:\[\])? \S.*")
_ORDER_FREE = (
    exp.Sum, exp.Count, exp.CountIf, exp.Min, exp.Max, exp.Avg, exp.Median, exp.LogicalAnd, exp.LogicalOr,
    exp.ArgMin, exp.ArgMax, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop,
)  # fmt: skip


def lint_sql(text: str, *, name: str, unique_columns: Set[str] = UNIQUE_COLUMNS) -> list[str]:
    """Check the text of one SQL model.

    Args:
        text: the whole file, header included.
        name: shown in front of each problem, usually the file.
        unique_columns: columns that may end the ORDER BY of a window, where the window does not hold the key.

    Returns:
        One text per problem, `name:line: reason`, in the order of lines; empty when the model is clean.
    """
    fields, problems = _read_header(text)
    problems += [
        (_line_at(text, mark), f"templating ({mark}) is refused; use $parameters")
        for mark in ("{{", "{%")
        if mark in text
    ]
    try:
        tokens = sqlglot.tokenize(text, read="duckdb")
        problems += _token_problems(tokens)
        trees = [tree for tree in sqlglot.parse(text, read="duckdb") if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        place = re.search(r"Line (\d+)", str(error))
        problems.append((int(place[1]) if place else 1, f"cannot be parsed: {str(error).splitlines()[0]}"))
        return _written(problems, name)
    if len(trees) != 1:
        problems.append((1, f"holds {len(trees)} statements; one SELECT is allowed"))
    for tree in trees:
        if not isinstance(tree, exp.Query) or tokens[0].token_type not in (TokenType.SELECT, TokenType.WITH):
            problems.append((1, "is not a SELECT (or WITH ... SELECT)"))
            continue
        key = {column.lower() for _, value in fields.get("key", ()) for column in _names(value)}
        problems += _call_problems(tree)
        problems += _shape_problems(tree)
        problems += _window_problems(tree, unique_columns, key)
        problems += _promise_problems(tree, fields)
    return _written(problems, name)


def _written(problems: list[Problem], name: str) -> list[str]:
    return [f"{name}:{line}: {reason}" for line, reason in sorted(set(problems))]


def _line_at(text: str, mark: str) -> int:
    return text[: text.index(mark)].count("\n") + 1


def _names(value: str) -> list[str]:
    return [name.strip() for name in value.split(",") if name.strip()]


def _read_header(text: str) -> tuple[dict[str, list[tuple[int, str]]], list[Problem]]:
    """Read the comment lines at the top: field -> (line, value), and what is wrong with them."""
    fields: dict[str, list[tuple[int, str]]] = {}
    problems: list[Problem] = []
    has_meaning = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("--"):
            break
        if match := _FIELD.fullmatch(line):
            fields.setdefault(match[1], []).append((number, match[2].strip()))
        elif fields and (match := _OTHER_FIELD.match(line)):
            problems.append(
                (number, f"unknown header field '{match[1]}'; allowed: grain, key, not null, check, parameter, kind")
            )
        elif not fields and line.strip("- "):
            has_meaning = True
    if not has_meaning:
        problems.append((1, "the header does not begin with a sentence of meaning"))
    problems += [
        (1, f"the header lacks '-- {field}:'") for field in ("grain", "key", "not null") if field not in fields
    ]
    for field, values in fields.items():
        problems += [(number, f"'-- {field}:' is empty") for number, value in values if not value]
        if field in ("grain", "kind"):
            problems += [(number, f"'-- {field}:' stands twice") for number, _ in values[1:]]
    problems += [
        (number, f"kind is '{value}'; allowed: table, step")
        for number, value in fields.get("kind", ())
        if value not in ("table", "step")
    ]
    problems += [
        (number, f"parameter '{value}' is not written as 'name TYPE meaning'")
        for number, value in fields.get("parameter", ())
        if not _PARAMETER.fullmatch(value)
    ]
    return fields, problems


def _token_problems(tokens: list[Token]) -> Iterator[Problem]:
    for token, following in zip_longest(tokens, tokens[1:]):
        word = token.text.lower()
        is_call = following is not None and following.token_type == TokenType.L_PAREN
        if is_call and word in REFUSED_CALLS and token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER):
            yield token.line, f"{word}() {REFUSED_CALLS[word]}"
        elif token.token_type == TokenType.ARROW:
            yield token.line, "-> is refused: as a lambda DuckDB 2 does not bind it, for JSON write json_extract_string"
        elif token.token_type == TokenType.SEMICOLON:
            yield token.line, "';' is refused: the text is placed inside other statements"
        elif token.token_type == TokenType.GROUP_BY and following is not None and following.token_type == TokenType.ALL:
            yield token.line, "GROUP BY ALL is refused: name the columns"


def _line(node: exp.Expr) -> int:
    """Find the line of a node; the parser notes it on names and calls only."""
    place: exp.Expr | None = node
    while place is not None:
        lines = [inner.meta["line"] for inner in place.walk() if "line" in inner.meta]
        if lines:
            return int(min(lines))
        place = place.parent
    return 1


def _call_problems(tree: exp.Expr) -> Iterator[Problem]:
    for node in tree.find_all(exp.Func, exp.AtTimeZone):
        line = _line(node)
        if isinstance(node, exp.AtTimeZone):
            yield line, "AT TIME ZONE is refused: times are UTC, local days come as local_date"
        elif isinstance(node, exp.Sum | exp.CountIf) and not _is_cast(node):
            yield (
                line,
                f"{node.sql_name()} without CAST(... AS BIGINT) around it is a HUGEINT and lands in Parquet as DOUBLE",
            )
        elif (
            isinstance(node, exp.AggFunc) and isinstance(node.this, exp.Order) and not isinstance(node, exp.GroupConcat)
        ):
            yield line, "an aggregate with ORDER BY inside loses its order on Spark; keep the long form with an index"
        part = node.this.name.lower() if isinstance(node, exp.Extract) else ""
        if isinstance(node, exp.Anonymous) and node.name.lower() in ("date_part", "datepart") and node.expressions:
            part = node.expressions[0].name.lower()
        if part in _REFUSED_PARTS:
            yield line, f"the date part '{part}' {_REFUSED_PARTS[part]}"


def _is_cast(node: exp.Expr) -> bool:
    return isinstance(node.find_ancestor(exp.Cast, exp.Query), exp.Cast)


def _shape_problems(tree: exp.Expr) -> Iterator[Problem]:
    for node in tree.find_all(exp.Star, exp.Columns, exp.Join, exp.SetOperation, exp.Distinct):
        if isinstance(node, exp.Star) and any(node.args.get(word) for word in ("except_", "replace", "rename")):
            yield _line(node), "SELECT * EXCLUDE/REPLACE/RENAME is refused: name the columns"
        elif isinstance(node, exp.Columns):
            yield _line(node), "COLUMNS() is refused: name the columns"
        elif isinstance(node, exp.Join) and (node.method or "").upper() == "ASOF":
            yield _line(node), "ASOF is refused: join on the integer _us columns and keep one row with QUALIFY"
        elif isinstance(node, exp.SetOperation) and node.args.get("by_name"):
            yield _line(node.expression), "BY NAME is refused: list the columns in the same order"
        elif isinstance(node, exp.Distinct) and node.args.get("on"):
            yield _line(node), "DISTINCT ON is refused: keep one row with QUALIFY row_number() and a unique order"


def _window_problems(tree: exp.Expr, unique_columns: Set[str], key: Set[str]) -> Iterator[Problem]:
    for window in tree.find_all(exp.Window):
        if window.arg_key == "windows":
            continue
        select = window.find_ancestor(exp.Select) or exp.Select()
        named = {each.this.name: each for each in select.args.get("windows") or ()}.get(window.alias, exp.Window())
        order, frame = (window.args.get(part) or named.args.get(part) for part in ("order", "spec"))
        call = window.this
        while isinstance(call, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
            call = call.this
        is_order_free = isinstance(call, _ORDER_FREE)
        if order is None:
            if not is_order_free or frame is not None:
                yield _line(window), "a window without ORDER BY is allowed only for aggregates over the whole partition"
            continue
        columns = [each.this for each in order.expressions]
        placed = _written_names([*columns, *(window.args.get("partition_by") or named.args.get("partition_by") or ())])
        groups = _written_names(select.args["group"].expressions if select.args.get("group") else ())
        is_unique = any(
            names and names <= placed for names in (key, groups, unique_columns & _written_names(columns[-1:]))
        )
        # Equal values share a RANGE frame, so that their order does not matter; the default frame is refused as unsaid.
        if not is_unique and not (
            is_order_free and frame is not None and str(frame.args.get("kind")).upper() == "RANGE"
        ):
            yield (
                _line(window),
                f"the window's ORDER BY ends in '{columns[-1].sql('duckdb')}', which is not a unique column",
            )


def _written_names(nodes: Iterable[exp.Expr]) -> set[str]:
    return {(node.name if isinstance(node, exp.Column) else node.sql("duckdb")).lower() for node in nodes}


def _promise_problems(tree: exp.Query, fields: dict[str, list[tuple[int, str]]]) -> Iterator[Problem]:
    """Compare the header with the statement: columns that exist, parameters used and declared, checks that parse."""
    columns = {column.lower() for column in tree.named_selects}
    for field in ("key", "not null"):
        for number, value in fields.get(field, ()):
            missing = [] if "*" in columns else [column for column in _names(value) if column.lower() not in columns]
            yield from (
                (number, f"'-- {field}:' names '{column}', which the model does not return") for column in missing
            )
    declared = {value.split()[0]: number for number, value in fields.get("parameter", ()) if value}
    used = {node.name: _line(node) for node in tree.find_all(exp.Placeholder)}
    yield from (
        (line, f"${name} is used but not declared in the header") for name, line in used.items() if name not in declared
    )
    yield from (
        (line, f"parameter '{name}' is declared but not used") for name, line in declared.items() if name not in used
    )
    for number, value in fields.get("check", ()):
        try:
            sqlglot.parse_one(f"SELECT {value}", read="duckdb")
        except sqlglot.errors.SqlglotError:
            yield number, f"check '{value}' cannot be parsed"


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    """Check every .sql file below FOLDER."""
    paths = sorted(folder.rglob("*.sql"))
    problems = [text for path in paths for text in lint_sql(path.read_text(encoding="utf-8"), name=path.as_posix())]
    for problem in problems:
        click.echo(problem)
    click.echo(f"SQL lint: {len(paths)} files, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
