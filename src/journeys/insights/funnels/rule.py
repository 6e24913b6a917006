"""How a funnel counts: its settings, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from journeys.config import FunnelShape, find_shape_fault
from journeys.errors import CallError
from journeys.paths.steps import Step, step
from journeys.units import duration_us

ORDERS = ("ordered", "strict", "any")
ENTRIES = ("best", "first", "each")
TIES = ("together", "increasing", "sequence")
MISSING = ("error", "zero")
_CHOICES = {"order": ORDERS, "entry": ENTRIES, "ties": TIES, "missing": MISSING}
_BY_AT = ("first", "last")


@dataclass(frozen=True)
class Exclusion:
    """An event that must not stand between two steps.

    Attributes:
        step: what is excluded.
        after: step_index it must not come after (from 1).
        before: step_index it must not come before.
    """

    step: Step
    after: int
    before: int


@dataclass(frozen=True)
class FunnelRule:
    """How a funnel counts.

    Attributes:
        window: longest time from step 1 to the last step, end included; none is no limit.
        order: ordered: other events may stand between; strict: directly next; any: whatever order.
        entry: best: the deepest chain over all entries; first: only the first entry opens a window; each: attempts.
        ties: together: events of one time may satisfy steps in funnel order; increasing: strictly later only;
            sequence: in the order of the source's own `sequence`.
        unit: person, session or account.
        missing: error or zero, for a step that never occurs.
        contacts: of an account: a step takes so many different persons; none is any one.
        exclude: events that must not stand between two steps, as (match, i, j).
        hold: column whose value is the same at every step; events without one are passed over.
        by: column the counts are split by.
        by_at: the step whose event gives that value: first, last, or a step_index.
        is_reused: one event may serve several steps, as in ClickHouse.
        is_tainting: an excluded event takes the unit out of the whole funnel, as in PostHog.
    """

    window: str | timedelta | None = None
    order: str = "ordered"
    entry: str = "best"
    ties: str = "together"
    unit: str = "person"
    missing: str = "error"
    contacts: int | None = None
    exclude: tuple[Exclusion, ...] = ()
    hold: str | None = None
    by: str | None = None
    by_at: str | int = "first"
    is_reused: bool = False
    is_tainting: bool = False

    def __post_init__(self) -> None:
        for name, values in _CHOICES.items():
            if getattr(self, name) not in values:
                raise _refused(f"{name}=", getattr(self, name), ", ".join(map(repr, values)))
        for name in ("hold", "by"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, str) and value):
                raise _refused(f"{name}=", value, "the name of a column")
        self._check_contacts()

    def _check_contacts(self) -> None:
        wanted = self.contacts
        if wanted is None:
            return
        if self.unit != "account":
            raise CallError("contacts", "contacts= counts the persons of an account", found=f"unit={self.unit!r}",
                            allowed="unit='account'", do="add unit='account' or leave contacts out")  # fmt: skip
        if isinstance(wanted, bool) or not isinstance(wanted, int) or not 1 <= wanted < 2**62:
            raise CallError(
                "contacts", "contacts is no count of persons", found=repr(wanted), allowed="a whole number from 1"
            )

    def check_steps(self, steps: Sequence[Step]) -> None:
        """Refuse steps that this rule cannot count.

        Raises:
            CallError: there is none or there are too many; an exclusion or `by_at` names none of them; or a setting of
                a step does not go with the rule.
        """
        if not steps:
            raise CallError("funnel-steps", "a funnel needs at least one step", found="none", do="name the steps")
        shape = FunnelShape(
            self.order,
            self.entry,
            tuple(each.is_optional for each in steps),
            any(each.within_us is not None for each in steps),
            bool(self.exclude),
        )
        if fault := find_shape_fault(shape):
            code = "funnel-steps" if fault.is_of_steps else "funnel-setting"
            raise CallError(code, fault.what, found=fault.found, allowed=fault.allowed)
        is_int = isinstance(self.by_at, int) and not isinstance(self.by_at, bool)
        if not (self.by_at in _BY_AT or (is_int and 1 <= int(self.by_at) <= len(steps))):
            raise _refused("by_at=", self.by_at, f"'first', 'last' or a step_index from 1 to {len(steps)}")
        for each in self.exclude:
            if not 1 <= each.after < each.before <= len(steps):
                raise _refused("exclude=", (each.step.name, each.after, each.before),
                               f"(match, i, j) with 1 <= i < j <= {len(steps)}")  # fmt: skip

    @property
    def window_us(self) -> int | None:
        """The window in microseconds."""
        return None if self.window is None else duration_us(self.window, name="window")

    def parameters(self, steps: Sequence[Step]) -> dict[str, object]:
        """Return the settings for a definition."""
        shown: dict[str, object] = {
            "steps": [each.name for each in steps],
            "window_seconds": None if self.window_us is None else self.window_us / 1_000_000,
            "order": self.order,
            "entry": self.entry,
            "ties": self.ties,
            "unit": self.unit,
        }
        if self.unit == "account":
            shown["contacts"] = self.contacts or 1
        shown |= {
            name: value
            for name, value in {
                "optional": [each.name for each in steps if each.is_optional],
                "within_seconds": {each.name: each.within_us / 1e6 for each in steps if each.within_us is not None},
                "during": {each.name: each.during.name for each in steps if each.during is not None},
                "exclude": [(each.step.name, each.after, each.before) for each in self.exclude],
                "hold": self.hold,
                "by": self.by,
                "reuse": self.is_reused,
                "excluded_takes_out": self.is_tainting,
            }.items()
            if value
        }
        if self.by is not None:
            shown["by_at"] = self.by_at
        return shown


def read_exclusions(given: object) -> tuple[Exclusion, ...]:
    """Read `exclude=[(match, i, j), ...]`.

    Raises:
        CallError: it is no such list.
    """
    allowed = "a list of (match, i, j)"
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise _refused("exclude=", given, allowed)
    found = []
    for each in given:
        is_triple = isinstance(each, Sequence) and not isinstance(each, str) and len(each) == 3
        if not is_triple or any(isinstance(place, bool) or not isinstance(place, int) for place in each[1:]):
            raise _refused("exclude=", each, allowed)
        found.append(Exclusion(step(each[0]), each[1], each[2]))
    return tuple(found)


def _refused(name: str, found: object, allowed: str) -> CallError:
    return CallError("funnel-setting", f"funnel({name}) is not available", found=repr(found), allowed=allowed)
