"""Ask a log how a funnel's shares come about: over time, between groups, between periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypedDict, Unpack

from journeys.api.base import make_result
from journeys.api.funnels import FunnelVerbs
from journeys.errors import CallError
from journeys.insights.answer import REST
from journeys.insights.funnels.change import split_change
from journeys.insights.funnels.competing import read_competing
from journeys.insights.funnels.groups import compare_groups
from journeys.insights.funnels.periods import read_periods
from journeys.insights.funnels.rule import FunnelRule
from journeys.insights.funnels.separators import SeparatorQuery, separate_converters
from journeys.insights.funnels.times import time_funnel
from journeys.insights.funnels.trend import trend_funnel
from journeys.paths.steps import Step
from journeys.report.charts import change_figure, differences_figure, times_figure, trend_figure
from journeys.report.result import Result


class FunnelHow(TypedDict, total=False):
    """The settings of `Journeys.funnel` that these questions take as well."""

    order: str
    entry: str
    ties: str
    unit: str
    exclude: Sequence[object]
    hold: str
    by: str
    by_at: str | int
    missing: str
    contacts: int
    preset: str


class FunnelStatisticVerbs(FunnelVerbs):
    """The questions about times, trends, groups and changes of a funnel.

    All take `steps` and the settings of `funnel` (`window`, `order`, `ties`, `unit`, `exclude`, `hold`, `missing`,
    `contacts`, `entry`, `preset`; `by` and `by_at` where groups are compared). Where time matters `entry` is 'first'
    unless given, so that nobody's clock starts anew.
    """

    def funnel_times(
        self,
        steps: Sequence[object] | str,
        window: str | timedelta | None = None,
        *,
        competing: object = None,
        inactive_days: float | None = None,
        as_of: object = None,
        **how: Unpack[FunnelHow],
    ) -> Result:
        """Say how long entrants take to each step; see `journeys.insights.funnels.times.time_funnel`.

        Args:
            steps: the steps, or the name of a configured funnel.
            window: longest time from step 1, end included, with a unit; no limit.
            competing: what else ends the way: a step ('churn'), '(dropped)' for silence, or a list of these.
            inactive_days: length of that silence; as configured, or 30.
            as_of: end of observation; the log's own.
            how: settings of `funnel`; `entry` is 'first' unless given.

        Returns:
            `.frame`: a row per step after the first; `.tables["curve"]`: the share over time, which the chart draws.
        """
        _refuse_split("funnel_times", how)
        read, rule = self._read_timed(steps, window, how)
        ends = read_competing(competing, self.inactive_us_of(inactive_days, rule.unit))
        answer = time_funnel(self.log, read, rule, ends, as_of=as_of)
        return make_result(answer, partial(times_figure, curve=answer.tables["curve"]))

    def funnel_trend(
        self,
        steps: Sequence[object] | str,
        window: str | timedelta | None = None,
        *,
        every: str = "week",
        as_of: object = None,
        **how: Unpack[FunnelHow],
    ) -> Result:
        """Count a funnel by date of entry; see `journeys.insights.funnels.trend.trend_funnel`.

        Args:
            steps: the steps, or the name of a configured funnel.
            window: longest time from step 1, end included, with a unit; no limit.
            every: 'day', 'week' or 'month'.
            as_of: end of observation; the log's own.
            how: settings of `funnel`; `entry` is 'first' unless given.
        """
        _refuse_split("funnel_trend", how)
        read, rule = self._read_timed(steps, window, how)
        return make_result(trend_funnel(self.log, read, rule, every=every, as_of=as_of), trend_figure)

    def compare_groups(
        self,
        steps: Sequence[object] | str,
        window: str | timedelta | None = None,
        *,
        before: object = None,
        after: object = None,
        against: str = REST,
        as_of: object = None,
        **how: Unpack[FunnelHow],
    ) -> Result:
        """Compare who gets through a funnel by group or period; see `journeys.insights.funnels.groups.compare_groups`.

        Args:
            steps: the steps, or the name of a configured funnel.
            window: longest time from step 1, end included, with a unit; no limit.
            before: with `after` instead of `by`: a period (from, to) of first entries, its end not included.
            after: the period held against it.
            against: '(rest)', or the value of the group that all others are held against.
            as_of: end of observation; the log's own.
            how: settings of `funnel`; `by` names the groups; `entry` is 'first' for periods unless given.

        Raises:
            CallError: neither `by` nor two periods are given, or both.
        """
        has_periods = before is not None and after is not None
        has_by = how.get("by") is not None
        if has_periods == has_by or (before is None) != (after is None):
            raise CallError("groups", "compare_groups() needs by=, or before= and after=",
                            found=f"by={how.get('by')!r}, before={before!r}, after={after!r}",
                            do="name a column, or two periods")  # fmt: skip
        read, rule = (
            self._read_timed(steps, window, how) if has_periods else self.read_funnel_call(steps, window, dict(how))
        )
        periods = read_periods(before, after, self.log.timezone) if has_periods else None
        answer = compare_groups(self.log, read, rule, periods=periods, against=against, as_of=as_of)
        return make_result(answer, differences_figure)

    def separators(
        self,
        steps: Sequence[object] | str,
        window: str | timedelta | None = None,
        *,
        columns: Sequence[str] = (),
        columns_at: str = "entry",
        as_of: object = None,
        **how: Unpack[FunnelHow],
    ) -> Result:
        """Rank what separates converters; see `journeys.insights.funnels.separators.separate_converters`.

        Args:
            steps: the steps, or the name of a configured funnel.
            window: longest time from step 1, end included, with a unit; no limit.
            columns: columns of events asked about, besides all touchpoints.
            columns_at: 'entry' (as at the event that opens the counted chain) or 'first' (as at the first event).
            as_of: end of observation; the log's own.
            how: settings of `funnel`; `entry` is 'first' unless given.
        """
        is_list = isinstance(columns, Sequence) and not isinstance(columns, str)
        if not is_list or not all(isinstance(each, str) and each for each in columns):
            raise CallError("columns", "columns= is no list of names", found=repr(columns), allowed="a list of columns")
        read, rule = self._read_timed(steps, window, how)
        query = SeparatorQuery(tuple(dict.fromkeys(columns)), columns_at)
        return make_result(separate_converters(self.log, read, rule, query, as_of=as_of), differences_figure)

    def funnel_change(
        self,
        steps: Sequence[object] | str,
        window: str | timedelta | None = None,
        *,
        before: object,
        after: object,
        seed: int = 1,
        as_of: object = None,
        **how: Unpack[FunnelHow],
    ) -> Result:
        """Split a funnel's change into who came and how steps converted; see `journeys.insights.funnels.change`.

        Args:
            steps: the steps, or the name of a configured funnel.
            window: longest time from step 1, end included, with a unit; no limit.
            before: a period (from, to) of first entries, its end not included; 'from..to' is read too.
            after: the period held against it.
            seed: of the bootstrap behind the intervals.
            as_of: end of observation; the log's own.
            how: settings of `funnel`; `by` names the segments that came; `entry` is 'first' unless given.

        Returns:
            `.frame`: a row per factor; `.tables["total"]` and `.tables["segments"]`.
        """
        read, rule = self._read_timed(steps, window, how)
        periods = read_periods(before, after, self.log.timezone)
        answer = split_change(self.log, read, rule, periods, seed=seed, as_of=as_of)
        return make_result(answer, partial(change_figure, total=answer.tables["total"]))

    def _read_timed(
        self, steps: Sequence[object] | str, window: str | timedelta | None, how: FunnelHow
    ) -> tuple[tuple[Step, ...], FunnelRule]:
        """Return the steps and the rule; where nobody asks for another entry the first one counts."""
        read, rule = self.read_funnel_call(steps, window, dict(how))
        is_asked = how.get("entry") is not None or how.get("preset") is not None
        return read, rule if is_asked or rule.entry != "best" else replace(rule, entry="first")


def _refuse_split(verb: str, how: FunnelHow) -> None:
    if how.get("by") is not None:
        raise CallError("by", f"{verb}() is not split by a column", found=repr(how["by"]),
                        do="compare_groups(by=...) compares groups")  # fmt: skip
