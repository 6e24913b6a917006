"""Commands about whole paths: variants, what comes again, who stands where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from journeys.api import Journeys
from journeys.cli.answers import answer, goal_option, unit_option
from journeys.errors import CallError
from journeys.insights.paths.two_groups import OUTCOMES
from journeys.paths.period import read_period
from journeys.report.result import Result

_start_option = click.option("--start", help="Paths begin at the first such step.")
_end_option = click.option("--end", help="Paths stop at the next such step.")
_stop_option = click.option("--goal", help="Paths stop at the first such step; without it they run on.")
_top_option = click.option("--top", type=int, help="So many of the commonest are named; the rest is (other).")
_depth_option = click.option("--depth", default=10, show_default=True, help="Positions.")
_collapse_option = click.option("--collapse", is_flag=True, help="Consecutive repeats count once.")
_repeats_option = click.option(
    "--collapse/--repeats", default=True, show_default=True, help="Consecutive repeats count once, or each."
)


def _table_option(*names: str) -> Callable[[Callable[..., Any]], Any]:
    """Let a command show another table of its answer."""
    return click.option("--table", type=click.Choice(names), help="Show this table of the answer instead.")


def _choose(result: Result, table: str | None) -> Result:
    return result if table is None else replace(result, frame=result.tables[table])


def _cut(function: Callable[..., Any], goal: Callable[..., Any] = goal_option) -> Any:
    """Give a command the options that say which paths are meant."""
    for decorate in (_end_option, _start_option, goal, unit_option):
        function = decorate(function)
    return function


def _run_on(function: Callable[..., Any]) -> Any:
    """Give a command the same options, for paths that run on after the goal unless one is named."""
    return _cut(function, _stop_option)


def _goal_of(log: Journeys, goal: str | None) -> str | None:
    return goal or (log.settings.journey.goal if log.settings else None)


@answer
@_cut
@_repeats_option
@_top_option
@_table_option("intervals", "coverage")
def variants(log: Journeys, goal: str | None, table: str | None, **options: Any) -> Result:
    """The distinct paths and how many took each, the commonest first."""
    return _choose(log.variants(_goal_of(log, goal), **options), table)


@answer
@_run_on
@_table_option("rework")
def loops(log: Journeys, table: str | None, **options: Any) -> Result:
    """Steps that are met again: at once, or after others."""
    return _choose(log.loops(**options), table)


@answer
@_run_on
def rework(log: Journeys, **options: Any) -> Result:
    """How many meet a step more than once, with intervals and expected visits."""
    return log.rework(**options)


@answer
@_run_on
@_table_option("steps", "total")
def backtracks(log: Journeys, table: str | None, **options: Any) -> Result:
    """Moves to an earlier stage."""
    return _choose(log.backtracks(**options), table)


@answer
@_cut
@_repeats_option
@_table_option("coverage")
def complexity(log: Journeys, goal: str | None, table: str | None, **options: Any) -> Result:
    """How various the paths are: coverage and entropies."""
    return _choose(log.complexity(_goal_of(log, goal), **options), table)


@answer
@_cut
@_depth_option
@_collapse_option
@_top_option
@_table_option("cells")
def step_matrix(log: Journeys, goal: str | None, table: str | None, **options: Any) -> Result:
    """Which share stands at which step, position by position."""
    return _choose(log.step_matrix(goal=_goal_of(log, goal), **options), table)


@answer
@_cut
@click.option("--group", "groups", multiple=True,
              help="Once (against all others) or twice: '(converted)', a step's name, column=value, "
              "2026-01-01..2026-02-01, or with --by a value.")  # fmt: skip
@click.option("--by", help="A column; the groups are its values at a path's first contact.")
@_depth_option
@_collapse_option
@_top_option
@_table_option("difference", "a", "b")
def step_matrix_difference(
    log: Journeys, goal: str | None, groups: tuple[str, ...], by: str | None, table: str | None, **options: Any
) -> Result:
    """The step matrix of one group less that of another, with tests."""
    read = [each if by else _read_group(each) for each in groups]
    return _choose(log.step_matrix_difference(read, by=by, goal=_goal_of(log, goal), **options), table)


def _read_group(text: str) -> object:
    """Read a group as typed: an outcome or a name, `column=value`, or `since..until`."""
    if text in OUTCOMES:
        return text
    if ".." in text:
        return read_period(text, name="group")
    column, equals, value = text.partition("=")
    if equals and not column.strip():
        raise CallError("groups", "a group names no column before its '='", found=repr(text),
                        allowed="column=value")  # fmt: skip
    return {column.strip(): value.strip()} if equals else text


COMMANDS = (variants, loops, rework, backtracks, complexity, step_matrix, step_matrix_difference)
