"""Ask a log how long people wait, where they go from a touchpoint, and what repeats in their paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from journeys.api.base import OpenLog, check_flags, make_result
from journeys.config import Calendar, read_calendar
from journeys.errors import CallError
from journeys.insights.marks import Anchors
from journeys.insights.paths.explore import Exploration, explore_paths
from journeys.insights.paths.needless import find_needless
from journeys.insights.paths.patterns import Mining, find_patterns
from journeys.insights.paths.waits import measure_waits
from journeys.insights.statistics.intervals import MIN_BASE
from journeys.report.charts import explore_figure, needless_figure, patterns_figure, waits_figure
from journeys.report.result import PathResult, Result


class PatternVerbs(OpenLog):
    """The questions about waits, neighbourhoods of a touchpoint, and what repeats."""

    def waits(
        self,
        unit: str = "person",
        *,
        collapse: bool = False,
        calendar: Calendar | Mapping[str, object] | None = None,
        inactive_days: float | None = None,
        as_of: object = None,
    ) -> Result:
        """Measure how long each transition takes; see `journeys.insights.paths.waits.measure_waits`.

        Args:
            unit: 'person', 'session' or 'account': whose contacts are one sequence.
            collapse: consecutive repeats count once.
            calendar: business hours by the keys of `[calendar]`; as configured, or Monday to Friday 09:00-17:00.
            inactive_days: so long after the last contact a unit is dropped; until then open.
            as_of: end of observation; the log's own.
        """
        check_flags(collapse=collapse)
        if calendar is None:
            calendar = self.settings.calendar if self.settings else Calendar()
        answer = measure_waits(self.log, read_calendar(calendar), unit=unit, collapse=collapse, as_of=as_of,
                               inactive_us=self.inactive_us_of(inactive_days, unit))  # fmt: skip
        return make_result(answer, waits_figure)

    def explore(
        self,
        start: object = None,
        via: Sequence[object] | str = (),
        end: object = None,
        *,
        depth: int = 5,
        top: int | None = 8,
        goal: object = None,
        unit: str = "person",
        occurrence: str = "first",
        collapse: bool = True,
        inactive_days: float | None = None,
        as_of: object = None,
    ) -> PathResult:
        """Link the steps around a touchpoint by position; see `journeys.insights.paths.explore.explore_paths`.

        Args:
            start: paths go forward from it, position 0; a list of names is any of them.
            via: steps that a path meets in this order, after start or before end; alone: both sides of the first.
            end: paths go backward from it; with start, forward to it.
            depth: positions shown on each side.
            top: steps named per position; the others are '(other)'.
            goal: forward paths stop at the first one.
            unit: 'person', 'session' or 'account'.
            occurrence: 'first' or 'every' fitting occurrence of the anchor.
            collapse: consecutive repeats of a step are one.
            inactive_days: so long after the last contact a unit is dropped; until then open.
            as_of: end of observation; the log's own.
        """
        check_flags(collapse=collapse)
        wanted = Exploration(start, via, end, goal, depth, top, occurrence, collapse, self.missing_of(goal))
        inactive_us = self.inactive_us_of(inactive_days, unit)
        answer = explore_paths(self.log, wanted, inactive_us=inactive_us, unit=unit, as_of=as_of)
        return PathResult(answer.frame, answer.definition, answer.tables, explore_figure)

    def patterns(
        self,
        goal: object = None,
        *,
        length: int = 4,
        min_persons: int = MIN_BASE,
        min_share: float = 0.01,
        unit: str = "person",
        collapse: bool = True,
        inactive_days: float | None = None,
        as_of: object = None,
    ) -> Result:
        """Find stretches of steps that mark converters; see `journeys.insights.paths.patterns.find_patterns`.

        Raises:
            CallError: no goal is named, and none is configured; or it never occurs.
        """
        check_flags(collapse=collapse)
        mining = Mining(length, min_persons, min_share, collapse)
        answer = find_patterns(self.log, self._goal_of(goal, "patterns"), mining, unit=unit, as_of=as_of,
                               inactive_us=self.inactive_us_of(inactive_days, unit))  # fmt: skip
        return make_result(answer, patterns_figure)

    def needless(
        self,
        goal: object = None,
        *,
        minimal_effect: float | None = None,
        within: str | timedelta | None = None,
        unit: str = "person",
        as_of: object = None,
    ) -> Result:
        """List repeats and detours without effect; see `journeys.insights.paths.needless.find_needless`.

        Raises:
            CallError: no goal is named, and none is configured; or it never occurs.
        """
        answer = find_needless(self.log, self._goal_of(goal, "needless"), minimal_effect=minimal_effect, within=within,
                               unit=unit, as_of=as_of)  # fmt: skip
        return make_result(answer, needless_figure)

    def _goal_of(self, goal: object, verb: str) -> Anchors:
        """Return the goal as named, else the configured one."""
        if goal is None and self.settings:
            goal = self.settings.journey.goal
        if goal is None:
            raise CallError("goal", f"{verb}() needs a goal", found="none", do=f'name it: {verb}(goal="...")')
        return Anchors(goal=goal, missing=self.missing_of(goal))
