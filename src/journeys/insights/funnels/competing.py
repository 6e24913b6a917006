"""Ends that compete with going on in a funnel: an event after which nobody goes on, or a long silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeys.errors import CallError
from journeys.paths.log import EventLog
from journeys.paths.steps import Step, step, step_sql
from journeys.units import US_PER_DAY
from journeys.warehouse import Engine, select_model

SILENCE = "(dropped)"


@dataclass(frozen=True)
class Competing:
    """What ends the way through a funnel besides completing it.

    Attributes:
        steps: an event that meets any of these ends it.
        inactive_us: so long without any event ends it; none does not.
    """

    steps: tuple[Step, ...] = ()
    inactive_us: int | None = None

    @property
    def is_given(self) -> bool:
        """Whether anything ends it."""
        return bool(self.steps) or self.inactive_us is not None

    @property
    def names(self) -> list[str]:
        """What ends it, for a definition."""
        return [each.name for each in self.steps] + ([SILENCE] if self.inactive_us is not None else [])

    def words(self) -> str:
        """Say what ends it."""
        parts = [f"an event {each.name!r} after the entry" for each in self.steps]
        if self.inactive_us is not None:
            parts.append(f"the first {self.inactive_us / US_PER_DAY:g} days without any event after the entry")
        return " or ".join(parts)


def read_competing(given: object, inactive_us: int) -> Competing:
    """Read `competing=`: a step, a list of steps, or '(dropped)' for silence; each member of a list is one end.

    Raises:
        CallError: it is none of these.
    """
    if given is None:
        return Competing()
    listed = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    if not listed:
        raise CallError("competing", "competing= names no end", found=repr(given),
                        allowed=f"a step, {SILENCE!r}, or a list of these")  # fmt: skip
    is_silent = any(isinstance(each, str) and each == SILENCE for each in listed)
    steps = tuple(step(each) for each in listed if not (isinstance(each, str) and each == SILENCE))
    return Competing(steps, inactive_us if is_silent else None)


def write_ends(log: EventLog, scratch: Engine, competing: Competing, *, unit: str, as_of_us: int, missing: str) -> None:
    """Write `funnel_ends`: when the first competing end came after the start of a counted chain, if one did.

    Needs `funnel_best`. Columns: `unit_id`, `attempt_index`, `ended_us`.

    Raises:
        CallError: a competing event never occurs.
    """
    parts = []
    if competing.steps:
        tests = " OR ".join(step_sql(log, each, missing=missing) for each in competing.steps)
        scratch.save(
            "funnel_end_events",
            f"SELECT {unit}_id AS unit_id, occurred_at_us FROM person_events WHERE NOT is_bot "
            f"AND occurred_at_us <= $as_of_us AND {unit}_id IS NOT NULL AND ({tests})",
            {"as_of_us": as_of_us},
        )
        parts.append(
            "SELECT funnel_best.unit_id, attempt_index, MIN(occurred_at_us) AS ended_us FROM funnel_best "
            "INNER JOIN funnel_end_events ON funnel_end_events.unit_id = funnel_best.unit_id "
            "AND occurred_at_us > start_us GROUP BY funnel_best.unit_id, attempt_index"
        )
    if competing.inactive_us is not None:
        silent = {"unit": unit, "inactive_us": competing.inactive_us, "as_of_us": as_of_us}
        scratch.save("funnel_silences", *select_model("funnel_silences", silent))
        parts.append("SELECT unit_id, attempt_index, ended_us FROM funnel_silences")
    scratch.save(
        "funnel_ends",
        "SELECT unit_id, attempt_index, MIN(ended_us) AS ended_us FROM ("
        + " UNION ALL ".join(parts)
        + ") AS found GROUP BY unit_id, attempt_index",
    )
