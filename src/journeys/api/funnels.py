"""Ask a log how far people get."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from journeys.api.base import OpenLog
from journeys.errors import CallError
from journeys.insights.funnels.count import FunnelRule, count_funnel
from journeys.paths.steps import step
from journeys.report.charts import funnel_figure
from journeys.report.result import FunnelResult


class FunnelVerbs(OpenLog):
    """The questions about funnels."""

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
        """Count how far people get; see `journeys.insights.funnels.count.count_funnel` for columns and rules.

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
