"""Ask a log what people do one after the other."""

from __future__ import annotations

from journeys.api.base import OpenLog, check_flags, make_result
from journeys.insights.marks import Anchors
from journeys.insights.paths.links import PathView, follow_paths
from journeys.insights.paths.transitions import count_transitions
from journeys.report.charts import sankey_figure, transitions_figure
from journeys.report.result import PathResult, Result


class PathVerbs(OpenLog):
    """The questions about paths."""

    def transitions(
        self, unit: str = "person", *, collapse: bool = False, boundaries: bool = False, as_of: object = None
    ) -> Result:
        """Count the adjacent pairs of steps; see `journeys.insights.paths.transitions.count_transitions`."""
        check_flags(collapse=collapse, boundaries=boundaries)
        answer = count_transitions(self.log, unit=unit, collapse=collapse, boundaries=boundaries, as_of=as_of)
        return make_result(answer, transitions_figure)

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
        """Link the steps of each path by position; see `journeys.insights.paths.links.follow_paths`.

        Returns:
            `.frame`: `step_index`, `from_step`, `to_step`, `count`, `share`; `.balance` per position.
        """
        check_flags(collapse=collapse)
        inactive_us = self.inactive_us_of(inactive_days, unit)
        anchors = Anchors(start=start, goal=goal, end=end, missing=self.missing_of(goal))
        view = PathView(depth=depth, top=top, collapse=collapse)
        answer = follow_paths(self.log, anchors, view, unit=unit, inactive_us=inactive_us, as_of=as_of)
        return PathResult(answer.frame, answer.definition, answer.tables, sankey_figure)
