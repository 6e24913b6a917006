"""Ask a log how much its figures depend on who is taken for one person."""

from __future__ import annotations

from functools import partial

from journeys.api.base import OpenLog, make_result
from journeys.config import FunnelSettings
from journeys.errors import CallError
from journeys.insights.answer import Answer
from journeys.insights.funnels.configured import read_funnel
from journeys.insights.funnels.count import count_funnel
from journeys.insights.identity_sensitivity import compare_rules
from journeys.paths.log import EventLog
from journeys.report.charts import sensitivity_figure
from journeys.report.result import Result


class IdentityVerbs(OpenLog):
    """The questions about identity."""

    def identity_sensitivity(self, as_of: object = None) -> Result:
        """Compare the main figures under each rule of identity; see `journeys.insights.identity_sensitivity`.

        Args:
            as_of: end of observation; the log's own.

        Returns:
            `.frame`: one row per rule: `rule`, `is_configured`, `person_count`, `known_person_count`, `session_count`,
            `journey_count`, `journey_person_count`, `converted_person_count`, `conversion_share` with its interval,
            and `funnel_person_count`, `funnel_converted_count`, `funnel_share` with its interval of the first
            configured funnel.

        Raises:
            CallError: the log is in memory, where persons are given.
        """
        settings = self.settings
        if settings is None:
            raise CallError("identity-sensitivity", "the persons of a log in memory are given, not worked out",
                            do="open a published log: journeys.open(...)")  # fmt: skip
        count = partial(self._count_configured, settings.funnels[0], as_of) if settings.funnels else None
        return make_result(compare_rules(self.log, settings, count_funnel=count, as_of=as_of), sensitivity_figure)

    @staticmethod
    def _count_configured(funnel: FunnelSettings, as_of: object, log: EventLog) -> Answer:
        """Count a configured funnel as the nightly run does."""
        return count_funnel(log, *read_funnel(funnel, missing="zero"), as_of=as_of)
