"""What every question of a log stands on: the log itself, its settings, and the checks that calls share."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import pandas as pd

from journeys.config import Settings
from journeys.errors import CallError
from journeys.insights.answer import Answer
from journeys.paths.log import EventLog
from journeys.report.result import Result
from journeys.units import LONGEST_DAYS, US_PER_DAY, duration_us


class OpenLog:
    """A log of journeys, in memory or published, and what is known of it.

    Attributes:
        rejects: rows that could not be used: `row`, `column`, `value`, `reason` (of a published log: see
            `table("rejected_events")`).
        repeat_count: rows dropped because their event_id was there already.
        settings: the configuration of a published log, else None.
    """

    def __init__(
        self, log: EventLog, *, rejects: pd.DataFrame, repeat_count: int, settings: Settings | None = None
    ) -> None:
        self.log = log
        self.rejects = rejects
        self.repeat_count = repeat_count
        self.settings = settings

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the data; the object cannot be asked afterwards."""
        self.log.engine.close()

    def table(self, name: str) -> pd.DataFrame:
        """Return one table of the log as a frame; `sql/` documents each.

        Raises:
            CallError: there is no such table.
        """
        names = sorted(row[0] for row in self.log.engine.rows("SELECT DISTINCT table_name FROM "
                       "information_schema.tables WHERE table_catalog NOT IN ('system', 'temp')"))  # fmt: skip
        if name not in names:
            raise CallError("table", "there is no such table", found=repr(name), allowed=", ".join(names))
        return self.log.engine.frame(f'SELECT * FROM "{name}"')

    def missing_of(self, goal: object) -> str:
        """Say zero or error for a goal: a configured one may never occur; any other name is a mistake then."""
        configured = {each.name for each in self.settings.goals} if self.settings else set()
        return "zero" if isinstance(goal, str) and goal in configured else "error"

    def inactive_us_of(self, days: float | None, unit: str) -> int:
        """Return after how many microseconds without a contact a unit is dropped: as given, configured, or 30 days.

        Raises:
            CallError: it is no number of days.
        """
        given = 30.0 if days is None else days
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= LONGEST_DAYS:
            raise CallError("inactive-days", "inactive_days is no number of days", found=repr(days),
                            allowed=f"above 0, up to {LONGEST_DAYS}")  # fmt: skip
        if unit == "session":
            return duration_us(self.settings.session.timeout if self.settings else "30m")
        if days is None and self.settings:
            return self.settings.journey.inactive_us
        return round(given * US_PER_DAY)


def check_flags(**flags: object) -> None:
    """Refuse what is no truth value.

    Raises:
        CallError: one of them is neither True nor False.
    """
    for name, value in flags.items():
        if value not in (True, False):
            raise CallError("flag", f"{name}= is no truth value", found=repr(value), allowed="True or False")


def make_result(answer: Answer, draw: Any) -> Result:
    """Join an insight's answer with its chart."""
    return Result(answer.frame, answer.definition, answer.tables, draw)
