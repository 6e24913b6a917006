"""Ask a log which ways people take: whole paths, what comes again in them, and who stands where."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.api.base import OpenLog, check_flags, make_result
from journeys.insights.marks import Anchors
from journeys.insights.paths.backtracks import count_backtracks
from journeys.insights.paths.complexity import measure_complexity
from journeys.insights.paths.loops import count_loops, count_rework
from journeys.insights.paths.rule import PathRule
from journeys.insights.paths.step_matrix import compare_step_matrices, lay_step_matrix
from journeys.insights.paths.variants import count_variants
from journeys.report.charts import (
    backtracks_figure,
    coverage_figure,
    rework_figure,
    step_matrix_difference_figure,
    step_matrix_figure,
    variants_figure,
)
from journeys.report.result import Result
from journeys.schema import STAGES


class WayVerbs(OpenLog):
    """The questions about whole paths.

    `start`, `goal` and `end` cut a path as in `paths`; `unit` is 'person', 'session' or 'account'; after
    `inactive_days` without a contact a unit is dropped.
    """

    def variants(
        self,
        goal: object = None,
        collapse: bool = True,
        *,
        start: object = None,
        end: object = None,
        top: int | None = None,
        unit: str = "person",
        inactive_days: float | None = None,
        as_of: object = None,
    ) -> Result:
        """Count the distinct paths; see `journeys.insights.paths.variants.count_variants`.

        Returns:
            `.frame`: `path` (list of names), `count`, `share`, `cumulative_share`, `converted_count`; the tables
            `intervals`, `coverage` and `stages`.
        """
        rule = self._rule(start, goal, end, collapse=collapse, unit=unit, inactive_days=inactive_days, as_of=as_of)
        answer = count_variants(self.log, rule, top=top)
        stages = answer.tables["stages"].dropna()
        stage_of = dict(zip(stages["step_name"], stages["stage"], strict=True))
        details, order = answer.tables["intervals"], self._stage_names()
        return make_result(answer, lambda _: variants_figure(details, stages=stage_of, stage_order=order))

    def loops(
        self,
        *,
        start: object = None,
        goal: object = None,
        end: object = None,
        unit: str = "person",
        as_of: object = None,
    ) -> Result:
        """Count the repeats of and returns to each step; see `journeys.insights.paths.loops.count_loops`.

        Returns:
            `.frame`: `step`, `repeat_count`, `return_count`, `person_count`, `share`; the table `rework`.
        """
        answer = count_loops(self.log, self._rule(start, goal, end, unit=unit, as_of=as_of))
        rework = answer.tables["rework"]
        return make_result(answer, lambda _: rework_figure(rework))

    def rework(
        self,
        *,
        start: object = None,
        goal: object = None,
        end: object = None,
        unit: str = "person",
        as_of: object = None,
    ) -> Result:
        """Count who meets a step more than once; see `journeys.insights.paths.loops.count_rework`."""
        return make_result(count_rework(self.log, self._rule(start, goal, end, unit=unit, as_of=as_of)), rework_figure)

    def backtracks(
        self,
        *,
        start: object = None,
        goal: object = None,
        end: object = None,
        unit: str = "person",
        as_of: object = None,
    ) -> Result:
        """Count the moves to an earlier stage; see `journeys.insights.paths.backtracks.count_backtracks`."""
        rule = self._rule(start, goal, end, unit=unit, as_of=as_of)
        return make_result(count_backtracks(self.log, rule, self._stage_names()), backtracks_figure)

    def complexity(
        self,
        goal: object = None,
        collapse: bool = True,
        *,
        start: object = None,
        end: object = None,
        unit: str = "person",
        as_of: object = None,
    ) -> Result:
        """Measure how various the paths are; see `journeys.insights.paths.complexity.measure_complexity`."""
        answer = measure_complexity(self.log, self._rule(start, goal, end, collapse=collapse, unit=unit, as_of=as_of))
        variants = answer.tables["variants"]
        return make_result(answer, lambda _: coverage_figure(variants))

    def step_matrix(
        self,
        depth: int = 10,
        collapse: bool = False,
        *,
        start: object = None,
        goal: object = None,
        end: object = None,
        top: int | None = None,
        unit: str = "person",
        inactive_days: float | None = None,
        as_of: object = None,
    ) -> Result:
        """Say who stands where at each position; see `journeys.insights.paths.step_matrix.lay_step_matrix`.

        Returns:
            `.frame`: `step`, then the columns `1` to `depth` of shares, each summing to 1; the table `cells`.
        """
        rule = self._rule(start, goal, end, collapse=collapse, unit=unit, inactive_days=inactive_days, as_of=as_of)
        answer = lay_step_matrix(self.log, rule, depth=depth, top=top)
        cells = answer.tables["cells"]
        return make_result(answer, lambda _: step_matrix_figure(cells))

    def step_matrix_difference(
        self,
        groups: Sequence[object],
        *,
        by: str | None = None,
        depth: int = 10,
        collapse: bool = False,
        start: object = None,
        goal: object = None,
        end: object = None,
        top: int | None = None,
        unit: str = "person",
        inactive_days: float | None = None,
        as_of: object = None,
    ) -> Result:
        """Subtract two groups' step matrices; see `journeys.insights.paths.step_matrix.compare_step_matrices`.

        Args:
            groups: one group (against all others) or two: '(converted)', '(dropped)' or '(open)'; a contact met on
                the path (a name, a list of names, column conditions); a `jn.Period`; with `by`, values of a column.
            by: column whose value at a path's first contact is the group.
            depth: positions.
            collapse: consecutive repeats are one step.
            start: paths begin at the first such step.
            goal: the step that converts.
            end: paths stop at the next such step.
            top: steps named per position.
            unit: 'person', 'session' or 'account'.
            inactive_days: days without a contact after which a unit is dropped.
            as_of: end of observation.
        """
        rule = self._rule(start, goal, end, collapse=collapse, unit=unit, inactive_days=inactive_days, as_of=as_of)
        answer = compare_step_matrices(self.log, rule, groups, by=by, depth=depth, top=top)
        a, b = (str(answer.definition["parameters"][side]) for side in "ab")
        return make_result(answer, lambda frame: step_matrix_difference_figure(frame, a=a, b=b))

    def _rule(
        self,
        start: object,
        goal: object,
        end: object,
        *,
        unit: str,
        collapse: bool = False,
        inactive_days: float | None = None,
        as_of: object = None,
    ) -> PathRule:
        check_flags(collapse=collapse)
        anchors = Anchors(start=start, goal=goal, end=end, missing=self.missing_of(goal))
        return PathRule(anchors, self.inactive_us_of(inactive_days, unit), unit=unit, collapse=collapse, as_of=as_of)

    def _stage_names(self) -> tuple[str, ...]:
        return tuple(stage.name for stage in self.settings.stages) if self.settings else STAGES
