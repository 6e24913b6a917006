"""Funnels: how far people get through given steps, inside a window."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from journeys.insights.answer import Answer, check_free_name
from journeys.insights.funnels.found import find_chains
from journeys.insights.funnels.matches import prepare_matches
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

    Raises:
        CallError: there is no step, a step never occurs, or a setting does not go with the steps.
    """
    if rule.by is not None:
        check_free_name(rule.by, COLUMNS)
    with log.engine.scratch() as scratch:
        as_of_us = write_funnel(log, scratch, steps, rule, as_of=as_of)
        select, parameters = select_model("funnel_counts", {"has_by": rule.by is not None})
        counts = scratch.frame(f"SELECT * FROM ({select}) ORDER BY by_value, step_index", parameters)
        persons = _list_units(scratch, rule)
    definition = log.describe(rule_words(rule, steps), as_of_us, rule.parameters(steps))
    return Answer(_add_shares(counts, rule.by), definition, {"persons": persons})


def write_funnel(
    log: EventLog, scratch: Engine, steps: Sequence[Step], rule: FunnelRule, *, as_of: object = None
) -> int:
    """Write `funnel_matches`, `_names`, `_best`, `_times`, `_units` and `_owners` (a person each); return as_of."""
    rule.check_steps(steps)
    log.check_unit(rule.unit)
    as_of_us = log.read_as_of(as_of)
    prepare_matches(log, scratch, steps, rule, as_of_us)
    find_chains(scratch, steps, rule)
    counting = {
        "last_step": find_last_required(steps, rule),
        "window_us": rule.window_us,
        "as_of_us": as_of_us,
        "is_first_only": rule.entry != "best",
    }
    scratch.save("funnel_units", *select_model("funnel_units", counting))
    owners = "SELECT unit_id, MIN(person_id) AS person_id FROM funnel_matches GROUP BY unit_id"
    scratch.save("funnel_owners", owners)
    return as_of_us


def find_last_required(steps: Sequence[Step], rule: FunnelRule) -> int:
    """Return the step_index of the last step that is required; reaching it is completing the funnel."""
    if rule.order == "any":
        return len(steps)
    return max(place for place, each in enumerate(steps, start=1) if not each.is_optional)


def _list_units(scratch: Engine, rule: FunnelRule) -> pd.DataFrame:
    """List everybody who met step 1; a session is also told with its person."""
    attempt = ", attempt_index" if rule.entry == "each" else ""
    return scratch.frame(
        f"""
        SELECT {_IDS[rule.unit]}, furthest_step, status, MAKE_TIMESTAMP(entered_us) AS entered_at{attempt}
        FROM funnel_units INNER JOIN funnel_owners USING (unit_id) ORDER BY unit_id, attempt_index
        """
    )


def _add_shares(counts: pd.DataFrame, by: str | None) -> pd.DataFrame:
    frame = counts.copy()
    mature = frame["mature_count"]
    groups = frame["by_value"]
    first = mature.groupby(groups).transform("first")
    required = mature.where(~frame["is_optional"]).groupby(groups).ffill()
    before = required.groupby(groups).shift().fillna(first)
    frame["step_share"] = share_of(mature, before)
    frame["overall_share"] = share_of(mature, first)
    frame["overall_share_low"], frame["overall_share_high"] = wilson_interval(mature, first)
    frame = frame[["by_value", *COLUMNS]]
    return frame[COLUMNS] if by is None else frame.rename(columns={"by_value": by})
