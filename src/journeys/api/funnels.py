"""Ask a log how far people get."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from journeys.api.base import OpenLog, make_result
from journeys.errors import CallError
from journeys.insights.funnels.compare import compare_presets
from journeys.insights.funnels.configured import read_funnel
from journeys.insights.funnels.count import count_funnel
from journeys.insights.funnels.explain import explain_unit
from journeys.insights.funnels.presets import preset_settings
from journeys.insights.funnels.rule import FunnelRule, read_exclusions
from journeys.paths.steps import Step, step
from journeys.report.charts import explanation_figure, funnel_figure, presets_figure
from journeys.report.result import FunnelResult, Result

_SETTINGS = {"window", "order", "entry", "ties", "unit", "exclude", "hold", "by", "by_at", "contacts", "missing"}


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
            entry: 'best' (the deepest chain over all entries), 'first' (only the first entry opens a window), 'each'
                (attempts are counted) or 'open' (people enter at any step; each event of a step opens a window to the
                next); else as configured, or 'best'.
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
        given = {"order": order, "entry": entry, "ties": ties, "unit": unit, "hold": hold, "by": by, "by_at": by_at,
                 "contacts": contacts, "missing": missing, "exclude": exclude, "preset": preset}  # fmt: skip
        read, rule = self.read_funnel_call(steps, window, given)
        answer = count_funnel(self.log, read, rule, as_of=as_of)
        return FunnelResult(answer.frame, answer.definition, answer.tables, funnel_figure)

    def explain(
        self,
        person: str,
        steps: Sequence[object] | str,
        window: str | timedelta | None = None,
        *,
        as_of: object = None,
        **settings: Any,
    ) -> Result:
        """Say why a person counts in a funnel, or not: see `journeys.insights.funnels.explain.explain_unit`.

        Args:
            person: its id; with another unit that unit's.
            steps: as of `funnel`.
            window: as of `funnel`.
            as_of: end of observation; the log's own.
            **settings: as of `funnel`.

        Returns:
            `.frame`: one row per event and step it matches: `event_id`, `occurred_at`, `event`, `step_index`,
            `step_name`, `attempt_index`, `is_chosen`, `reason` (the rule that refused it).
        """
        read, rule = self.read_funnel_call(steps, window, settings)
        return make_result(explain_unit(self.log, str(person), read, rule, as_of=as_of), explanation_figure)

    def compare_presets(
        self,
        steps: Sequence[object] | str,
        window: str | timedelta | None = None,
        *,
        as_of: object = None,
        **settings: Any,
    ) -> Result:
        """Count a funnel as other systems do: see `journeys.insights.funnels.compare.compare_presets`.

        Args:
            steps: as of `funnel`.
            window: as of `funnel`.
            as_of: end of observation; the log's own.
            **settings: as of `funnel`.

        Returns:
            `.frame`: one row per preset and person that differs: `preset`, `person_id`, `furthest_step`,
            `preset_furthest_step`, `decided_by`; `.tables["presets"]` sums them up.
        """
        read, rule = self.read_funnel_call(steps, window, settings)
        return make_result(compare_presets(self.log, read, rule, as_of=as_of), presets_figure)

    def read_funnel_call(
        self, steps: Sequence[object] | str, window: str | timedelta | None, settings: dict[str, Any]
    ) -> tuple[tuple[Step, ...], FunnelRule]:
        """Read what a call says of a funnel: its steps or name, and settings that win over the configured ones.

        Raises:
            CallError: a setting is unknown or cannot be read.
        """
        given = {name: value for name, value in ({"window": window} | settings).items() if value is not None}
        preset = given.pop("preset", None)
        unknown = sorted(given.keys() - _SETTINGS)
        if unknown:
            raise CallError("funnel-setting", f"funnel({'=, '.join(unknown)}=) is not known",
                            allowed=", ".join(sorted(_SETTINGS)))  # fmt: skip
        given["exclude"] = read_exclusions(given.get("exclude", ()))
        if not given["exclude"]:
            del given["exclude"]
        if isinstance(steps, str):
            if not self.settings:
                raise CallError("funnel-steps", "steps is a text", found=repr(steps), allowed="a list of steps")
            funnel = self.settings.funnel(steps)
            return read_funnel(funnel, **_as_preset(preset, given, order=funnel.order))
        if not isinstance(steps, Sequence):
            raise CallError("funnel-steps", "steps is no list", found=repr(steps), allowed="a list of steps")
        return tuple(step(each) for each in steps), FunnelRule(**_as_preset(preset, given))


def _as_preset(preset: object, given: dict[str, Any], *, order: str | None = None) -> dict[str, Any]:
    return given if preset is None else preset_settings(preset, given, order=order)
