"""Ask a log for its touchpoints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from journeys.api.base import OpenLog, make_result
from journeys.errors import CallError
from journeys.insights.channels import list_channels
from journeys.insights.marks import Anchors
from journeys.insights.touchpoints.catalogue import RulesKnown, list_catalogue
from journeys.insights.touchpoints.count import count_touchpoints
from journeys.insights.touchpoints.dropoff import count_drop_off
from journeys.insights.touchpoints.exits import BounceRule, count_exits
from journeys.insights.touchpoints.stage_marks import StageOrder, order_stages
from journeys.insights.touchpoints.stages import count_stages
from journeys.insights.touchpoints.touches import count_touches
from journeys.insights.touchpoints.visits import count_visits
from journeys.paths.rules import goals_sql
from journeys.report.charts import touchpoints_figure
from journeys.report.charts.catalogue import catalogue_figure
from journeys.report.charts.channels import channels_figure
from journeys.report.charts.rates import drop_off_figure, exits_figure, stages_figure, touches_figure, visits_figure
from journeys.report.charts.touchpoint_parts import parts_figure
from journeys.report.result import Result
from journeys.units import duration_us


class TouchpointVerbs(OpenLog):
    """The questions about touchpoints."""

    def touchpoints(
        self,
        goal: object = None,
        *,
        inactive_days: float | None = None,
        unit: str = "person",
        by: str | None = None,
        as_of: object = None,
    ) -> Result:
        """Count persons per touchpoint up to the goal; see `journeys.insights.touchpoints.count.count_touchpoints`.

        With `unit="account"` (or "session") the columns keep their names and count accounts. With `by=` a column or
        property, the same table for each value at the person's first contact, its value in the first column; the
        parts' counts sum to the whole, and `.tables["parts"]` holds each part's size.

        Raises:
            CallError: no goal is named, and none is configured; or it never occurs; or `by` is no column.
        """
        anchors = self._goal_anchors(goal, "touchpoints")
        inactive_us = self.inactive_us_of(inactive_days, unit)
        answer = count_touchpoints(self.log, anchors, inactive_us=inactive_us, unit=unit, by=by, as_of=as_of)
        return make_result(answer, touchpoints_figure if by is None else parts_figure)

    def catalogue(self, *, address: str | None = "url", top: int = 50, as_of: object = None) -> Result:
        """List what no touchpoint rule takes, with rules to paste; see `journeys.insights.touchpoints.catalogue`.

        A log in memory has no rules, so that all its events are listed.

        Args:
            address: column or property with the address of a page; None groups by event alone.
            top: groups shown.
            as_of: end of observation; the log's own.
        """
        known = RulesKnown()
        if self.settings:
            names = [rule.name for rule in self.settings.touchpoints]
            known = RulesKnown(has_rules=True, names=names, goals=goals_sql(self.settings, self.log.facts))
        answer = list_catalogue(self.log, known, address=address, top=top, as_of=as_of)
        return make_result(answer, catalogue_figure)

    def channels(self, *, as_of: object = None) -> Result:
        """Count sessions by channel and by the rule that decided it; see `journeys.insights.channels`.

        Args:
            as_of: end of observation; the log's own.
        """
        rules = self.settings.channels if self.settings else None
        return make_result(list_channels(self.log, rules, as_of=as_of), channels_figure)

    def dropoff(
        self,
        goal: object = None,
        *,
        inactive_days: float | None = None,
        unit: str = "person",
        as_of: object = None,
    ) -> Result:
        """Count who gave up at each touchpoint; see `journeys.insights.touchpoints.dropoff.count_drop_off`.

        Raises:
            CallError: no goal is named, and none is configured; or it never occurs.
        """
        anchors = self._goal_anchors(goal, "dropoff")
        inactive_us = self.inactive_us_of(inactive_days, unit)
        return make_result(
            count_drop_off(self.log, anchors, inactive_us=inactive_us, unit=unit, as_of=as_of), drop_off_figure
        )

    def exits(
        self, *, bounce: str = "single", views: object = None, goal: object = None, as_of: object = None
    ) -> Result:
        """Count the sessions that end and bounce at each touchpoint; see `journeys.insights.touchpoints.exits`.

        Args:
            bounce: 'single' (one event in all) or 'ga4' (10 seconds at most, fewer than two views, no key event).
            views: for 'ga4': the events that are views; every contact.
            goal: for 'ga4': the key event; the configured goal, or none.
            as_of: end of observation; the log's own.
        """
        wanted = self._configured_goal(goal) if bounce == "ga4" else goal
        if bounce != "ga4" and goal is not None:
            raise CallError("bounce", "goal= belongs to bounce='ga4'", found=repr(goal), allowed="no goal")
        rule = BounceRule(bounce, views=views, goal=wanted, missing=self.missing_of(wanted))
        return make_result(count_exits(self.log, rule, as_of=as_of), exits_figure)

    def stages(
        self,
        goal: object = None,
        *,
        within: str | timedelta | None = None,
        stages: Mapping[str, object] | None = None,
        unit: str = "person",
        as_of: object = None,
    ) -> Result:
        """Count who went no further than each stage; see `journeys.insights.touchpoints.stages.count_stages`.

        Args:
            goal: the goal; the configured one.
            within: how long a person has to go on, with a unit; `inactive_days`.
            stages: stage -> the contacts in it, as steps, first stage first; as the touchpoint rules say.
            unit: 'person', 'session' or 'account'.
            as_of: end of observation; the log's own.
        """
        anchors, order = self._goal_anchors(goal, "stages"), self._stage_order(stages)
        within_us = self.inactive_us_of(None, unit) if within is None else duration_us(within, name="within")
        answer = count_stages(self.log, anchors, order, within_us=within_us, unit=unit, as_of=as_of)
        return make_result(answer, stages_figure)

    def touches(
        self,
        goal: object = None,
        *,
        stages: Mapping[str, object] | None = None,
        inactive_days: float | None = None,
        unit: str = "person",
        as_of: object = None,
    ) -> Result:
        """Hold the touches per stage against those expected; see `journeys.insights.touchpoints.touches.count_touches`.

        Expected is what `[[stage]] expected = [fewest, most]` says, else the mean of those who converted.
        """
        anchors, order = self._goal_anchors(goal, "touches"), self._stage_order(stages)
        inactive_us = self.inactive_us_of(inactive_days, unit)
        answer = count_touches(self.log, anchors, order, inactive_us=inactive_us, unit=unit, as_of=as_of)
        return make_result(answer, touches_figure)

    def visits(self, goal: object = None, *, as_of: object = None) -> Result:
        """Count the visits before the goal; see `journeys.insights.touchpoints.visits.count_visits`.

        `.tables["distribution"]` holds how many persons made how many visits, by the channel of the first.
        """
        answer = count_visits(self.log, self._goal_anchors(goal, "visits"), as_of=as_of)
        return make_result(answer, visits_figure)

    def _configured_goal(self, goal: object) -> object:
        return self.settings.journey.goal if goal is None and self.settings else goal

    def _goal_anchors(self, goal: object, verb: str) -> Anchors:
        wanted = self._configured_goal(goal)
        if wanted is None:
            raise CallError("goal", f"{verb}() needs a goal", found="none", do=f'name it: {verb}(goal="...")')
        return Anchors(goal=wanted, missing=self.missing_of(wanted))

    def _stage_order(self, stages: object) -> StageOrder:
        return order_stages(self.settings.stages if self.settings else (), stages)
