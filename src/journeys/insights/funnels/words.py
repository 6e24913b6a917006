"""A funnel's rule in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from journeys.insights.answer import unit_words
from journeys.insights.funnels.rule import Exclusion, FunnelRule
from journeys.paths.steps import Step
from journeys.units import duration_text

_ENTRY = {
    "best": "the deepest chain over all entries counts",
    "first": "the deepest chain from the first entry only counts",
    "each": "an attempt runs from an entry to completion or the window's end, and attempts are counted",
}
_TIES = {
    "together": "events of one time may satisfy steps in funnel order",
    "increasing": "events of one time never satisfy two steps",
    "sequence": "events of one time stand in the order of the source's own sequence",
}
_OPEN = {
    "best": ("the latest entry", "the first entry's window"),
    "first": ("the first entry", "the first entry's window"),
    "each": ("the attempt", "the attempt's window"),
}


def rule_words(rule: FunnelRule, steps: Sequence[Step]) -> str:
    """Say the rule in words."""
    deciding, judged = _OPEN[rule.entry]
    sentences = [
        _reach_words(rule),
        *_limit_words(rule, steps),
        f"Open: not completed, and the window of {deciding} is not over at as_of.",
        f"Shares are of those for whom {judged} is over (mature), with 95 % Wilson intervals.",
    ]
    return " ".join(sentences) + unit_words(rule.unit, rule.contacts or 1)


def _reach_words(rule: FunnelRule) -> str:
    who = f"{'An' if rule.unit == 'account' else 'A'} {rule.unit}"
    opening = "any step that opens it" if rule.order == "any" else "step 1"
    window = "without a limit of time"
    if rule.window_us is not None:
        window = f"within {duration_text(rule.window_us)} of {opening} (the end included)"
    if rule.order == "any":
        return (
            f"{who} reaches level k when k different events meet k different steps in whatever order, {window}; "
            f"{_ENTRY[rule.entry]}."
        )
    between = "other events standing between" if rule.order == "ordered" else "each directly after the one before"
    served = "events" if rule.is_reused else "different events"
    return (
        f"{who} reaches step k when k {served} match steps 1 to k in time order, {window}, {between}; "
        f"{_ENTRY[rule.entry]}, {_TIES[rule.ties]}."
    )


def _limit_words(rule: FunnelRule, steps: Sequence[Step]) -> Iterator[str]:
    for each in steps:
        if each.within_us is not None:
            yield f"{each.name!r} comes at most {duration_text(each.within_us)} after the step before."
        if each.during is not None:
            yield f"{each.name!r} counts from {each.during.since} on, before {each.during.until}."
        if each.is_optional:
            yield f"{each.name!r} is optional: reached when some deepest chain contains it."
    for excluded in rule.exclude:
        yield _exclusion_words(rule, excluded)
    if rule.hold is not None:
        yield f"{rule.hold!r} has the same value at every step; events without one are passed over."
    if rule.by is not None:
        at = f"step {rule.by_at}" if isinstance(rule.by_at, int) else f"the {rule.by_at} step"
        yield f"Split by {rule.by!r} of the chosen chain's event at {at}; '(none)' where there is none."


def _exclusion_words(rule: FunnelRule, excluded: Exclusion) -> str:
    between = f"{excluded.step.name!r} strictly between its steps {excluded.after} and {excluded.before}"
    if rule.is_tainting:
        return f"A {rule.unit} whose chain has {between} is taken out of the funnel."
    return f"A chain with {between} does not count."
