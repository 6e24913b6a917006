"""Ask a log what people do one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from journeys.api.base import OpenLog, check_flags, make_result
from journeys.insights.answer import Answer
from journeys.insights.marks import Anchors
from journeys.insights.paths.groups import read_grouping
from journeys.insights.paths.links import PathView, follow_paths
from journeys.insights.paths.transitions import count_transitions
from journeys.report.charts import draw_transitions, sankey_figure, sankeys_figure
from journeys.report.result import PathResult, Result


class PathVerbs(OpenLog):
    """The questions about paths."""

    def transitions(
        self, unit: str = "person", *, collapse: bool = False, boundaries: bool = False, as_of: object = None
    ) -> Result:
        """Count the adjacent pairs of steps; see `journeys.insights.paths.transitions.count_transitions`.

        `.figure()` is a heat map, `.figure(kind="graph")` the cyclic picture: nodes by stage and arrows by count.
        """
        check_flags(collapse=collapse, boundaries=boundaries)
        answer = count_transitions(self.log, unit=unit, collapse=collapse, boundaries=boundaries, as_of=as_of)
        return make_result(answer, partial(draw_transitions, **self._look(answer, "stages", "stage_order")))

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
        revisits: bool = False,
        floor: int | None = None,
        by: str | None = None,
        groups: Sequence[str] | None = None,
        inactive_days: float | None = None,
        as_of: object = None,
    ) -> PathResult:
        """Link the steps of each path by position; see `journeys.insights.paths.links.follow_paths`.

        Args:
            start: paths begin at the first such step.
            end: paths stop at the next such step.
            depth: positions shown.
            unit: 'person', 'session' or 'account'.
            goal: paths convert at the first such step.
            collapse: consecutive repeats of a step are one.
            top: steps named per position; the others are '(other)'.
            revisits: a step met again on the same path bears its number: 'Cart (2)'.
            floor: links of fewer units lead to '(other)'.
            by: column that tells paths apart, by its value at their first step; the chart compares two groups.
            groups: the values of `by` to compare; all others are '(rest)'.
            inactive_days: so long after its last contact a unit is dropped; until then open.
            as_of: end of observation; the log's own.

        Returns:
            `.frame`: `step_index`, `from_step`, `to_step`, `count`, `share` and its interval, the column `by` first;
            `.balance` per position; `.tables["coverage"]`: how many paths the named steps tell.
        """
        check_flags(collapse=collapse, revisits=revisits)
        inactive_us = self.inactive_us_of(inactive_days, unit)
        anchors = Anchors(start=start, goal=goal, end=end, missing=self.missing_of(goal))
        view = PathView(depth=depth, top=top, collapse=collapse, revisits=revisits, floor=floor)
        grouping = read_grouping(by, groups)
        answer = follow_paths(
            self.log, anchors, view, unit=unit, inactive_us=inactive_us, as_of=as_of, grouping=grouping
        )
        draw = partial(sankey_figure, **self._look(answer), coverage=answer.tables["coverage"])
        if grouping.by is not None:
            draw = partial(sankeys_figure, **self._look(answer), coverage=answer.tables["coverage"], by=grouping.by)
        return PathResult(answer.frame, answer.definition, answer.tables, draw)

    def _look(self, answer: Answer, *wanted: str) -> dict[str, Any]:
        """Return what gives the steps of a chart their colours and order: the wanted parts, or all."""
        steps = answer.tables["stages"]
        look = {
            "stages": dict(steps.dropna(subset="stage")[["step_name", "stage"]].itertuples(index=False, name=None)),
            "touchpoints": dict(steps[["step_name", "touchpoint"]].itertuples(index=False, name=None)),
            "stage_order": tuple(stage.name for stage in self.settings.stages) if self.settings else (),
        }
        return {name: part for name, part in look.items() if not wanted or name in wanted}
