"""Transitions: how often one step directly follows another."""

from __future__ import annotations

import pandas as pd

from journeys.insights.answer import Answer, unit_words
from journeys.insights.marks import Anchors, are_many, prepare_contacts
from journeys.insights.paths.neighbours import count_neighbours
from journeys.insights.paths.revisits import list_steps
from journeys.paths.log import EventLog
from journeys.warehouse import Engine, select_model


def count_transitions(
    log: EventLog, *, unit: str = "person", collapse: bool = False, boundaries: bool = False, as_of: object = None
) -> Answer:
    """Count the adjacent pairs of steps of each unit's sequence.

    Args:
        log: the log.
        unit: person, session or account: whose contacts are one sequence.
        collapse: consecutive repeats of a step count once.
        boundaries: add '(start)' before and '(end)' after each sequence.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with `from_step`, `to_step`, `transition_count`, `person_count`, `share` (of the transitions out of
        `from_step`), `median_seconds`; the commonest first. The table `stages`: `step_name`, `touchpoint`, `stage`.

    Raises:
        CallError: the unit is unknown or `as_of` is no time.
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        prepare_contacts(log, scratch, Anchors(), unit=log.check_unit(unit), as_of_us=as_of_us)
        frame = count_neighbours(scratch, collapse=collapse, boundaries=boundaries) if are_many(scratch) else None
        if frame is None:
            frame = _count_in_sql(scratch, collapse=collapse, boundaries=boundaries)
        tables = {"stages": list_steps(scratch)}
    rule = (
        f"A transition is a step directly followed by another in the contacts of one {unit}, in time order. "
        + (
            "Consecutive repeats count once, and the wait counts from the first of them. "
            if collapse
            else "Repeats count. "
        )
        + "share is of the transitions out of from_step; median_seconds is between the two."
        + unit_words(unit)
        + (" person_count: persons whose contact is the first of the two." if unit == "account" else "")
    )
    parameters = {"unit": unit, "collapse": collapse, "boundaries": boundaries}
    return Answer(frame, log.describe(rule, as_of_us, parameters), tables)


def _count_in_sql(scratch: Engine, *, collapse: bool, boundaries: bool) -> pd.DataFrame:
    select, parameters = select_model("transition_counts", {"is_collapsed": collapse, "has_boundaries": boundaries})
    return scratch.frame(f"SELECT * FROM ({select}) ORDER BY transition_count DESC, from_step, to_step", parameters)
