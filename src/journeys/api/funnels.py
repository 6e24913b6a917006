"""Ask a log how far people get."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from journeys.api.base import OpenLog
from journeys.errors import CallError
from journeys.insights.funnels.count import count_funnel
from journeys.insights.funnels.presets import preset_settings
from journeys.insights.funnels.rule import FunnelRule, read_exclusions
from journeys.paths.steps import Step, step
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
        ties: str | None = None,
        unit: str | None = None,
        exclude: Sequence[object] = (),
        hold: str | None = None,
        by: str | None = None,
        by_at: str | int = "first",
        as_of: object = None,
        missing: str = "error",
        preset: str | None = None,
        contacts: int | None = None,
    ) -> FunnelResult:
        """Count how far people get; see `journeys.insights.funnels.count.count_funnel` for columns and rules.

        Args:
            steps: the steps, or the name of a configured funnel.
            window: longest time from step 1, end included, with a unit; no limit.
            order: 'ordered' (other events may stand between), 'strict' (directly next) or 'any'; else as configured.
            entry: 'best' (the deepest chain over all entries), 'first' (only the first entry opens a window) or 'each'
                (attempts are counted); else as configured, or 'best'.
            ties: 'together' (events of one time may satisfy steps in funnel order), 'increasing' (strictly later only)
                or 'sequence' (in the order of the source's own sequence).
            unit: 'person', 'session' or 'account'.
            exclude: (match, i, j): a chain with such an event strictly between its steps i and j does not count.
            hold: column with the same value at every step; events without one are passed over.
            by: column that the counts are split by.
            by_at: the step whose event gives that value: 'first', 'last' or a step_index.
            as_of: end of observation; the log's own.
            missing: 'zero' counts a step that never occurs as never reached; else it is an error.
            preset: count as another system does: 'clickhouse', 'posthog', 'mixpanel', 'retentioneering' or 'ga4'; what
                is given beside it wins.
            contacts: with unit 'account', how many different contacts of it a step takes; any one.
        """
        given: dict[str, Any] = {"window": window, "order": order, "entry": entry, "ties": ties, "unit": unit,
                                 "hold": hold, "by": by, "contacts": contacts}  # fmt: skip
        given = {name: value for name, value in given.items() if value is not None}
        read, configured = self._read_steps(steps)
        settings = preset_settings(preset, given) if preset is not None else configured | given
        rule = FunnelRule(**settings, exclude=read_exclusions(exclude), by_at=by_at, missing=missing)
        answer = count_funnel(self.log, read, rule, as_of=as_of)
        return FunnelResult(answer.frame, answer.definition, answer.tables, funnel_figure)

    def _read_steps(self, steps: Sequence[object] | str) -> tuple[tuple[Step, ...], dict[str, Any]]:
        """Return the steps, and the settings of a configured funnel."""
        configured: dict[str, Any] = {}
        if isinstance(steps, str):
            if not self.settings:
                raise CallError("funnel-steps", "steps is a text", found=repr(steps), allowed="a list of steps")
            funnel = self.settings.funnel(steps)
            steps = funnel.steps
            configured = {"window": funnel.window, "order": funnel.order, "entry": funnel.entry}
        if not isinstance(steps, Sequence):
            raise CallError("funnel-steps", "steps is no list", found=repr(steps), allowed="a list of steps")
        return tuple(step(each) for each in steps), configured
