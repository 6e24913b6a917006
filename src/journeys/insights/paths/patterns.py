"""Patterns: stretches of steps that mark those who convert."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import Answer, unit_words
from journeys.insights.marks import Anchors, prepare_contacts
from journeys.insights.paths.streams import Streams, read_streams
from journeys.insights.statistics.comparisons import (
    FALSE_DISCOVERY_RATE,
    benjamini_hochberg,
    katz_interval,
    two_proportion_p,
)
from journeys.insights.statistics.intervals import MIN_BASE, share_of, too_few, wilson_interval
from journeys.insights.statistics.strata import stratified_p, stratified_ratio
from journeys.paths.log import EventLog
from journeys.units import US_PER_DAY

P_LIMIT = 0.05
_LONGEST = 10
_COLUMNS = ["pattern", "length", "person_count", "converted_count", "open_count", "conversion_share",
            "conversion_share_low", "conversion_share_high", "other_count", "other_converted_count", "other_share",
            "risk_ratio", "risk_ratio_low", "risk_ratio_high", "p_value", "q_value", "adjusted_ratio",
            "adjusted_ratio_low", "adjusted_ratio_high", "adjusted_p_value", "is_too_few", "verdict"]  # fmt: skip
_VERDICTS = ("marks converters", "marks others", "not beyond length", "no difference shown", "too few")


@dataclass(frozen=True)
class Mining:
    """Which patterns are looked for.

    Attributes:
        length: longest pattern, 1 to 10 steps.
        min_persons: fewest persons who have a pattern, at least 1.
        min_share: fewest of them as a share of all persons, 0 to 1; the larger of both holds.
        collapse: consecutive repeats of a step are one.
    """

    length: int = 4
    min_persons: int = MIN_BASE
    min_share: float = 0.01
    collapse: bool = True

    def __post_init__(self) -> None:
        for name, most in (("length", _LONGEST), ("min_persons", 2**31)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
                raise CallError("patterns", f"{name} is not a count", found=repr(value),
                                allowed=f"a whole number from 1 to {most}")  # fmt: skip
        share = self.min_share
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise CallError("patterns", "min_share is no share", found=repr(share), allowed="a number from 0 to 1")

    def least(self, population: int) -> int:
        """Return the fewest persons who must have a pattern."""
        return max(self.min_persons, int(np.ceil(self.min_share * population)))


def find_patterns(
    log: EventLog, anchors: Anchors, mining: Mining, *, inactive_us: int, unit: str = "person", as_of: object = None
) -> Answer:
    """Find the stretches of steps that more, or fewer, of those who have them convert after.

    Args:
        log: the log.
        anchors: names the goal.
        mining: which patterns are looked for.
        inactive_us: so long after its last contact a unit is dropped; until then open.
        unit: person, session or account; the columns keep their names and count the unit.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row per closed pattern: `pattern` (steps joined by ' > '), `length`,
        `person_count` (have it before their first goal), of them `converted_count` and `open_count` (may yet),
        `conversion_share` with its 95 % interval; those without it: `other_count`, `other_converted_count`,
        `other_share`; `risk_ratio` of the two shares with its 95 % interval, `p_value`, `q_value`; `adjusted_ratio`,
        the same among those of equally many contacts, with its interval and `adjusted_p_value`; `is_too_few` (a group
        below 30: no p, no q); and `verdict`, by which rows are sorted: 'marks converters', 'marks others', 'not beyond
        length', 'no difference shown', 'too few'. And the table `steps` (`pattern_index`, `step_index`, `step`).

    Raises:
        CallError: the goal never occurs, or no event has the unit.
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        prepare_contacts(log, scratch, anchors, unit=log.check_unit(unit), as_of_us=as_of_us)
        streams = read_streams(scratch, "is_goal")
    is_open = streams.start_us[streams.is_last] + inactive_us > as_of_us
    before, is_converted = streams.before_goal()
    is_met = np.bincount(before.units, minlength=streams.unit_count) > 0
    population, converted = int(is_met.sum()), int((is_converted & is_met).sum())
    least = mining.least(population)
    frame = mine_streams(before, is_converted, is_open, mining)
    goal = anchors.shown()["goal"]
    rule = (
        f"A pattern is up to {mining.length} steps that directly follow each other in the contacts of one {unit} "
        f"before its first {goal!r}; nothing from there on counts."
        + (" Consecutive repeats of a step are one." if mining.collapse else "")
        + f" It is listed when at least {least} {unit}s have it, and no longer listed pattern that holds it is had by "
        f"the very same {unit}s. Compared with all other {unit}s with a contact before the goal; who is still open "
        "counts as not converted yet. risk_ratio has Katz's interval, p_value is of two shares (exact where few are "
        "expected), q_value holds the share of false finds among all listed patterns of groups of 30 and more to 5 % "
        "(Benjamini-Hochberg). Length bias: long journeys hold more patterns, and one that comes to the goal early "
        f"holds few; adjusted_ratio and adjusted_p_value therefore compare {unit}s of equally many steps before the "
        f"goal, to within a fifth (Mantel-Haenszel). Verdict, where q_value is at most {FALSE_DISCOVERY_RATE:g}: "
        f"'marks converters' or 'marks others' when adjusted_p_value is at most {P_LIMIT:g}, too, on the same side; "
        f"else 'not beyond length'; 'too few' when a group is below {MIN_BASE}. Descriptive, no cause is claimed."
        f"{unit_words(unit)}"
    )
    parameters = {"goal": goal, "unit": unit, "length": mining.length, "min_persons": mining.min_persons,
                  "min_share": mining.min_share, "collapse": mining.collapse,
                  "inactive_days": inactive_us / US_PER_DAY}  # fmt: skip
    definition = log.describe(rule, as_of_us, parameters)
    definition |= {"population_count": population, "converted_count": converted, "least_person_count": least,
                   "without_contact_count": int((~is_met).sum())}  # fmt: skip
    return Answer(frame[_COLUMNS], definition, {"steps": _list_steps(frame)})


def mine_streams(streams: Streams, is_converted: np.ndarray, is_open: np.ndarray, mining: Mining) -> pd.DataFrame:
    """Find the patterns of contacts before the goal, and compare who has each with who has not.

    Args:
        streams: the contacts before each unit's goal.
        is_converted: whether each unit met the goal.
        is_open: whether each unit may still go on.
        mining: which patterns are looked for.

    Returns:
        The columns of `find_patterns`, and `steps`, the list of names.
    """
    sequences = streams.collapse() if mining.collapse else streams
    population = len(np.unique(sequences.units))
    found = _close(_grow(sequences, mining.length, mining.least(population)))
    frame = _judge(_compare(found, is_converted, is_open, _lengths(sequences)))
    frame["steps"] = [list(streams.names[list(each.codes)]) for each in found]
    frame["pattern"] = pd.Series([" > ".join(names) for names in frame["steps"]], index=frame.index, dtype="str")
    order = ["rank", "q_value", "p_value", "person_count", "pattern"]
    return frame.sort_values(order, ascending=[True, True, True, False, True]).reset_index(drop=True)


@dataclass(frozen=True)
class _Pattern:
    """The codes of a pattern's steps and the numbers of the units that have it, sorted."""

    codes: tuple[int, ...]
    units: np.ndarray


def _grow(streams: Streams, length: int, least: int) -> list[_Pattern]:
    """Find the patterns that enough units have, step by step: what is rare stays rare when it grows."""
    places, steps, units = np.arange(len(streams.steps)), streams.steps, streams.units
    found: list[_Pattern] = []
    grown: list[tuple[int, ...]] = [()]
    ids = np.zeros(len(places), dtype=np.int64)
    for size in range(1, length + 1):
        inside = places + size - 1 < len(steps)
        places, ids = places[inside], ids[inside]
        inside = units[places + size - 1] == units[places]
        places, ids = places[inside], ids[inside]
        keys, ids = np.unique(ids * len(streams.names) + steps[places + size - 1], return_inverse=True)
        candidates = [(*grown[key // len(streams.names)], int(key % len(streams.names))) for key in keys]
        pairs = np.unique(ids * (streams.unit_count + 1) + units[places])
        owners = np.split(pairs % (streams.unit_count + 1),
                          np.searchsorted(pairs, np.arange(1, len(keys)) * (streams.unit_count + 1)))  # fmt: skip
        kept = [number for number, owner in enumerate(owners) if len(keys) and len(owner) >= least]
        found += [_Pattern(candidates[number], owners[number]) for number in kept]
        renamed = np.full(len(keys), -1)
        renamed[kept] = np.arange(len(kept))
        grown = [candidates[number] for number in kept]
        ids = renamed[ids]
        places, ids = places[ids >= 0], ids[ids >= 0]
    return found


def _close(patterns: list[_Pattern]) -> list[_Pattern]:
    """Leave out each pattern that a longer one holds and the very same units have."""
    sizes = {each.codes: len(each.units) for each in patterns}
    covered = {part for codes, size in sizes.items() for part in (codes[:-1], codes[1:]) if sizes.get(part) == size}
    return [each for each in patterns if each.codes not in covered]


def _lengths(streams: Streams) -> np.ndarray:
    """Return the stratum of each unit: its number of steps, longer ones to within a fifth; 0 for units without one."""
    counts = np.bincount(streams.units, minlength=streams.unit_count)
    return np.where(counts > 0, np.ceil(4 * np.log2(np.maximum(counts, 1))) + 1, 0).astype(np.int64)


def _compare(
    patterns: list[_Pattern], is_converted: np.ndarray, is_open: np.ndarray, strata: np.ndarray
) -> pd.DataFrame:
    """Compare the units that have each pattern with those that do not."""
    stratum_count = int(strata.max(initial=0)) + 1
    bases = np.bincount(strata, minlength=stratum_count)[1:]
    wins = np.bincount(strata[is_converted], minlength=stratum_count)[1:]
    n1, x1 = (
        np.array([np.bincount(strata[units], minlength=stratum_count)[1:] for units in found], dtype=np.int64)
        for found in ([each.units for each in patterns], [each.units[is_converted[each.units]] for each in patterns])
    )
    n1, x1 = n1.reshape(len(patterns), len(bases)), x1.reshape(len(patterns), len(bases))
    counts = pd.DataFrame(
        {
            "length": [len(each.codes) for each in patterns],
            "person_count": n1.sum(axis=1),
            "converted_count": x1.sum(axis=1),
            "open_count": [int((is_open & ~is_converted)[each.units].sum()) for each in patterns],
        },
        dtype="int64",
    )
    counts["conversion_share"] = share_of(counts["converted_count"], counts["person_count"])
    counts["conversion_share_low"], counts["conversion_share_high"] = wilson_interval(
        counts["converted_count"], counts["person_count"]
    )
    counts["other_count"] = bases.sum() - counts["person_count"]
    counts["other_converted_count"] = wins.sum() - counts["converted_count"]
    counts["other_share"] = share_of(counts["other_converted_count"], counts["other_count"])
    adjusted = stratified_ratio(x1, n1, wins - x1, bases - n1)
    counts["adjusted_ratio"], counts["adjusted_ratio_low"], counts["adjusted_ratio_high"] = adjusted
    counts["adjusted_sign"], counts["adjusted_p_value"] = stratified_p(x1, n1, wins - x1, bases - n1)
    return counts


def _judge(frame: pd.DataFrame) -> pd.DataFrame:
    """Test each pattern, and say what it marks."""
    groups = (frame["converted_count"], frame["person_count"], frame["other_converted_count"], frame["other_count"])
    frame["risk_ratio"] = (frame["conversion_share"] / frame["other_share"]).where(frame["other_share"] > 0)
    frame["risk_ratio_low"], frame["risk_ratio_high"] = katz_interval(*groups)
    frame["is_too_few"] = too_few(frame[["person_count", "other_count"]].min(axis=1))
    p = np.where(frame["is_too_few"], np.nan, two_proportion_p(*groups))
    frame["p_value"], frame["q_value"] = p, benjamini_hochberg(p)
    is_shown, is_more = frame["q_value"] <= FALSE_DISCOVERY_RATE, frame["conversion_share"] > frame["other_share"]
    is_beyond = frame["adjusted_p_value"] <= P_LIMIT
    frame["rank"] = np.select(
        [
            frame["is_too_few"],
            ~is_shown,
            is_more & is_beyond & (frame["adjusted_sign"] > 0),
            ~is_more & is_beyond & (frame["adjusted_sign"] < 0),
        ],
        [_VERDICTS.index("too few"), _VERDICTS.index("no difference shown"), 0, 1],
        _VERDICTS.index("not beyond length"),
    )
    frame["verdict"] = pd.Series([_VERDICTS[rank] for rank in frame["rank"]], index=frame.index, dtype="str")
    return frame


def _list_steps(frame: pd.DataFrame) -> pd.DataFrame:
    """List the steps of each pattern, for those who read them one by one."""
    rows = [
        (pattern, place, name)
        for pattern, names in enumerate(frame["steps"], start=1)
        for place, name in enumerate(names, start=1)
    ]
    listed = pd.DataFrame(rows, columns=["pattern_index", "step_index", "step"])
    return listed.astype({"pattern_index": "int64", "step_index": "int64", "step": "str"})
