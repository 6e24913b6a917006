"""Paths: what people do position by position, balanced, and the way through the stages."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import Answer, unit_words
from journeys.insights.marks import Anchors, cut_paths, prepare_contacts
from journeys.insights.paths.groups import EVERYBODY, Grouping, group_paths
from journeys.insights.paths.pairs import link_pairs
from journeys.insights.paths.revisits import list_steps, number_revisits
from journeys.insights.statistics.intervals import share_of, too_few, wilson_interval
from journeys.paths.log import EventLog
from journeys.units import US_PER_DAY
from journeys.warehouse import Engine, select_model

_COLUMNS = ["step_index", "from_step", "to_step", "count", "share"]


@dataclass(frozen=True)
class PathView:
    """How paths are shown.

    Attributes:
        depth: positions shown, at least 1; longer paths go on to '(more)'.
        top: steps named per position; the others are '(other)'; none names all.
        collapse: consecutive repeats of a step are one.
        revisits: a step met again on the same path bears its number: 'Cart (2)'.
        floor: links of fewer units (of a group) lead to '(other)'; ends are always shown; none keeps all.
    """

    depth: int = 8
    top: int | None = None
    collapse: bool = True
    revisits: bool = False
    floor: int | None = None

    def __post_init__(self) -> None:
        for name in ("depth", "top", "floor"):
            value = getattr(self, name)
            is_open = name != "depth" and value is None
            if not is_open and (not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 2**62):
                raise CallError("paths", f"{name} is not a count", found=repr(value), allowed="a whole number from 1")


def follow_paths(
    log: EventLog,
    anchors: Anchors,
    view: PathView,
    *,
    unit: str,
    inactive_us: int,
    as_of: object = None,
    grouping: Grouping = EVERYBODY,
) -> Answer:
    """Link the steps of each unit's path by position.

    Args:
        log: the log.
        anchors: where paths start, convert and end.
        view: depth, top, floor, and how repeats are shown.
        unit: person, session or account.
        inactive_us: so long after its last contact a unit is dropped; until then open.
        as_of: end of observation; the log's own when none.
        grouping: counts each group by itself; its column stands first in the frame and the tables. A step is named
            where it is among the commonest of any group. Without `top` and `floor` the groups add up to the whole.

    Returns:
        Answer with `step_index` (that of `from_step`), `from_step`, `to_step`, `count`, `share` (of all entrants, of
        the group's with groups); and the tables `intervals`: the same with `entrant_count`, `share_low`, `share_high`,
        `is_too_few`; `balance`: per position `entrant_count` = `continued_count` + `converted_count` +
        `dropped_count` + `open_count`; `coverage`: `entrant_count`, `named_count` (no shown step is '(other)') with its
        share and interval, `more_count` (go on past the last position); `stages`: `step_name`, its `touchpoint` and
        `stage`.

    Raises:
        CallError: a named step, column or group never occurs, or a touchpoint has the name of a numbered re-visit.
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        prepare_contacts(log, scratch, anchors, unit=log.check_unit(unit), as_of_us=as_of_us)
        has_pairs = cut_paths(scratch, anchors, collapse=view.collapse, inactive_us=inactive_us, as_of_us=as_of_us)
        group_paths(log, scratch, grouping)
        if view.revisits:
            number_revisits(scratch)
        frame, tables = _link(scratch, view, grouping, has_pairs=has_pairs)
        stages = list_steps(scratch, is_numbered=view.revisits)
    rule = (
        f"A path is the sequence of contacts of one {unit}, from the first start (if named) to the first goal and the "
        "next end (if named). It links to (converted) at its goal; otherwise to (dropped) when the last contact plus "
        f"{inactive_us / US_PER_DAY:g} days is not after as_of, else to (open). share is of all entrants"
        f"{' of the group' if grouping.by else ''}, with its 95 % Wilson interval."
        + (" A step met again on the same path bears its number." if view.revisits else "")
        + (f" Links of fewer than {view.floor} lead to (other); ends are always shown." if view.floor else "")
        + (f" A path's group is the value of {grouping.by} at its first step." if grouping.by else "")
        + unit_words(unit)
    )
    parameters = {**anchors.shown(), "unit": unit, "depth": view.depth, "top": view.top, "collapse": view.collapse,
                  "revisits": view.revisits, "floor": view.floor, "by": grouping.by, "groups": grouping.groups,
                  "inactive_days": inactive_us / US_PER_DAY}  # fmt: skip
    return Answer(frame, log.describe(rule, as_of_us, parameters), {**tables, "stages": stages})


def follow_stages(log: EventLog, view: PathView, *, goal: str, inactive_us: int, as_of: object = None) -> Answer:
    """Link the contacts by which each person came from stage to stage or reached the goal; runs on after the goal.

    Returns:
        Answer as of `follow_paths`, a step being the touchpoint by which a stage was entered (or the stage itself, when
        it is given by absence); the tables `balance`, `coverage` and `stages` (`step_name`, `touchpoint`, `stage`).
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        scratch.save("contacts", *select_model("stage_contacts", {"as_of_us": as_of_us, "goal": goal}))
        cut_paths(scratch, Anchors(), collapse=False, inactive_us=inactive_us, as_of_us=as_of_us)
        group_paths(log, scratch, EVERYBODY)
        frame, tables = _link(scratch, view, EVERYBODY)
        stages = list_steps(scratch)
    rule = (
        "Each person's way through the stages: a step is the contact by which the person came into a stage, or "
        f"{goal!r}; more contacts in the same stage are passed over, and coming back to an earlier stage is a new "
        f"step. It runs on after the goal. A person ends (dropped) {inactive_us / US_PER_DAY:g} days after the last "
        "contact, until then (open)."
    )
    parameters = {"goal": goal, "depth": view.depth, "top": view.top, "inactive_days": inactive_us / US_PER_DAY}
    return Answer(frame, log.describe(rule, as_of_us, parameters), {**tables, "stages": stages})


def _link(
    scratch: Engine, view: PathView, grouping: Grouping, *, has_pairs: bool = False
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Count the links of `path_steps`, and the tables `balance` and `coverage`."""
    is_plain = view.top is None and view.floor is None and not view.revisits and grouping.by is None
    if has_pairs and is_plain and not _is_named_as_end(scratch):
        links, balance, coverage = link_pairs(scratch, view.depth)
    else:
        links, balance, coverage = _link_steps(scratch, view, grouping)
    links["share_low"], links["share_high"] = wilson_interval(links["count"], links["entrant_count"])
    links["is_too_few"] = too_few(links["entrant_count"])
    coverage["named_share"] = share_of(coverage["named_count"], coverage["entrant_count"])
    named = coverage["named_count"], coverage["entrant_count"]
    coverage["named_share_low"], coverage["named_share_high"] = wilson_interval(*named)
    columns = [*([] if grouping.by is None else [grouping.by]), *_COLUMNS]
    return links[columns], {"intervals": links, "balance": balance, "coverage": coverage}


def _is_named_as_end(scratch: Engine) -> bool:
    """Say whether a step may bear the name of an end or of '(other)', which the models take for one with it."""
    return bool(scratch.rows("SELECT code FROM path_names WHERE code >= 0 AND STARTS_WITH(name, '(') LIMIT 1"))


def _link_steps(scratch: Engine, view: PathView, grouping: Grouping) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Count links, balance and coverage by the models."""
    scratch.save("path_shown", *select_model("path_shown", {"depth": view.depth, "top": view.top}))
    if view.floor is not None:
        for step_index in range(1, view.depth + 1):
            thinning = {"step_index": step_index, "floor": view.floor}
            scratch.save("path_thinned", *select_model("path_thinned", thinning))
            scratch.save("path_shown", "SELECT * FROM path_thinned")
    links = _read(scratch, "path_links", grouping, order="step_index, count DESC, from_step, to_step")
    coverage = _read(scratch, "path_coverage", grouping)
    balance = _read(scratch, "path_balance", grouping, {"depth": view.depth}, order="step_index")
    return links, balance, coverage


def _read(
    scratch: Engine, model: str, grouping: Grouping, given: dict[str, object] | None = None, *, order: str = ""
) -> pd.DataFrame:
    """Read a model by group, with the group's column first; without groups it has none."""
    select, parameters = select_model(model, given)
    by = ", ".join(filter(None, ("group_name", order)))
    frame = scratch.frame(f"SELECT * FROM ({select}) ORDER BY {by}", parameters)
    return (
        frame.drop(columns="group_name") if grouping.by is None else frame.rename(columns={"group_name": grouping.by})
    )
