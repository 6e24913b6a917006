"""Funnels: how far people get through given steps, inside a window."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from journeys.insights.answer import Answer, check_free_name
from journeys.insights.funnels.found import find_chains
from journeys.insights.funnels.matches import prepare_matches
from journeys.insights.funnels.open_entry import (
    OPEN_COLUMNS,
    count_open_steps,
    refuse_open_entry,
    write_open_units,
)
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.words import rule_words
from journeys.insights.statistics.intervals import share_of, wilson_interval
from journeys.paths.log import EventLog
from journeys.paths.steps import Step
from journeys.warehouse import Engine, select_model

COLUMNS = ["step_index", "step_name", "reached_count", "dropped_count", "open_count", "mature_count", "step_share",
           "overall_share", "overall_share_low", "overall_share_high", "median_seconds_from_first"]  # fmt: skip
_IDS = {
    "person": "unit_id AS person_id",
    "account": "unit_id AS account_id",
    "session": "unit_id AS session_id, person_id",
}


def count_funnel(log: EventLog, steps: Sequence[Step], rule: FunnelRule, *, as_of: object = None) -> Answer:
    """Count how many units reach each step.

    Args:
        log: the log.
        steps: at least one.
        rule: how to count.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with (the column `by` first, where it is given) `step_index`, `step_name`, `reached_count`,
        `dropped_count`, `open_count` (reached[k] = reached[k+1] + dropped[k] + open[k] over the required steps),
        `mature_count`, `step_share`, `overall_share` with its interval, and `median_seconds_from_first`; and the table
        `persons`: the unit's id, `furthest_step`, `status`, `entered_at`, and `attempt_index` under entry='each'.

        Under entry='open' there are also `entered_count` (of those who reached the step, who did not come from the one
        before), `continued_count` (who went on to the next: reached[k] = continued[k] + dropped[k] + open[k] at all
        steps but the last, and reached[k+1] = continued[k] + entered[k+1]) and `mature_entrant_count` (the base of
        `overall_share`: mature units that entered anywhere); `step_share` is the share of the mature units at the step
        before who came on from it. There `median_seconds_from_first` counts from the first event at any step.
        `persons` has everybody who met any step, with `entry_step` (the lowest that their first event meets).

    Raises:
        CallError: there is no step, a step never occurs, or a setting does not go with the steps.
    """
    if rule.by is not None:
        check_free_name(rule.by, OPEN_COLUMNS if rule.entry == "open" else COLUMNS)
    with log.engine.scratch() as scratch:
        if rule.entry == "open":
            as_of_us = _prepare(log, scratch, steps, rule, as_of)
            write_open_units(scratch, steps, rule, as_of_us)
            frame, persons = count_open_steps(scratch, rule), _list_units(scratch, rule, "open_units")
        else:
            as_of_us = write_funnel(log, scratch, steps, rule, as_of=as_of)
            frame, persons = _count_steps(scratch, rule), _list_units(scratch, rule, "funnel_units")
    frame = frame.drop(columns="by_value") if rule.by is None else frame.rename(columns={"by_value": rule.by})
    definition = log.describe(rule_words(rule, steps), as_of_us, rule.parameters(steps))
    return Answer(frame, definition, {"persons": persons})


def write_funnel(
    log: EventLog, scratch: Engine, steps: Sequence[Step], rule: FunnelRule, *, as_of: object = None
) -> int:
    """Write `funnel_matches`, `_names`, `_best`, `_times`, `_units` and `_owners` (a person each); return as_of.

    Raises:
        CallError: as of `count_funnel`, or the funnel is an open one.
    """
    refuse_open_entry(rule)
    as_of_us = _prepare(log, scratch, steps, rule, as_of)
    find_chains(scratch, steps, rule)
    counting = {
        "last_step": find_last_required(steps, rule),
        "window_us": rule.window_us,
        "as_of_us": as_of_us,
        "is_first_only": rule.entry != "best",
    }
    scratch.save("funnel_units", *select_model("funnel_units", counting))
    return as_of_us


def _prepare(log: EventLog, scratch: Engine, steps: Sequence[Step], rule: FunnelRule, as_of: object) -> int:
    """Check the call, and write which events are counted and whose; return as_of."""
    rule.check_steps(steps)
    log.check_unit(rule.unit)
    as_of_us = log.read_as_of(as_of)
    prepare_matches(log, scratch, steps, rule, as_of_us)
    owners = "SELECT unit_id, MIN(person_id) AS person_id FROM funnel_matches GROUP BY unit_id"
    scratch.save("funnel_owners", owners)
    return as_of_us


def find_last_required(steps: Sequence[Step], rule: FunnelRule) -> int:
    """Return the step_index of the last step that is required; reaching it is completing the funnel."""
    if rule.order == "any":
        return len(steps)
    return max(place for place, each in enumerate(steps, start=1) if not each.is_optional)


def _list_units(scratch: Engine, rule: FunnelRule, table: str) -> pd.DataFrame:
    """List everybody in the funnel; a session is also told with its person."""
    more = {"each": ", attempt_index", "open": ", entry_step"}.get(rule.entry, "")
    return scratch.frame(
        f"""
        SELECT {_IDS[rule.unit]}, furthest_step, status, MAKE_TIMESTAMP(entered_us) AS entered_at{more}
        FROM {table} INNER JOIN funnel_owners USING (unit_id) ORDER BY unit_id, attempt_index
        """
    )


def _count_steps(scratch: Engine, rule: FunnelRule) -> pd.DataFrame:
    """Count the units of `write_funnel` by step: `by_value` and COLUMNS."""
    select, parameters = select_model("funnel_counts", {"has_by": rule.by is not None})
    frame = scratch.frame(f"SELECT * FROM ({select}) ORDER BY by_value, step_index", parameters)
    mature = frame["mature_count"]
    groups = frame["by_value"]
    first = mature.groupby(groups).transform("first")
    required = mature.where(~frame["is_optional"]).groupby(groups).ffill()
    before = required.groupby(groups).shift().fillna(first)
    frame["step_share"] = share_of(mature, before)
    frame["overall_share"] = share_of(mature, first)
    frame["overall_share_low"], frame["overall_share_high"] = wilson_interval(mature, first)
    return frame[["by_value", *COLUMNS]]
