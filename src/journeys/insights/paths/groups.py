"""Paths in groups: each unit belongs to the value that a column has at the start of its path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeys.errors import CallError
from journeys.insights.answer import NO_VALUE, REST, check_free_name
from journeys.paths.log import EventLog
from journeys.warehouse import Engine, quote_text, select_model
from journeys.warehouse.conditions import nearest_text

# What a frame of paths holds beside the group.
_TAKEN = frozenset(
    ("step_index", "from_step", "to_step", "count", "share", "share_low", "share_high", "entrant_count", "is_too_few",
     "continued_count", "converted_count", "dropped_count", "open_count", "named_count", "named_share",
     "named_share_low", "named_share_high", "more_count")
)  # fmt: skip


@dataclass(frozen=True)
class Grouping:
    """How paths are told apart.

    Attributes:
        by: column whose value at the first step of a path is its group, null being '(none)'; none tells none apart.
        groups: values that are groups of their own, all others being '(rest)'; none makes every value a group.

    Raises:
        CallError: the column's name is taken, or `groups` is no list of different values.
    """

    by: str | None = None
    groups: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.by is not None and (not isinstance(self.by, str) or not self.by):
            raise CallError("by", "by is no name of a column", found=repr(self.by), allowed="a text")
        if self.by is not None:
            check_free_name(self.by, _TAKEN)
        if self.groups is None:
            return
        if self.by is None:
            raise CallError("groups", "groups= needs by=", found=repr(self.groups), do="name the column with by=")
        if not self.groups or len(set(self.groups)) != len(self.groups):
            raise CallError("groups", "groups is no list of different values", found=repr(self.groups))
        if not all(isinstance(each, str) for each in self.groups):
            raise CallError("groups", "a group is no text", found=repr(self.groups), allowed="texts")


EVERYBODY = Grouping()


def read_grouping(by: object, groups: object) -> Grouping:
    """Read what a call says about groups.

    Raises:
        CallError: it cannot be read.
    """
    if groups is not None and (isinstance(groups, str) or not isinstance(groups, Sequence)):
        raise CallError("groups", "groups is no list", found=repr(groups), allowed="a list of values")
    return Grouping(by, None if groups is None else tuple(groups))  # type: ignore[arg-type]  # checked there


def group_paths(log: EventLog, scratch: Engine, grouping: Grouping) -> None:
    """Write `path_groups`: each unit of `path_units` with its group, all in one without `by`.

    Raises:
        CallError: the log has no such column, or no path has one of the groups.
    """
    if grouping.by is None:
        scratch.show("path_groups", "SELECT path_units.*, '' AS group_name, FALSE AS is_rest FROM path_units")
        return
    column = log.facts.column_sql(grouping.by)
    value = f"COALESCE(CAST({column} AS VARCHAR), {quote_text(NO_VALUE)})"
    named = ", ".join(map(quote_text, grouping.groups or ()))
    is_rest = f"{value} NOT IN ({named})" if named else "FALSE"
    scratch.save(
        "group_values",
        f"""
        SELECT event_id, CASE WHEN {is_rest} THEN {quote_text(REST)} ELSE {value} END AS group_name,
          {is_rest} AS is_rest
        FROM {log.facts.table} WHERE event_id IN (SELECT event_id FROM path_cut)
        """,
    )
    scratch.save("first_contacts", *select_model("first_contacts"))
    scratch.save("path_groups", *select_model("path_groups"))
    _check_groups(log, scratch, grouping)


def _check_groups(log: EventLog, scratch: Engine, grouping: Grouping) -> None:
    found = {row[0] for row in scratch.rows("SELECT DISTINCT group_name FROM path_groups")}
    by, known = str(grouping.by), log.facts.columns
    if found <= {NO_VALUE} and by not in known:
        raise CallError("column", "no path starts with a value in this column", found=repr(by),
                        allowed=", ".join(map(repr, sorted(known))), do=nearest_text(by, known))  # fmt: skip
    for each in grouping.groups or ():
        if found and each not in found:
            values = sorted(row[0] for row in scratch.rows("SELECT DISTINCT group_name FROM group_values"))
            raise CallError("groups", "no path has this group", found=repr(each),
                            do=nearest_text(each, values))  # fmt: skip
