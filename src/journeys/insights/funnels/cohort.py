"""Everybody who entered a funnel, one row each: when, how far, and whether they could be watched to the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from journeys.insights.funnels.count import write_funnel
from journeys.insights.funnels.rule import FunnelRule
from journeys.paths.log import EventLog
from journeys.paths.steps import Step
from journeys.units import zone
from journeys.warehouse import Engine

# A calendar year holds so many of them: `by date` is one of these.
EVERY = {"day": "D", "week": "W-SUN", "month": "M"}


@dataclass(frozen=True)
class Cohort:
    """Those who met step 1.

    Attributes:
        frame: one row per unit, or attempt of it, in the order of their ids: `unit_id`, `attempt_index`, `owner_id`
            (the person whose sessions or attempts are taken together; else the unit itself), `furthest_step`,
            `status`, `is_mature`, `is_converted`, `first_us` (first entry), `start_us` and `completed_us` (of the
            counted chain: its first event, and its last), `by_value`.
        steps: the required steps: step_index and name.
        window_us: longest time from step 1; none is no limit.
        as_of_us: end of observation.
        timezone: zone of calendar dates.
    """

    frame: pd.DataFrame
    steps: tuple[tuple[int, str], ...]
    window_us: int | None
    as_of_us: int
    timezone: str

    @property
    def limit_us(self) -> np.ndarray:
        """How long each could be watched from the start of the counted chain: until as_of, or the window's end."""
        watched = self.as_of_us - self.frame["start_us"].to_numpy(np.int64)
        return watched if self.window_us is None else np.minimum(watched, self.window_us)

    def entry_dates(self, every: str) -> pd.Series:
        """Return the first day of the day, week (from Monday) or month in which each first entered, in local time."""
        local = pd.to_datetime(self.frame["first_us"], unit="us", utc=True).dt.tz_convert(zone(self.timezone))
        return local.dt.tz_localize(None).dt.to_period(EVERY[every]).dt.start_time


def read_cohort(
    log: EventLog, scratch: Engine, steps: Sequence[Step], rule: FunnelRule, *, as_of: object = None
) -> Cohort:
    """Find the counted chains, and list whose they are; leaves the tables of `write_funnel` in the scratch.

    Raises:
        CallError: there is no step, a step never occurs, or a setting does not go with the steps.
    """
    as_of_us = write_funnel(log, scratch, steps, rule, as_of=as_of)
    owner = "person_id" if rule.unit == "session" else "unit_id"
    frame = scratch.frame(
        f"""
        SELECT unit_id, attempt_index, {owner} AS owner_id, furthest_step, status, is_mature,
          status = 'converted' AS is_converted, first_us, start_us, completed_us, funnel_units.by_value
        FROM funnel_units
        INNER JOIN funnel_best USING (unit_id, attempt_index)
        INNER JOIN funnel_owners USING (unit_id)
        ORDER BY unit_id, attempt_index
        """
    )
    names = scratch.rows("SELECT step_index, step_name FROM funnel_names WHERE NOT is_optional ORDER BY step_index")
    return Cohort(frame, tuple(names), rule.window_us, as_of_us, log.timezone)


def dependence_words(rule: FunnelRule) -> str:
    """Say that intervals take a person's sessions or attempts as independent; nothing where a unit counts once."""
    if rule.entry != "each" and rule.unit != "session":
        return ""
    of = "attempts" if rule.entry == "each" else "sessions"
    return f" Intervals and tests take {of} of one person as independent: they are too narrow where many come again."
