"""SQL models: read the files of `sql/` with their headers and find their order from what they read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import sqlglot
from sqlglot import exp

from journeys.errors import ModelError
from journeys.warehouse.bundle import find_folder

_FIELD = re.compile(r"--\s*(grain|key|not null|check|parameter|kind):\s*(.*)")


@dataclass(frozen=True)
class Model:
    """One file of `sql/`: a SELECT and the promises of its header.

    Attributes:
        name: file stem, which is the table's name.
        stage: folder, such as '3_sessions'.
        sql: text of the file; parameters stand in it as `$name`.
        meaning: what one reads in the table.
        grain: what one row is.
        key: columns unique over the table.
        not_null: columns that are never null.
        checks: SQL expressions that hold for every row.
        parameters: name -> type and meaning.
        is_step: an inner step, inlined unless the build is stepwise.
        reads: tables it selects from.
    """

    name: str
    stage: str
    sql: str
    meaning: str
    grain: str
    key: tuple[str, ...]
    not_null: tuple[str, ...]
    checks: tuple[str, ...]
    parameters: dict[str, str]
    is_step: bool
    reads: frozenset[str]


def read_model(path: Path) -> Model:
    """Read one SQL file.

    Raises:
        ModelError: the header lacks a field, or the text is not one SELECT.
    """
    text = path.read_text(encoding="utf-8")
    fields: dict[str, list[str]] = {}
    meaning = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        if match := _FIELD.match(line):
            fields.setdefault(match[1], []).append(match[2].strip())
        else:
            meaning.append(line.removeprefix("--").strip())
    missing = [name for name in ("grain", "key", "not null") if name not in fields]
    if missing or not meaning:
        raise ModelError(
            "model-header",
            f"{path.name}: the header is incomplete",
            found=f"missing: {', '.join(missing or ['its meaning'])}",
            allowed="lines '-- <meaning>', '-- grain:', '-- key:', '-- not null:'",
        )
    return Model(
        name=path.stem,
        stage=path.parent.name,
        sql=text,
        meaning=" ".join(meaning),
        grain=fields["grain"][0],
        key=_names(fields["key"]),
        not_null=_names(fields["not null"]),
        checks=tuple(fields.get("check", ())),
        parameters={line.split()[0]: " ".join(line.split()[1:]) for line in fields.get("parameter", ())},
        is_step=fields.get("kind", ["table"])[0] == "step",
        reads=_tables_read(text, path.name),
    )


def _names(lines: list[str]) -> tuple[str, ...]:
    return tuple(name.strip() for line in lines for name in line.split(",") if name.strip())


def _tables_read(text: str, name: str) -> frozenset[str]:
    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise ModelError("model-sql", f"{name} is not one SELECT", found=str(error)) from error
    tree = trees[0]
    if len(trees) != 1 or not isinstance(tree, exp.Query):
        raise ModelError("model-sql", f"{name} is not one SELECT", found=f"{len(trees)} statements")
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    return frozenset(table.name for table in tree.find_all(exp.Table)) - inner


@cache
def load_models() -> dict[str, Model]:
    """Read every model of `sql/`, ordered so that each stands after those it reads.

    Raises:
        ModelError: two models read each other, or two files have one name.
    """
    models: dict[str, Model] = {}
    for path in sorted(find_folder("sql").glob("*/*.sql")):
        if path.stem in models:
            raise ModelError("model-name", f"two files are named {path.stem}.sql", do="rename one")
        models[path.stem] = read_model(path)
    graph = {name: sorted(model.reads & models.keys()) for name, model in models.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise ModelError("model-order", "SQL models read each other in a circle", found=str(error.args[1])) from error
    return {name: models[name] for name in order}
