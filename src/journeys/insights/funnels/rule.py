"""How a funnel counts: its settings, checked, and said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from journeys.errors import CallError
from journeys.insights.answer import unit_words
from journeys.paths.steps import Step, step
from journeys.units import duration_text, duration_us

ORDERS = ("ordered", "strict", "any")
ENTRIES = ("best", "first", "each")
TIES = ("together", "increasing", "sequence")
MISSING = ("error", "zero")
MOST_STEPS = 32
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
        if len(steps) > MOST_STEPS:
            raise CallError("funnel-steps", "a funnel has too many steps", found=str(len(steps)),
                            allowed=f"up to {MOST_STEPS}")  # fmt: skip
        if steps[0].is_optional or all(each.is_optional for each in steps):
            raise CallError("funnel-steps", "the first step is optional", found=repr(steps[0].name),
                            do="begin with a step that is required")  # fmt: skip
        is_int = isinstance(self.by_at, int) and not isinstance(self.by_at, bool)
        if not (self.by_at in _BY_AT or (is_int and 1 <= int(self.by_at) <= len(steps))):
            raise _refused("by_at=", self.by_at, f"'first', 'last' or a step_index from 1 to {len(steps)}")
        for each in self.exclude:
            if not 1 <= each.after < each.before <= len(steps):
                raise _refused("exclude=", (each.step.name, each.after, each.before),
                               f"(match, i, j) with 1 <= i < j <= {len(steps)}")  # fmt: skip
        self._check_limits(steps)

    def _check_limits(self, steps: Sequence[Step]) -> None:
        has_within = any(each.within_us is not None for each in steps)
        has_optional = any(each.is_optional for each in steps)
        if self.order == "any" and (has_within or has_optional or self.exclude):
            raise CallError("funnel-setting", "order='any' knows no optional steps, no within= and no exclude=",
                            found="order='any' beside one of them", do="leave them out")  # fmt: skip
        if self.entry == "each" and has_optional and (has_within or self.order == "strict"):
            raise CallError("funnel-setting", "entry='each' counts no optional steps beside within= or order='strict'",
                            found="entry='each' with an optional step", do="leave one of them out")  # fmt: skip

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
                "exclude": [(each.step.name, each.after, each.before) for each in self.exclude],
                "hold": self.hold,
                "by": self.by,
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


def rule_words(rule: FunnelRule, steps: Sequence[Step]) -> str:
    """Say the rule in words."""
    window = "without a limit of time"
    if rule.window_us is not None:
        window = f"within {duration_text(rule.window_us)} of step 1 (the end included)"
    return " ".join(
        part for part in (_reach_words(rule, window), _limit_words(rule, steps), _standing_words(rule)) if part
    ) + unit_words(rule.unit, rule.contacts or 1)


def _reach_words(rule: FunnelRule, window: str) -> str:
    who = f"{'An' if rule.unit == 'account' else 'A'} {rule.unit}"
    entry = {
        "best": "the deepest chain over all entries counts",
        "first": "the deepest chain from the first entry only counts",
        "each": "an attempt runs from an entry to completion or the window's end, and attempts are counted",
    }[rule.entry]
    ties = {
        "together": "events of one time may satisfy steps in funnel order",
        "increasing": "events of one time never satisfy two steps",
        "sequence": "events of one time stand in the order of the source's own sequence",
    }[rule.ties]
    if rule.order == "any":
        return (
            f"{who} reaches level k when k different events meet k different steps in whatever order, {window.replace('of step 1', 'of any step that opens it')}; "  # noqa: E501
            f"{entry}."
        )
    between = "other events standing between" if rule.order == "ordered" else "each directly after the one before"
    served = "events" if rule.is_reused else "different events"
    return (
        f"{who} reaches step k when k {served} match steps 1 to k in time order, {window}, {between}; {entry}, {ties}."
    )


def _limit_words(rule: FunnelRule, steps: Sequence[Step]) -> str:
    parts = []
    for each in steps:
        if each.within_us is not None:
            parts.append(f"{each.name!r} comes at most {duration_text(each.within_us)} after the step before.")
        if each.is_optional:
            parts.append(f"{each.name!r} is optional: reached when some deepest chain contains it.")
    for excluded in rule.exclude:
        taken = "takes out of the funnel" if rule.is_tainting else "does not count"
        subject = f"a {rule.unit} whose chain has" if rule.is_tainting else "A chain with"
        parts.append(
            f"{subject.capitalize()} {excluded.step.name!r} strictly between its steps {excluded.after} and "
            f"{excluded.before} {'is taken out of the funnel' if rule.is_tainting else taken}."
        )
    if rule.hold is not None:
        parts.append(f"{rule.hold!r} has the same value at every step; events without one are passed over.")
    if rule.by is not None:
        at = rule.by_at if rule.by_at in _BY_AT else f"step {rule.by_at}"
        parts.append(f"Split by {rule.by!r} of the chosen chain's event at {at}; '(none)' where there is none.")
    return " ".join(parts)


def _standing_words(rule: FunnelRule) -> str:
    still = {"best": "the latest entry", "first": "the first entry", "each": "the attempt"}[rule.entry]
    whose = "the attempt's window" if rule.entry == "each" else "the first entry's window"
    return (
        f"Open: not completed, and the window of {still} is not over at as_of. Shares are of those for whom {whose} "
        "is over (mature), with 95 % Wilson intervals."
    )
