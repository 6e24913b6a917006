"""What goes with `[source.answer]`: the answers of surveys and tickets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from journeys.config.problems import Loc, Problems
from journeys.config.source import ANSWER_EVENTS
from journeys.schema import ANSWER_COLUMNS

DIRECTIONS = ("up", "down")
_NAMES = [column.name for column in ANSWER_COLUMNS]
_NUMBERS = ("score", "scale_min", "scale_max")


def check_answer(loc: Loc, source: Mapping[str, Any], problems: Problems) -> None:
    """Add the mistakes of `[source.answer]`.

    Args:
        loc: the place of the source in the document.
        source: its table.
        problems: takes the mistakes.
    """
    kind, answer = source.get("holds", "events"), source.get("answer")
    if answer is None:
        if kind == "surveys":
            allowed = '[source.answer] with score = "theirs" or text = "theirs"'
            problems.add((*loc, "answer"), "missing", allowed=allowed, show_found=False)
        return
    if not isinstance(answer, dict):
        problems.add((*loc, "answer"), "must be a table", allowed="a section [source.answer]")
        return
    if kind not in ANSWER_EVENTS:
        what = f"not of a source that holds {kind}"
        problems.add((*loc, "answer"), what, allowed='holds = "surveys" or "tickets"', show_found=False)
    for name in answer:
        if name not in _NAMES:
            problems.add_unknown_key((*loc, "answer", name), _NAMES)
    at = (*loc, "answer")
    if kind == "surveys" and not {"score", "text"} & set(answer):
        problems.add(at, "neither score nor text mapped", allowed="at least one of them", show_found=False)
    if ("scale_min" in answer) != ("scale_max" in answer):
        problems.add(at, "one end of the scale only", allowed="scale_min and scale_max", show_found=False)
    _check_constants(at, answer, problems)


def _check_constants(loc: Loc, answer: Mapping[str, Any], problems: Problems) -> None:
    values = {name: given.get("value") for name, given in answer.items() if isinstance(given, dict)}
    constants = {name: value for name, value in values.items() if isinstance(value, str)}
    direction = constants.get("direction")
    if direction is not None and direction not in DIRECTIONS:
        problems.add((*loc, "direction", "value"), "no direction", allowed=" or ".join(map(repr, DIRECTIONS)))
    ends = {name: _read_number(constants[name]) for name in _NUMBERS if name in constants}
    for name, number in ends.items():
        if number is None:
            problems.add((*loc, name, "value"), "not a number", allowed='a number in quotes, such as "10"')
    low, high = ends.get("scale_min"), ends.get("scale_max")
    if low is not None and high is not None and low >= high:
        problems.add((*loc, "scale_max", "value"), "not above scale_min", allowed="a larger number")


def _read_number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
