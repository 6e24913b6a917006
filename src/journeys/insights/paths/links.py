"""Paths: what people do position by position, balanced, and the way through the stages."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import Answer, unit_words
from journeys.insights.marks import Anchors, cut_paths, prepare_contacts
from journeys.paths.log import EventLog
from journeys.units import US_PER_DAY
from journeys.warehouse import Engine, select_model

_LINK_ORDER = "ORDER BY step_index, count DESC, from_step, to_step"


@dataclass(frozen=True)
class PathView:
    """How paths are shown.

    Attributes:
        depth: positions shown, at least 1; longer paths go on to '(more)'.
        top: steps named per position; the others are '(other)'; none names all.
        collapse: consecutive repeats of a step are one.
    """

    depth: int = 8
    top: int | None = None
    collapse: bool = True

    def __post_init__(self) -> None:
        for name in ("depth", "top"):
            value = getattr(self, name)
            is_open = name == "top" and value is None
            if not is_open and (not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 2**62):
                raise CallError("paths", f"{name} is not a count", found=repr(value), allowed="a whole number from 1")


def follow_paths(
    log: EventLog, anchors: Anchors, view: PathView, *, unit: str, inactive_us: int, as_of: object = None
) -> Answer:
    """Link the steps of each unit's path by position.

    Args:
        log: the log.
        anchors: where paths start, convert and end.
        view: depth, top and collapse.
        unit: person, session or account.
        inactive_us: so long after its last contact a unit is dropped; until then open.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with `step_index` (that of `from_step`), `from_step`, `to_step`, `count`, `share` (of all entrants); and
        the table `balance`: per position `entrant_count` = `continued_count` + `converted_count` + `dropped_count` +
        `open_count`.
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        prepare_contacts(log, scratch, anchors, unit=log.check_unit(unit), as_of_us=as_of_us)
        cut_paths(scratch, anchors, collapse=view.collapse, inactive_us=inactive_us, as_of_us=as_of_us)
        frame, balance = _link(scratch, view)
    rule = (
        f"A path is the sequence of contacts of one {unit}, from the first start (if named) to the first goal and the "
        "next end (if named). It links to (converted) at its goal; otherwise to (dropped) when the last contact plus "
        f"{inactive_us / US_PER_DAY:g} days is not after as_of, else to (open). share is of all entrants."
        + unit_words(unit)
    )
    parameters = {**anchors.shown(), "unit": unit, "depth": view.depth, "top": view.top, "collapse": view.collapse,
                  "inactive_days": inactive_us / US_PER_DAY}  # fmt: skip
    return Answer(frame, log.describe(rule, as_of_us, parameters), {"balance": balance})


def follow_stages(log: EventLog, view: PathView, *, goal: str, inactive_us: int, as_of: object = None) -> Answer:
    """Link the contacts by which each person came from stage to stage or reached the goal; runs on after the goal.

    Returns:
        Answer as of `follow_paths`, a step being the touchpoint by which a stage was entered (or the stage itself, when
        it is given by absence); the tables `balance` and `stages` (`step_name`, `stage`).
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        scratch.save("contacts", *select_model("stage_contacts", {"as_of_us": as_of_us, "goal": goal}))
        cut_paths(scratch, Anchors(), collapse=False, inactive_us=inactive_us, as_of_us=as_of_us)
        frame, balance = _link(scratch, view)
        stages = scratch.frame("SELECT step_name, MIN(stage) AS stage FROM contacts GROUP BY step_name ORDER BY 1")
    rule = (
        "Each person's way through the stages: a step is the contact by which the person came into a stage, or "
        f"{goal!r}; more contacts in the same stage are passed over, and coming back to an earlier stage is a new "
        f"step. It runs on after the goal. A person ends (dropped) {inactive_us / US_PER_DAY:g} days after the last "
        "contact, until then (open)."
    )
    parameters = {"goal": goal, "depth": view.depth, "top": view.top, "inactive_days": inactive_us / US_PER_DAY}
    return Answer(frame, log.describe(rule, as_of_us, parameters), {"balance": balance, "stages": stages})


def _link(scratch: Engine, view: PathView) -> tuple[pd.DataFrame, pd.DataFrame]:
    select, parameters = select_model("path_links", {"depth": view.depth, "top": view.top})
    links = scratch.frame(f"SELECT * FROM ({select}) {_LINK_ORDER}", parameters)
    select, parameters = select_model("path_balance", {"depth": view.depth})
    return links, scratch.frame(f"SELECT * FROM ({select}) ORDER BY step_index", parameters)
