"""Ask a log what its touchpoints go with, other things alike."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.api.base import OpenLog
from journeys.errors import CallError
from journeys.insights.marks import Anchors
from journeys.insights.touchpoints.effects import EffectQuery, estimate_effects
from journeys.paths.steps import step
from journeys.report.charts import effects_figure
from journeys.report.result import EffectResult
from journeys.units import duration_us


class EffectVerbs(OpenLog):
    """The questions about effects."""

    def effects(
        self,
        goal: object = None,
        *,
        among: Sequence[object] = (),
        adjust_for: Sequence[str] | None = None,
        inactive_days: float | None = None,
        unit: str = "person",
        as_of: object = None,
    ) -> EffectResult:
        """Estimate the adjusted effect of each touchpoint; see `journeys.insights.touchpoints.effects`.

        Args:
            goal: a name or step; the configured goal when none.
            among: steps asked about, as in `funnel` (names, or conditions on columns of contacts); all touchpoints.
            adjust_for: columns whose value at the first contact is held alike; `device_type` where the log has it.
            inactive_days: so long after the last contact a person is dropped; as configured, or 30.
            unit: 'person', 'session' or 'account'.
            as_of: end of observation; the log's own.

        Returns:
            `.frame`: one row per touchpoint, finds first; `.strata`: the strata of each that is confounded.

        Raises:
            CallError: no goal is named and none is configured, or a name, step or column never occurs.
        """
        if goal is None and self.settings:
            goal = self.settings.journey.goal
        if goal is None:
            raise CallError("goal", "effects() needs a goal", found="none", do='name it: effects(goal="...")')
        for name, value in (("among", among), ("adjust_for", () if adjust_for is None else adjust_for)):
            if isinstance(value, str | bytes) or not isinstance(value, Sequence):
                raise CallError("effects", f"{name}= is no list", found=repr(value), allowed="a list")
        query = EffectQuery(
            visit_us=duration_us(self.settings.session.timeout if self.settings else "30m"),
            inactive_us=self.inactive_us_of(inactive_days, unit),
            among=tuple(step(each) for each in among),
            adjust_for=None if adjust_for is None else tuple(adjust_for),
        )
        anchors = Anchors(goal=goal, missing=self.missing_of(goal))
        answer = estimate_effects(self.log, anchors, query, unit=unit, as_of=as_of)
        return EffectResult(answer.frame, answer.definition, answer.tables, effects_figure)
