"""Steps of funnels and paths: what a name, a list of names or a condition means in a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from journeys.config import Match
from journeys.errors import CallError
from journeys.paths.log import EventLog
from journeys.paths.period import Period, read_period
from journeys.units import duration_us
from journeys.warehouse import quote_name, quote_text
from journeys.warehouse.conditions import match_sql, nearest_text

StepLike = object
_FORMS = "a name, a list of names (any of them), a dictionary of column conditions, or jn.step(...)"


@dataclass(frozen=True)
class Step:
    """One step of a funnel: what matches, and what it is called.

    Attributes:
        match: a name, a tuple of names, or column conditions.
        name: shown name.
        is_optional: the funnel goes on without it.
        within_us: longest time since the step before, end included, in microseconds; none is no limit.
        during: only events of that period are the step; none is all.
    """

    match: object
    name: str
    is_optional: bool = False
    within_us: int | None = None
    during: Period | None = None


def step(
    match: StepLike,
    name: str | None = None,
    *,
    optional: bool = False,
    within: str | timedelta | None = None,
    during: object = None,
) -> Step:
    """Name a step of a funnel.

    Args:
        match: a touchpoint, goal or event name, a list of names (any of them), or a dictionary of column conditions
            (value, list of values, `*` as wildcard).
        name: shown name; none is made from `match`.
        optional: the funnel goes on without it.
        within: longest time since the step before in the chain, end included, with a unit; none is no limit.
        during: a `jn.Period`, (since, until) or 'since..until', its end not included: only events of that time are the
            step; none is all.

    Raises:
        CallError: `match` is none of these, or a setting cannot be read.

    >>> step(["cart", "basket"]).name
    'cart or basket'
    """
    if name is not None and not (isinstance(name, str) and name):
        raise CallError("step", "the name of a step is no text", found=repr(name), allowed="a text")
    if optional not in (True, False):
        raise CallError("step", "optional= is no truth value", found=repr(optional), allowed="True or False")
    within_us = None if within is None else duration_us(within, name="within")
    period = None if during is None else read_period(during, name="during")
    at = f" in {period.name}" if period else ""
    if isinstance(match, Step):
        limit = match.within_us if within_us is None else within_us
        optional = optional or match.is_optional
        return Step(match.match, name or match.name + at, optional, limit, period or match.during)
    read, shown = _read_match(match)
    return Step(read, name or shown + at, bool(optional), within_us, period)


def _read_match(match: StepLike) -> tuple[object, str]:
    """Return what matches, and what it is called when nobody names it."""
    if isinstance(match, Match):
        match = match.to_dict()
    if isinstance(match, str):
        return match, match
    if isinstance(match, Mapping) and match:
        return dict(match), ", ".join(f"{column} = {_shown(value)}" for column, value in match.items())
    if isinstance(match, Sequence) and match and all(isinstance(each, str) for each in match):
        return tuple(match), " or ".join(match)
    raise CallError("step", "a step cannot be read", found=repr(match), allowed=_FORMS)


def _shown(value: object) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return " or ".join(_shown(each) for each in value)
    return "none" if value is None else str(value)


def step_sql(log: EventLog, wanted: Step, *, missing: str = "error", hint: str = "") -> str:
    """Write a step as a predicate over `person_events`.

    A name is a touchpoint's or a goal's, else an event's. `hint` is added to what the error tells to do.

    Raises:
        CallError: a name never occurs (unless `missing` is "zero"), a condition names no column, or `during` has an end
            that is no time.
    """
    if wanted.during is not None:
        since_us, until_us = wanted.during.read_us(log.timezone, name="during")
        always = step_sql(log, replace(wanted, during=None), missing=missing, hint=hint)
        return f"({always} AND occurred_at_us >= {since_us} AND occurred_at_us < {until_us})"
    if isinstance(wanted.match, dict):
        found = f"SELECT event_id FROM {quote_name(log.facts.table)} WHERE {match_sql(wanted.match, log.facts)}"
        return f"event_id IN ({found})"
    names = (wanted.match,) if isinstance(wanted.match, str) else wanted.match
    assert isinstance(names, tuple)
    return "(" + " OR ".join(_name_sql(log, name, missing, hint) for name in names) + ")"


def _name_sql(log: EventLog, name: str, missing: str, hint: str) -> str:
    text = quote_text(name)
    tests = []
    if name in log.touchpoint_names:
        tests.append(f"touchpoint = {text}")
    if name in log.goal_names:
        tests.append(f"event_id IN (SELECT event_id FROM event_goals WHERE goal = {text})")
    if not tests and name in log.event_names:
        tests.append(f"event = {text}")
    if tests:
        return "(" + " OR ".join(tests) + ")"
    if missing == "zero":
        return "FALSE"
    known = log.touchpoint_names | log.goal_names | log.event_names
    raise CallError(
        "unknown-step",
        "a step never occurs in the log",
        found=repr(name),
        allowed=_listed(known),
        do=nearest_text(name, known) + hint,
    )


def _listed(names: frozenset[str], most: int = 20) -> str:
    shown = ", ".join(repr(name) for name in sorted(names)[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
