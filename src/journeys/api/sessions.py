"""Ask a log for its sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from journeys.api.base import OpenLog, check_flags, make_result
from journeys.errors import CallError
from journeys.insights.session_list import list_sessions
from journeys.report.charts import sessions_figure
from journeys.report.result import Result
from journeys.sessions import make_rule


class SessionVerbs(OpenLog):
    """The questions about sessions."""

    def sessions(
        self,
        timeout: str | timedelta | None = None,
        *,
        gap_inclusive: bool | None = None,
        max_length: str | timedelta | None = None,
        midnight: bool | None = None,
        campaign: bool | None = None,
        as_of: object = None,
    ) -> Result:
        """Cut the log into sessions. What is not given is as configured, else as in the promised defaults.

        Args:
            timeout: longest pause inside one session, with a unit; '30m'.
            gap_inclusive: a pause equal to the timeout does not split; True.
            max_length: longest session, with a unit; no limit.
            midnight: a new local day splits; False.
            campaign: a new campaign splits; False.
            as_of: end of observation; the log's own.

        Returns:
            `.frame`: one row per session: `session_id`, `person_id`, `started_at`, `ended_at`, `event_count`,
            `duration_seconds`, `split_reason`.
        """
        given = {"timeout": timeout, "gap_inclusive": gap_inclusive, "max_length": max_length, "midnight": midnight,
                 "campaign": campaign}  # fmt: skip
        settings: dict[str, Any] = {"timeout": "30m", "gap_inclusive": True, "max_length": None, "midnight": False,
                                    "campaign": False}  # fmt: skip
        if self.settings:
            settings = {name: getattr(self.settings.session, name) for name in settings}
        settings |= {name: value for name, value in given.items() if value is not None}
        check_flags(**{name: settings[name] for name in ("gap_inclusive", "midnight", "campaign")})
        if settings["campaign"] and not self.settings:
            raise CallError("campaign", "a log in memory has no campaigns", found="campaign=True", allowed="False")
        rule = make_rule(settings.pop("timeout"), settings.pop("max_length"), **settings)
        return make_result(list_sessions(self.log, rule, as_of=as_of), sessions_figure)
