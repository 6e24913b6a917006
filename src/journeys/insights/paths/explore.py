"""Path explorer: what people do after a touchpoint, before it, or both, position by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journeys.errors import CallError
from journeys.insights.answer import Answer, unit_words
from journeys.insights.paths.positions import Walks, count_walks
from journeys.insights.paths.streams import Streams, read_streams
from journeys.paths.log import EventLog
from journeys.paths.steps import StepLike, step, step_sql
from journeys.units import US_PER_DAY
from journeys.warehouse import Engine, select_model

OCCURRENCES = ("first", "every")
_MOST_VIAS = 20


@dataclass(frozen=True)
class Exploration:
    """What is explored.

    Attributes:
        start: paths go forward from it.
        via: further steps that a path meets in this order: after `start`, before `end`. With neither, paths are shown
            on both sides of the first of them.
        end: paths go backward from it; with `start`, forward to it.
        goal: paths that go forward stop at the first goal from the anchor on.
        depth: positions shown on each side of the anchor, at least 1.
        top: steps named per position; the others are '(other)'; none names all.
        occurrence: first: each unit's first occurrence of the anchor, and the unit is left out when the rest is not
            met from there (backward: its first occurrence behind the rest); every: each one that fits.
        collapse: consecutive repeats of a step are one.
        missing: zero allows a goal that never occurs, as a configured one may.
    """

    start: StepLike | None = None
    via: Sequence[StepLike] | str = ()
    end: StepLike | None = None
    goal: StepLike | None = None
    depth: int = 5
    top: int | None = 8
    occurrence: str = "first"
    collapse: bool = True
    missing: str = "error"

    def __post_init__(self) -> None:
        for name, most in (("depth", 1_000), ("top", 1_000_000)):
            value = getattr(self, name)
            is_open = name == "top" and value is None
            if not is_open and (not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most):
                raise CallError("explore", f"{name} is not a count", found=repr(value),
                                allowed=f"a whole number from 1 to {most}")  # fmt: skip
        if self.occurrence not in OCCURRENCES:
            raise CallError("explore", "occurrence is not known", found=repr(self.occurrence),
                            allowed=", ".join(map(repr, OCCURRENCES)))  # fmt: skip
        if not isinstance(self.via, str | Sequence) or len(self.vias) > _MOST_VIAS:
            raise CallError("explore", "via cannot be read", found=repr(self.via),
                            allowed=f"a step, or a list of up to {_MOST_VIAS} steps in their order")  # fmt: skip
        if self.start is None and self.end is not None and self.goal is not None:
            raise CallError("explore", "paths that go backward stop at no goal", found=f"goal={self.goal!r}",
                            do="name a start or a via, or leave the goal out")  # fmt: skip
        if self.start is None and self.end is None and not self.vias:
            raise CallError("explore", "explore() needs an anchor", found="none", allowed="start=, via= or end=",
                            do='name it: explore(start="...")')  # fmt: skip

    @property
    def vias(self) -> tuple[StepLike, ...]:
        """The steps in between, in order."""
        return (self.via,) if isinstance(self.via, str) else tuple(self.via)

    def tests(self) -> dict[str, StepLike]:
        """Return the named steps by the mark that tells them."""
        named = {"is_start": self.start, "is_goal": self.goal, "is_end": self.end}
        named |= {f"is_via_{place}": each for place, each in enumerate(self.vias, start=1)}
        return {mark: match for mark, match in named.items() if match is not None}


def explore_paths(
    log: EventLog, wanted: Exploration, *, inactive_us: int, unit: str = "person", as_of: object = None
) -> Answer:
    """Link the steps of each path by their position from an anchor, which is 0; before it positions are negative.

    Args:
        log: the log.
        wanted: anchors and view.
        inactive_us: so long after its last contact a unit is dropped; until then open.
        unit: person, session or account.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with `position` (that of `from_step`), `from_step`, `to_step`, `count`, `share` (of all paths). Paths
        shown backward come from '(start)' or, beyond `depth`, '(more)'; forward they go to '(converted)', '(end)',
        '(dropped)', '(open)' or '(more)'. And the tables `balance`: per position `path_count` = `started_count` +
        `came_count` = `continued_count` + `converted_count` + `dropped_count` + `open_count`; and `nodes`:
        `position`, `step`, `count`, `unit_count`, `share`, and its 95 % interval with one path per unit.

    Raises:
        CallError: a named step never occurs, or the unit is unknown.
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        marks = _mark(log, scratch, wanted)
        parameters = {"unit": log.check_unit(unit), "as_of_us": as_of_us}
        scratch.save("contacts", *select_model("contacts", parameters))
        streams = read_streams(scratch, *marks, also="explored_marks")
    last_us = streams.start_us[streams.is_last]
    whole = streams.collapse() if wanted.collapse else streams
    walks = _find_walks(whole, wanted, is_dropped=last_us + inactive_us <= as_of_us)
    frame, balance, nodes = count_walks(whole, walks, depth=wanted.depth, top=wanted.top)
    definition = log.describe(
        _words(wanted, unit, inactive_us) + unit_words(unit),
        as_of_us,
        {
            **{role: None if match is None else step(match).name for role, match in
               (("start", wanted.start), ("end", wanted.end), ("goal", wanted.goal))},
            "via": [step(each).name for each in wanted.vias], "unit": unit, "depth": wanted.depth, "top": wanted.top,
            "occurrence": wanted.occurrence, "collapse": wanted.collapse, "inactive_days": inactive_us / US_PER_DAY,
        },
    )  # fmt: skip
    definition["path_count"], definition["unit_count"] = len(walks.anchors), len(np.unique(whole.units[walks.anchors]))
    return Answer(frame, definition, {"balance": balance, "nodes": nodes})


def _mark(log: EventLog, scratch: Engine, wanted: Exploration) -> list[str]:
    """Write the tables `explored_marks` and `marks`: which events the call names, and as what."""
    tests = {
        mark: step_sql(log, step(match), missing=wanted.missing if mark == "is_goal" else "error")
        for mark, match in wanted.tests().items()
    }
    listed = ", ".join(f"{test} AS {mark}" for mark, test in tests.items())
    scratch.save(
        "explored_marks",
        f"WITH tested AS (SELECT event_id, {listed} FROM person_events) "
        f"SELECT * FROM tested WHERE {' OR '.join(tests)}",
    )
    scratch.save("marks", "SELECT event_id, FALSE AS is_start, FALSE AS is_goal, FALSE AS is_end FROM explored_marks")
    return list(tests)


def _find_walks(streams: Streams, wanted: Exploration, *, is_dropped: np.ndarray) -> Walks:
    """Find the anchors that fit, and where the path of each begins and stops."""
    lasts = np.flatnonzero(streams.is_last)
    firsts = np.append(0, lasts + 1)[:-1]
    is_single = wanted.occurrence == "first"
    chain = [mark for mark in streams.marks if mark.startswith("is_via_")]
    if wanted.start is None and wanted.end is not None:
        anchors = _keep(streams, wanted, _ends_behind(streams, chain, firsts, lasts))
        outcomes = np.full(len(anchors), "(end)", dtype=object)
        begins = firsts[streams.units[anchors]]
        return Walks(anchors, begins, anchors, outcomes, is_backward=True, is_forward=False, is_single=is_single)
    is_around = wanted.start is None
    anchors = _keep(streams, wanted, np.flatnonzero(streams.marks[chain.pop(0) if is_around else "is_start"]))
    stops = lasts[streams.units[anchors]]
    outcomes = np.where(is_dropped[streams.units[anchors]], "(dropped)", "(open)").astype(object)
    if wanted.goal is not None:
        goals = _next(streams, "is_goal", anchors, stops)
        is_met = goals < len(streams.steps)
        stops, outcomes = np.where(is_met, goals, stops), np.where(is_met, "(converted)", outcomes)
    reached = anchors
    for mark in chain:
        reached = _next(streams, mark, reached + 1, stops)
    if wanted.end is not None:
        reached = _next(streams, "is_end", reached + 1, stops)
        is_goal = (reached == stops) & (outcomes == "(converted)")
        stops, outcomes = reached, np.where(is_goal, "(converted)", "(end)").astype(object)
    fits = reached < len(streams.steps)
    anchors = anchors[fits]
    begins = firsts[streams.units[anchors]] if is_around else anchors
    return Walks(anchors, begins, stops[fits], outcomes[fits], is_backward=is_around, is_forward=True,
                 is_single=is_single)  # fmt: skip


def _next(streams: Streams, mark: str, since: np.ndarray, until: np.ndarray) -> np.ndarray:
    """Return the first marked contact at or after each place and not after its bound; the contact count is none."""
    none = len(streams.steps)
    marked = np.where(streams.marks[mark], np.arange(none), none)
    at_or_after = np.append(np.minimum.accumulate(marked[::-1])[::-1], none)
    found = at_or_after[np.minimum(since, none)]
    return np.asarray(np.where(found <= until, found, none))


def _ends_behind(streams: Streams, chain: Sequence[str], firsts: np.ndarray, lasts: np.ndarray) -> np.ndarray:
    """Return the ends that have the whole chain before them, in its order."""
    since = firsts
    for mark in chain:
        since = _next(streams, mark, since, lasts) + 1
    ends = np.flatnonzero(streams.marks["is_end"])
    return np.asarray(ends[ends >= since[streams.units[ends]]])


def _keep(streams: Streams, wanted: Exploration, anchors: np.ndarray) -> np.ndarray:
    """Keep the occurrences of the anchor that are asked for."""
    if wanted.occurrence == "every":
        return anchors
    return np.asarray(anchors[np.unique(streams.units[anchors], return_index=True)[1]])


def _words(wanted: Exploration, unit: str, inactive_us: int) -> str:
    names = [repr(step(each).name) for each in wanted.vias]
    on_the_way = f" It meets {', then '.join(names)} on the way, in this order." if names else ""
    if wanted.start is not None:
        what = f"A path goes forward from {step(wanted.start).name!r} (position 0)"
        what += f" to the next {step(wanted.end).name!r} after that." if wanted.end is not None else "."
    elif wanted.end is not None:
        what = f"A path goes backward from {step(wanted.end).name!r} (position 0) to the first contact of the {unit}."
    else:
        what = f"A path is shown on both sides of {names[0]} (position 0)."
        on_the_way = f" It meets {', then '.join(names[1:])} after it, in this order." if names[1:] else ""
    which = (
        f" Each {unit} counts once, by its first occurrence; it is left out when the rest is not met from there."
        if wanted.occurrence == "first" and (wanted.start is not None or wanted.end is None)
        else f" Each {unit} counts once, by the first occurrence that fits."
        if wanted.occurrence == "first"
        else f" Every occurrence that fits counts as a path, so that one {unit} may count several times; no interval "
        "is given, since such paths are not independent."
    )
    stops = ""
    if wanted.end is None or wanted.start is not None:
        goal = f"stops at the first {step(wanted.goal).name!r} from there on (converted), else " if wanted.goal else ""
        stops = (
            f" Forward it {goal}ends (dropped) when the {unit}'s last contact plus {inactive_us / US_PER_DAY:g} days "
            "is not after as_of, else (open)."
        )
    repeats = " Consecutive repeats of a step are one." if wanted.collapse else ""
    return f"{what}{on_the_way}{which}{stops}{repeats} share is of all these paths."
