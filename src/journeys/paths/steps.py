"""Steps of funnels and paths: what a name, a list of names or a condition means in a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from journeys.config import Match
from journeys.errors import CallError
from journeys.paths.log import EventLog
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
    """

    match: object
    name: str


def step(match: StepLike, name: str | None = None, **later: object) -> Step:
    """Name a step of a funnel.

    Args:
        match: a touchpoint, goal or event name, a list of names (any of them), or a dictionary of column conditions
            (value, list of values, `*` as wildcard).
        name: shown name; none is made from `match`.
        **later: refused: not available in this version.

    Raises:
        CallError: `match` is none of these, or a setting is not available.

    >>> step(["cart", "basket"]).name
    'cart or basket'
    """
    if later:
        raise CallError("step", f"step({'=, '.join(later)}=) is not available in this version", allowed="match, name")
    if name is not None and not (isinstance(name, str) and name):
        raise CallError("step", "the name of a step is no text", found=repr(name), allowed="a text")
    if isinstance(match, Step):
        return match if name is None else Step(match.match, name)
    if isinstance(match, Match):
        match = match.to_dict()
    if isinstance(match, str):
        return Step(match, name or match)
    if isinstance(match, Mapping) and match:
        return Step(dict(match), name or ", ".join(f"{column} = {_shown(value)}" for column, value in match.items()))
    if isinstance(match, Sequence) and match and all(isinstance(each, str) for each in match):
        return Step(tuple(match), name or " or ".join(match))
    raise CallError("step", "a step cannot be read", found=repr(match), allowed=_FORMS)


def _shown(value: object) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return " or ".join(_shown(each) for each in value)
    return "none" if value is None else str(value)


def step_sql(log: EventLog, wanted: Step, *, missing: str = "error", hint: str = "") -> str:
    """Write a step as a predicate over `person_events`.

    A name is a touchpoint's or a goal's, else an event's. `hint` is added to what the error tells to do.

    Raises:
        CallError: a name never occurs (unless `missing` is "zero"), or a condition names no column.
    """
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
