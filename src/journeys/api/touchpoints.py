"""Ask a log for its touchpoints."""

from __future__ import annotations

from journeys.api.base import OpenLog, make_result
from journeys.errors import CallError
from journeys.insights.marks import Anchors
from journeys.insights.touchpoints.count import count_touchpoints
from journeys.report.charts import touchpoints_figure
from journeys.report.result import Result


class TouchpointVerbs(OpenLog):
    """The questions about touchpoints."""

    def touchpoints(
        self,
        goal: object = None,
        *,
        inactive_days: float | None = None,
        unit: str = "person",
        as_of: object = None,
    ) -> Result:
        """Count persons per touchpoint up to the goal; see `journeys.insights.touchpoints.count.count_touchpoints`.

        With `unit="account"` (or "session") the columns keep their names and count accounts.

        Raises:
            CallError: no goal is named, and none is configured; or it never occurs.
        """
        if goal is None and self.settings:
            goal = self.settings.journey.goal
        if goal is None:
            raise CallError("goal", "touchpoints() needs a goal", found="none", do='name it: touchpoints(goal="...")')
        anchors = Anchors(goal=goal, missing=self.missing_of(goal))
        inactive_us = self.inactive_us_of(inactive_days, unit)
        answer = count_touchpoints(self.log, anchors, inactive_us=inactive_us, unit=unit, as_of=as_of)
        return make_result(answer, touchpoints_figure)
