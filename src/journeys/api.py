"""The one noun an analyst holds: a log of journeys, and the questions it answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any

import pandas as pd

from journeys.config import FunnelSettings, Settings
from journeys.errors import CallError
from journeys.insights.answer import Answer
from journeys.insights.funnel import FunnelRule, count_funnel
from journeys.insights.identity_sensitivity import compare_rules
from journeys.insights.marks import Anchors
from journeys.insights.paths import PathView, follow_paths
from journeys.insights.session_list import list_sessions
from journeys.insights.touchpoints import count_touchpoints
from journeys.insights.transitions import count_transitions
from journeys.paths.log import EventLog
from journeys.paths.steps import step
from journeys.report.charts import (
    funnel_figure,
    sankey_figure,
    sensitivity_figure,
    sessions_figure,
    touchpoints_figure,
    transitions_figure,
)
from journeys.report.result import FunnelResult, PathResult, Result
from journeys.sessions import make_rule
from journeys.units import US_PER_DAY, duration_us

_LONGEST_DAYS = 36_500


class Journeys:
    """A log of journeys, in memory or published, ready to be asked. Made by `from_events` and `open`.

    Attributes:
        rejects: rows that could not be used: `row`, `column`, `value`, `reason` (of a published log: see
            `table("rejected_events")`).
        repeat_count: rows dropped because their event_id was there already.
        settings: the configuration of a published log, else None.
    """

    def __init__(
        self, log: EventLog, *, rejects: pd.DataFrame, repeat_count: int, settings: Settings | None = None
    ) -> None:
        self.log = log
        self.rejects = rejects
        self.repeat_count = repeat_count
        self.settings = settings

    def __enter__(self) -> Journeys:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the data; the object cannot be asked afterwards."""
        self.log.engine.close()

    def table(self, name: str) -> pd.DataFrame:
        """Return one table of the log as a frame; `sql/` documents each.

        Raises:
            CallError: there is no such table.
        """
        names = sorted(row[0] for row in self.log.engine.rows("SELECT DISTINCT table_name FROM "
                       "information_schema.tables WHERE table_catalog = current_database()"))  # fmt: skip
        if name not in names:
            raise CallError("table", "there is no such table", found=repr(name), allowed=", ".join(names))
        return self.log.engine.frame(f'SELECT * FROM "{name}"')

    def sessions(
        self,
        timeout: str | timedelta | None = None,
        *,
        gap_inclusive: bool | None = None,
        max_length: str | timedelta | None = None,
        midnight: bool | None = None,
        campaign: bool | None = None,
        as_of: object = None,
    ) -> Result:
        """Cut the log into sessions. What is not given is as configured, else as in the promised defaults.

        Args:
            timeout: longest pause inside one session, with a unit; '30m'.
            gap_inclusive: a pause equal to the timeout does not split; True.
            max_length: longest session, with a unit; no limit.
            midnight: a new local day splits; False.
            campaign: a new campaign splits; False.
            as_of: end of observation; the log's own.

        Returns:
            `.frame`: one row per session: `session_id`, `person_id`, `started_at`, `ended_at`, `event_count`,
            `duration_seconds`, `split_reason`.
        """
        given = {"timeout": timeout, "gap_inclusive": gap_inclusive, "max_length": max_length, "midnight": midnight,
                 "campaign": campaign}  # fmt: skip
        settings: dict[str, Any] = {"timeout": "30m", "gap_inclusive": True, "max_length": None, "midnight": False,
                                    "campaign": False}  # fmt: skip
        if self.settings:
            settings = {name: getattr(self.settings.session, name) for name in settings}
        settings |= {name: value for name, value in given.items() if value is not None}
        _check_flags(**{name: settings[name] for name in ("gap_inclusive", "midnight", "campaign")})
        if settings["campaign"] and not self.settings:
            raise CallError("campaign", "a log in memory has no campaigns", found="campaign=True", allowed="False")
        rule = make_rule(settings.pop("timeout"), settings.pop("max_length"), **settings)
        return _result(list_sessions(self.log, rule, as_of=as_of), sessions_figure)

    def transitions(
        self, unit: str = "person", *, collapse: bool = False, boundaries: bool = False, as_of: object = None
    ) -> Result:
        """Count the adjacent pairs of steps; see `journeys.insights.transitions.count_transitions`."""
        _check_flags(collapse=collapse, boundaries=boundaries)
        answer = count_transitions(self.log, unit=unit, collapse=collapse, boundaries=boundaries, as_of=as_of)
        return _result(answer, transitions_figure)

    def paths(
        self,
        start: object = None,
        end: object = None,
        *,
        depth: int = 8,
        unit: str = "person",
        goal: object = None,
        collapse: bool = True,
        top: int | None = None,
        inactive_days: float | None = None,
        as_of: object = None,
    ) -> PathResult:
        """Link the steps of each path by position; see `journeys.insights.paths.follow_paths`.

        Returns:
            `.frame`: `step_index`, `from_step`, `to_step`, `count`, `share`; `.balance` per position.
        """
        _check_flags(collapse=collapse)
        inactive_us = self._inactive_us(inactive_days, unit)
        anchors = Anchors(start=start, goal=goal, end=end, missing=self._missing(goal))
        view = PathView(depth=depth, top=top, collapse=collapse)
        answer = follow_paths(self.log, anchors, view, unit=unit, inactive_us=inactive_us, as_of=as_of)
        return PathResult(answer.frame, answer.definition, answer.tables, sankey_figure)

    def touchpoints(
        self,
        goal: object = None,
        *,
        inactive_days: float | None = None,
        unit: str = "person",
        as_of: object = None,
    ) -> Result:
        """Count persons per touchpoint up to the goal; see `journeys.insights.touchpoints.count_touchpoints`.

        With `unit="account"` (or "session") the columns keep their names and count accounts.

        Raises:
            CallError: no goal is named, and none is configured; or it never occurs.
        """
        if goal is None and self.settings:
            goal = self.settings.journey.goal
        if goal is None:
            raise CallError("goal", "touchpoints() needs a goal", found="none", do='name it: touchpoints(goal="...")')
        anchors = Anchors(goal=goal, missing=self._missing(goal))
        inactive_us = self._inactive_us(inactive_days, unit)
        answer = count_touchpoints(self.log, anchors, inactive_us=inactive_us, unit=unit, as_of=as_of)
        return _result(answer, touchpoints_figure)

    def funnel(
        self,
        steps: Sequence[object] | str,
        window: str | timedelta | None = None,
        *,
        order: str | None = None,
        entry: str | None = None,
        ties: str = "together",
        unit: str = "person",
        as_of: object = None,
        missing: str = "error",
        contacts: int | None = None,
        **later: object,
    ) -> FunnelResult:
        """Count how far people get; see `journeys.insights.funnel.count_funnel` for columns and rules.

        Args:
            steps: the steps, or the name of a configured funnel.
            window: longest time from step 1, end included, with a unit; no limit.
            order: 'ordered'; else as configured.
            entry: 'best' or 'first'; else as configured, or 'best'.
            ties: 'together' or 'increasing'.
            unit: 'person', 'session' or 'account'.
            as_of: end of observation; the log's own.
            missing: 'zero' counts a step that never occurs as never reached; else it is an error.
            contacts: with unit 'account', how many different contacts of it a step takes; any one.
            **later: refused: not available in this version.
        """
        if later:
            raise CallError("funnel-setting", f"funnel({'=, '.join(later)}=) is not available in this version",
                            allowed="window, order, entry, ties, unit, as_of, missing, contacts")  # fmt: skip
        if isinstance(steps, str):
            if not self.settings:
                raise CallError("funnel-steps", "steps is a text", found=repr(steps), allowed="a list of steps")
            configured = self.settings.funnel(steps)
            steps, window = configured.steps, window or configured.window
            order, entry = order or configured.order, entry or configured.entry
        if not isinstance(steps, Sequence):
            raise CallError("funnel-steps", "steps is no list", found=repr(steps), allowed="a list of steps")
        rule = FunnelRule(window, order=order or "ordered", entry=entry or "best", ties=ties, unit=unit,
                          missing=missing, contacts=contacts)  # fmt: skip
        answer = count_funnel(self.log, tuple(step(each) for each in steps), rule, as_of=as_of)
        return FunnelResult(answer.frame, answer.definition, answer.tables, funnel_figure)

    def identity_sensitivity(self, as_of: object = None) -> Result:
        """Compare the main figures under each rule of identity; see `journeys.insights.identity_sensitivity`.

        Args:
            as_of: end of observation; the log's own.

        Returns:
            `.frame`: one row per rule: `rule`, `is_configured`, `person_count`, `known_person_count`, `session_count`,
            `journey_count`, `journey_person_count`, `converted_person_count`, `conversion_share` with its interval,
            and `funnel_person_count`, `funnel_converted_count`, `funnel_share` with its interval of the first
            configured funnel.

        Raises:
            CallError: the log is in memory, where persons are given.
        """
        settings = self.settings
        if settings is None:
            raise CallError("identity-sensitivity", "the persons of a log in memory are given, not worked out",
                            do="open a published log: journeys.open(...)")  # fmt: skip
        count = partial(self._count_configured, settings.funnels[0], as_of) if settings.funnels else None
        return _result(compare_rules(self.log, settings, count_funnel=count, as_of=as_of), sensitivity_figure)

    @staticmethod
    def _count_configured(funnel: FunnelSettings, as_of: object, log: EventLog) -> Answer:
        """Count a configured funnel as the nightly run does."""
        rule = FunnelRule(funnel.window, order=funnel.order, entry=funnel.entry, missing="zero")
        return count_funnel(log, tuple(step(each) for each in funnel.steps), rule, as_of=as_of)

    def _missing(self, goal: object) -> str:
        """A configured goal may never occur; any other name is a mistake then."""
        configured = {each.name for each in self.settings.goals} if self.settings else set()
        return "zero" if isinstance(goal, str) and goal in configured else "error"

    def _inactive_us(self, days: float | None, unit: str) -> int:
        given = 30.0 if days is None else days
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= _LONGEST_DAYS:
            raise CallError("inactive-days", "inactive_days is no number of days", found=repr(days),
                            allowed=f"above 0, up to {_LONGEST_DAYS}")  # fmt: skip
        if unit == "session":
            return duration_us(self.settings.session.timeout if self.settings else "30m")
        if days is None and self.settings:
            return self.settings.journey.inactive_us
        return round(given * US_PER_DAY)


def _check_flags(**flags: object) -> None:
    for name, value in flags.items():
        if value not in (True, False):
            raise CallError("flag", f"{name}= is no truth value", found=repr(value), allowed="True or False")


def _result(answer: Answer, draw: Any) -> Result:
    return Result(answer.frame, answer.definition, answer.tables, draw)
