"""Two groups of paths to hold against each other: by outcome, a value, a contact, a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeys.errors import CallError
from journeys.insights.answer import NO_VALUE
from journeys.paths.log import EventLog
from journeys.paths.period import Period
from journeys.paths.steps import step, step_sql
from journeys.units import time_text
from journeys.warehouse import Engine, select_model
from journeys.warehouse.conditions import match_sql

OUTCOMES = ("(converted)", "(dropped)", "(open)")
OTHERS = "all others"


@dataclass(frozen=True)
class Groups:
    """What became of the two groups asked for; their members stand in `compared_paths`.

    Attributes:
        names: what each is called.
        counts: units in each.
        both_count: units that fit both and count in neither.
        outside_count: units that fit none.
        is_by_outcome: a group is given by how its paths end.
    """

    names: tuple[str, str]
    counts: tuple[int, int]
    both_count: int
    outside_count: int
    is_by_outcome: bool


def part_everybody(scratch: Engine) -> None:
    """Write `compared_paths` with every unit that has a path in group 1."""
    scratch.save("compared_paths", "SELECT unit_id, 1 AS group_index FROM path_units")


def part_groups(log: EventLog, scratch: Engine, groups: Sequence[object], by: str | None) -> Groups:
    """Write `compared_paths` (`unit_id`, `group_index` 1 or 2) from `path_units` and `path_cut`.

    Args:
        log: the log.
        scratch: holds the paths.
        groups: one or two of: an outcome such as '(converted)'; a `Period`; a contact on the path (a name, a list of
            names, column conditions). With `by`, values of that column at the path's first contact; '(none)' is a
            missing one. One group is held against all others.
        by: a column of the events.

    Raises:
        CallError: a group cannot be read, is empty, or names what never occurs.
    """
    if isinstance(groups, str) or not isinstance(groups, Sequence) or not 1 <= len(groups) <= 2:
        raise CallError("groups", "two groups are compared", found=repr(groups),
                        allowed="a list of one group (against all others) or two",
                        do="name an outcome such as '(converted)', a step, a period, or column conditions")  # fmt: skip
    is_by_outcome = by is None and any(isinstance(each, str) and each in OUTCOMES for each in groups)
    if by is not None:
        scratch.save("first_contacts", *select_model("first_contacts"))
    tests = [_unit_sql(log, each, by) for each in groups]
    names = [name for name, _ in tests]
    first = f"unit_id IN ({tests[0][1]})"
    second = f"unit_id IN ({tests[1][1]})" if len(tests) > 1 else f"NOT {first}"
    scratch.save("group_tests", f"SELECT unit_id, {first} AS is_first, {second} AS is_second FROM path_units")
    scratch.save(
        "compared_paths",
        "SELECT unit_id, CASE WHEN is_first THEN 1 ELSE 2 END AS group_index FROM group_tests "
        "WHERE is_first <> is_second",
    )
    counts = scratch.rows(
        "SELECT COUNT(CASE WHEN is_first AND NOT is_second THEN 1 END), "
        "COUNT(CASE WHEN is_second AND NOT is_first THEN 1 END), COUNT(CASE WHEN is_first AND is_second THEN 1 END), "
        "COUNT(CASE WHEN NOT is_first AND NOT is_second THEN 1 END) FROM group_tests"
    )[0]
    shown = (names[0], names[1] if len(names) > 1 else OTHERS)
    for name, count in zip(shown, counts[:2], strict=True):
        if not count:
            both = f"; {counts[2]} paths fit both groups and count in neither" if counts[2] else ""
            do = "name the goal, if none is named, or another outcome" if is_by_outcome else "name groups that differ"
            raise CallError("groups", "a group has no path of its own", found=f"{name!r}{both}", do=do)
    return Groups(shown, (counts[0], counts[1]), counts[2], counts[3], is_by_outcome)


def _unit_sql(log: EventLog, group: object, by: str | None) -> tuple[str, str]:
    """Return what a group is called, and a SELECT of its units."""
    if by is not None:
        return _value_sql(log, group, by)
    if isinstance(group, Period):
        since, until = group.read_us(log.timezone)
        begins = f"MIN(occurred_at_us) >= {since} AND MIN(occurred_at_us) < {until}"
        return f"{time_text(since)} to {time_text(until)}", f"SELECT unit_id FROM path_cut GROUP BY 1 HAVING {begins}"
    if isinstance(group, str) and group in OUTCOMES:
        return group, f"SELECT unit_id FROM path_units WHERE outcome = '{group}'"
    wanted = step(group)
    met = f"SELECT event_id FROM person_events WHERE {step_sql(log, wanted)}"
    return wanted.name, f"SELECT unit_id FROM path_cut WHERE event_id IN ({met})"


def _value_sql(log: EventLog, value: object, by: str) -> tuple[str, str]:
    if not isinstance(by, str):
        raise CallError("groups", "by is no column", found=repr(by), allowed="the name of a column")
    test = match_sql({by: None if value == NO_VALUE else value}, log.facts)
    met = f"SELECT event_id FROM {log.facts.table} WHERE {test}"
    return f"{by} = {value}", f"SELECT unit_id FROM first_contacts WHERE event_id IN ({met})"
