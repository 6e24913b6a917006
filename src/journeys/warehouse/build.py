"""Build SQL models in the order read from their text, and hold each table to the promises of its header."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NoReturn

from journeys.errors import ModelError
from journeys.warehouse.engine import Engine, Parameters
from journeys.warehouse.models import Model, load_models
from journeys.warehouse.quoting import quote_name

_SHOWN_ROWS = 3


@dataclass(frozen=True)
class BuiltTable:
    """What building one model gave: its name, rows and seconds."""

    name: str
    row_count: int
    seconds: float


def build(
    engine: Engine,
    names: Iterable[str],
    *,
    parameters: Parameters | None = None,
    stepwise: bool = False,
    report: Callable[[BuiltTable], None] | None = None,
) -> tuple[BuiltTable, ...]:
    """Build these models, each after those it reads, and check every header.

    Args:
        engine: holds the tables that the models read and that are not built here.
        names: models to build; inner steps that they read are found by themselves.
        parameters: values of the `$parameters`; a model gets those its header names.
        stepwise: leave inner steps as tables too, to look at.
        report: called after each table; with `stepwise` and none, rows and seconds are printed.

    Raises:
        ModelError: a model fails, lacks a parameter, or breaks its header.
    """
    models = load_models()
    wanted = {_find(name, models).name for name in names}
    steps = _steps_of(wanted, models)
    done = []
    for model in models.values():
        if model.name not in wanted and not (stepwise and model.name in steps):
            continue
        started = time.perf_counter()
        row_count = engine.save(model.name, *_statement(model, models, parameters or {}, stepwise=stepwise))
        check_table(engine, model)
        built = BuiltTable(model.name, row_count, time.perf_counter() - started)
        done.append(built)
        if report:
            report(built)
        elif stepwise:
            print(f"{model.stage}/{model.name}: {row_count:,} rows, {built.seconds:.2f} s")
    return tuple(done)


def select_model(name: str, parameters: Parameters | None = None) -> tuple[str, dict[str, object]]:
    """Return one model as a SELECT with the parameters it and its inner steps take, without running it."""
    models = load_models()
    return _statement(_find(name, models), models, parameters or {}, stepwise=False)


def show_model(engine: Engine, name: str) -> None:
    """Show a model without parameters as a view in the place of a table: for what is read seldom."""
    statement, _ = select_model(name)
    engine.show(name, statement)


def check_table(engine: Engine, model: Model) -> None:
    """Hold a built table to its header: key unique, not-null columns filled, checks true.

    Raises:
        ModelError: names the promise, how many rows break it, and shows some of them.
    """
    table = quote_name(model.name)
    keys = ", ".join(quote_name(column) for column in model.key)
    promises = {f"{column} is never null": f"{quote_name(column)} IS NULL" for column in model.not_null}
    promises |= {check: f"NOT ({check})" for check in model.checks}
    # One pass over the table for all that is promised of a row.
    breaking = ", ".join(f"COUNT(CASE WHEN {broken} THEN 1 END)" for broken in promises.values())
    counts = engine.rows(f"SELECT {breaking} FROM {table}")[0] if promises else ()
    for (promise, broken), count in zip(promises.items(), counts, strict=True):
        if count:
            _refuse(engine, model, promise, f"SELECT * FROM {table} WHERE {broken}", count)
    repeated = f"SELECT {keys}, COUNT(*) AS row_count FROM {table} GROUP BY {keys} HAVING COUNT(*) > 1"
    if count := engine.value(f"SELECT COUNT(*) FROM ({repeated})"):
        _refuse(engine, model, f"({', '.join(model.key)}) is unique", repeated, count)


def _find(name: str, models: dict[str, Model]) -> Model:
    if name not in models:
        raise ModelError(
            "model-name", "there is no such SQL model", found=repr(name), allowed=", ".join(sorted(models))
        )
    return models[name]


def _refuse(engine: Engine, model: Model, promise: str, broken: str, count: int) -> NoReturn:
    rows = engine.frame(f"{broken} LIMIT {_SHOWN_ROWS}").to_dict("records")
    raise ModelError(
        "model-promise",
        f"{model.stage}/{model.name}.sql: {count:,} of {engine.row_count(model.name):,} rows break its header",
        found="; ".join(str(row) for row in rows),
        allowed=promise,
        do="nothing was published; build with stepwise=True and look at the tables it reads",
    )


def _steps_of(wanted: set[str], models: dict[str, Model]) -> set[str]:
    found: set[str] = set()
    queue = list(wanted)
    while queue:
        for name in models[queue.pop()].reads:
            if name in models and models[name].is_step and name not in found:
                found.add(name)
                queue.append(name)
    return found


def _statement(
    model: Model, models: dict[str, Model], parameters: Parameters, *, stepwise: bool
) -> tuple[str, dict[str, object]]:
    inlined = set() if stepwise else _steps_of({model.name}, models)
    order = [name for name in models if name in inlined]
    texts = [f"{name} AS (\n{models[name].sql}\n)" for name in order]
    statement = f"WITH {', '.join(texts)}\nSELECT * FROM (\n{model.sql}\n)" if texts else model.sql
    needed = set(model.parameters).union(*(models[name].parameters for name in order))
    lacking = needed - parameters.keys()
    if lacking:
        raise ModelError("model-parameter", f"{model.name}.sql lacks a parameter", found=", ".join(sorted(lacking)))
    return statement, {name: parameters[name] for name in sorted(needed)}
