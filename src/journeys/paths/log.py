"""The event log that answers are counted from, whether in memory or published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from journeys.errors import CallError
from journeys.sources.visits import SessionRule
from journeys.units import time_text, time_us
from journeys.warehouse import Engine
from journeys.warehouse.conditions import Facts

# So many events are held as arrays where that is faster; more of them are left to SQL, which can do with less memory.
MOST_IN_MEMORY = 20_000_000
UNITS = ("person", "session", "account")
_STREAM_COLUMNS = ("person_id", "session_id", "account_id", "event_id", "occurred_at_us", "event", "touchpoint",
                   "channel", "stage", "is_bot")  # fmt: skip


@dataclass(frozen=True)
class EventLog:
    """A log with its stream `person_events`, ready to be asked.

    Attributes:
        engine: holds `events`, `event_persons`, `person_events`, `event_goals` and what else the log has.
        as_of_us: the end of observation; the default of every answer.
        timezone: zone for times without one.
        facts: where conditions on columns look.
        session_rule: the rule by which its table `sessions` was cut from every event; none is not known.
    """

    engine: Engine
    as_of_us: int
    timezone: str
    facts: Facts
    session_rule: SessionRule | None = None

    @cached_property
    def touchpoint_names(self) -> frozenset[str]:
        """Names of the touchpoints that occur."""
        return self._names("SELECT DISTINCT touchpoint FROM person_events WHERE touchpoint IS NOT NULL")

    @cached_property
    def goal_names(self) -> frozenset[str]:
        """Names of the goals that occur."""
        return self._names("SELECT DISTINCT goal FROM event_goals")

    @cached_property
    def event_names(self) -> frozenset[str]:
        """Names of the events that occur."""
        return self._names("SELECT DISTINCT event FROM person_events")

    @cached_property
    def fingerprint(self) -> str:
        """A text that changes when any counted event changes, whatever the order of the rows."""
        return self.engine.fingerprint("person_events", _STREAM_COLUMNS)

    def check_unit(self, unit: str) -> str:
        """Return the unit when sequences of this log can be counted by it.

        Raises:
            CallError: it is unknown, or no event of the log has one.
        """
        if unit not in UNITS:
            raise CallError("unit", "unit is not known", found=repr(unit), allowed=", ".join(map(repr, UNITS)))
        if not self.engine.value(f"SELECT COUNT({unit}_id) FROM person_events"):
            raise CallError("unit", f"no event of the log has a {unit}", found=f"unit={unit!r}",
                            do=f"say which column holds the {unit}")  # fmt: skip
        return unit

    def read_as_of(self, as_of: object) -> int:
        """Return the moment a call asks about, in microseconds; none means the log's own.

        Raises:
            CallError: it is not a time.
        """
        return self.as_of_us if as_of is None else time_us(as_of, timezone=self.timezone)

    def describe(self, rule: str, as_of_us: int, parameters: Mapping[str, object]) -> dict[str, object]:
        """Put together the definition that goes with an answer."""
        return {
            "rule": rule,
            "as_of": time_text(as_of_us),
            "parameters": dict(parameters),
            "data_fingerprint": self.fingerprint,
        }

    def _names(self, select: str) -> frozenset[str]:
        return frozenset(row[0] for row in self.engine.rows(select))
