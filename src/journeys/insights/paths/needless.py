"""Needless steps: repeats and detours that change nothing about conversion."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import Answer, unit_words
from journeys.insights.marks import Anchors, prepare_contacts
from journeys.insights.paths.streams import Streams, read_streams
from journeys.insights.statistics.comparisons import (
    FALSE_DISCOVERY_RATE,
    benjamini_hochberg,
    newcombe_interval,
    two_proportion_p,
)
from journeys.insights.statistics.intervals import MIN_BASE, share_of, too_few, wilson_interval
from journeys.insights.statistics.percentiles import grouped_percentiles
from journeys.paths.log import EventLog
from journeys.units import US_PER_SECOND, duration_text, duration_us

_LARGEST_EFFECT = 0.05
_SMALLEST_PART = 4
_VERDICTS = ("needless", "converts less", "converts more", "unclear", "too few")
_COLUMNS = ["kind", "step", "detour_step", "repeat_count", "person_count", "extra_seconds", "median_extra_seconds",
            "converted_count", "conversion_share", "conversion_share_low", "conversion_share_high", "other_count",
            "other_converted_count", "other_share", "difference", "difference_low", "difference_high", "p_value",
            "q_value", "is_too_few", "verdict"]  # fmt: skip


def find_needless(
    log: EventLog,
    anchors: Anchors,
    *,
    minimal_effect: float | None = None,
    within: str | timedelta | None = None,
    unit: str = "person",
    as_of: object = None,
) -> Answer:
    """List the repeats (a, a) and detours (a, b, a) before the goal, their cost, and whether they change conversion.

    Args:
        log: the log.
        anchors: names the goal.
        minimal_effect: smallest difference of conversion shares that matters, above 0, up to 1; when none, .05, or a
            quarter of the conversion share of all where that is smaller.
        within: longest extra time, with a unit; what takes longer is a return visit and no row. None takes all.
        unit: person, session or account; the columns keep their names and count the unit.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row per repeat or detour, the needless first, the longest extra time first: `kind` ('repeat',
        'detour'), `step`, `detour_step` (null for a repeat), `repeat_count` (how often), `person_count` (by how many),
        `extra_seconds` (in all), `median_extra_seconds`; conversion of those persons (`converted_count`,
        `conversion_share` with its interval) and of the others who met `step` (`other_count`, `other_converted_count`,
        `other_share`); `difference` of the two shares with its 95 % interval, `p_value`, `q_value`, `is_too_few` and
        `verdict`: 'needless', 'converts less', 'converts more', 'unclear' or 'too few'.

    Raises:
        CallError: the goal never occurs, no event has the unit, or `minimal_effect` is no such number.
    """
    _check_effect(minimal_effect)
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        prepare_contacts(log, scratch, anchors, unit=log.check_unit(unit), as_of_us=as_of_us)
        streams = read_streams(scratch, "is_goal")
    before, is_converted = streams.before_goal()
    is_met = np.bincount(before.units, minlength=streams.unit_count) > 0
    population, converted = int(is_met.sum()), int((is_converted & is_met).sum())
    usual = min(_LARGEST_EFFECT, converted / population / _SMALLEST_PART) if population else _LARGEST_EFFECT
    effect = usual if minimal_effect is None else float(minimal_effect)
    within_us = None if within is None else duration_us(within, name="within")
    parts = _count_repeats(before, is_converted, within_us), _count_detours(before.collapse(), is_converted, within_us)
    counts = pd.concat(parts)
    frame = _judge(_name(counts, before, is_converted), effect)
    goal = anchors.shown()["goal"]
    rule = (
        f"Contacts of one {unit} before its first {goal!r} count. A repeat is a step directly after itself; its extra "
        "time is from one to the other. A detour leaves a step for one other step and comes back, consecutive repeats "
        "being one; its extra time is from the last contact before to the first one after. "
        + ("" if within_us is None else f"More than {duration_text(within_us)} is a return visit, and does not count. ")
        + f"Times of different rows may overlap. {unit.capitalize()}s with it are compared with all others who met the "
        "step; who is still open counts as not converted yet. "
        "Verdict: 'needless' when the 95 % interval of the difference (Newcombe) lies inside "
        f"-{effect:.3g} to +{effect:.3g}; else 'converts more' or 'converts less' when q_value (Benjamini-Hochberg "
        f"over all rows that are not too few) is at most {FALSE_DISCOVERY_RATE:g}; else 'unclear'; 'too few' when "
        f"either group is below {MIN_BASE}. Descriptive, no cause is claimed: long journeys hold more repeats."
        f"{unit_words(unit)}"
    )
    parameters = {"goal": goal, "unit": unit, "minimal_effect": effect,
                  "within_seconds": None if within_us is None else within_us / US_PER_SECOND}  # fmt: skip
    definition = log.describe(rule, as_of_us, parameters)
    definition["population_count"], definition["converted_count"] = population, converted
    return Answer(frame, definition)


def _check_effect(effect: object) -> None:
    if effect is None:
        return
    if isinstance(effect, bool) or not isinstance(effect, int | float) or not 0 < effect <= 1:
        raise CallError("minimal-effect", "minimal_effect is no difference of shares", found=repr(effect),
                        allowed="a number above 0, up to 1, such as 0.02 for two percentage points")  # fmt: skip


def _count_repeats(streams: Streams, is_converted: np.ndarray, within_us: int | None) -> pd.DataFrame:
    """Count the pairs a, a."""
    here = np.flatnonzero((streams.steps[1:] == streams.steps[:-1]) & (streams.units[1:] == streams.units[:-1]))
    here = here[_is_short(streams.start_us[here + 1] - streams.start_us[here], within_us)]
    extra_us = streams.start_us[here + 1] - streams.start_us[here]
    counted = _count(streams.steps[here], streams.units[here], extra_us, is_converted)
    return counted.assign(kind="repeat", step_code=counted["key"], detour_code=-1)


def _count_detours(streams: Streams, is_converted: np.ndarray, within_us: int | None) -> pd.DataFrame:
    """Count the stretches a, b, a of a stream without consecutive repeats."""
    here = np.flatnonzero((streams.steps[2:] == streams.steps[:-2]) & (streams.units[2:] == streams.units[:-2]))
    here = here[_is_short(streams.start_us[here + 2] - streams.end_us[here], within_us)]
    extra_us = streams.start_us[here + 2] - streams.end_us[here]
    keys = streams.steps[here] * len(streams.names) + streams.steps[here + 1]
    counted = _count(keys, streams.units[here], extra_us, is_converted)
    names = max(1, len(streams.names))
    return counted.assign(kind="detour", step_code=counted["key"] // names, detour_code=counted["key"] % names)


def _is_short(extra_us: np.ndarray, within_us: int | None) -> np.ndarray:
    """Say which extra times count."""
    return np.asarray(extra_us <= (np.inf if within_us is None else within_us))


def _count(keys: np.ndarray, units: np.ndarray, extra_us: np.ndarray, is_converted: np.ndarray) -> pd.DataFrame:
    """Count how often, by how many units and how long each key was met."""
    found, counts = np.unique(keys, return_counts=True)
    pairs = np.unique(keys * (len(is_converted) + 1) + units)
    places, owners = np.searchsorted(found, pairs // (len(is_converted) + 1)), pairs % (len(is_converted) + 1)
    starts = np.cumsum(counts) - counts
    ordered = extra_us[np.lexsort((extra_us, keys))]
    totals = np.add.reduceat(ordered, starts) if len(starts) else np.zeros(0, dtype=np.int64)
    return pd.DataFrame(
        {
            "key": found,
            "repeat_count": counts,
            "person_count": np.bincount(places, minlength=len(found)),
            "converted_count": np.bincount(places[is_converted[owners]], minlength=len(found)),
            "extra_seconds": totals / US_PER_SECOND,
            "median_extra_seconds": grouped_percentiles(ordered, starts, counts, [0.5])[:, 0] / US_PER_SECOND,
        }
    )


def _name(counts: pd.DataFrame, streams: Streams, is_converted: np.ndarray) -> pd.DataFrame:
    """Add the names of the steps, and the others who met them."""
    pairs = np.unique(streams.steps * (len(is_converted) + 1) + streams.units)
    steps, owners = pairs // (len(is_converted) + 1), pairs % (len(is_converted) + 1)
    met = np.bincount(steps, minlength=len(streams.names))
    met_converted = np.bincount(steps[is_converted[owners]], minlength=len(streams.names))
    codes = counts["step_code"].to_numpy(dtype=np.int64)
    frame = counts.reset_index(drop=True).astype({"kind": "str"})
    frame["step"] = pd.Series(streams.names[codes], dtype="str")
    detours = [streams.names[code] if code >= 0 else None for code in frame["detour_code"]]
    frame["detour_step"] = pd.Series(detours, index=frame.index, dtype="str")
    frame["other_count"] = met[codes] - frame["person_count"]
    frame["other_converted_count"] = met_converted[codes] - frame["converted_count"]
    return frame


def _judge(frame: pd.DataFrame, effect: float) -> pd.DataFrame:
    """Compare those with a repeat or detour with the others who met its step, and give the verdict."""
    groups = (frame["converted_count"], frame["person_count"], frame["other_converted_count"], frame["other_count"])
    frame["conversion_share"] = share_of(*groups[:2])
    frame["conversion_share_low"], frame["conversion_share_high"] = wilson_interval(*groups[:2])
    frame["other_share"] = share_of(*groups[2:])
    frame["difference"] = frame["conversion_share"] - frame["other_share"]
    frame["difference_low"], frame["difference_high"] = newcombe_interval(*groups)
    frame["is_too_few"] = too_few(frame[["person_count", "other_count"]].min(axis=1))
    p = np.where(frame["is_too_few"], np.nan, two_proportion_p(*groups))
    frame["p_value"], frame["q_value"] = p, benjamini_hochberg(p)
    is_inside = (frame["difference_low"] > -effect) & (frame["difference_high"] < effect)
    is_shown = frame["q_value"] <= FALSE_DISCOVERY_RATE
    frame["verdict"] = np.select(
        [frame["is_too_few"], is_inside, is_shown & (frame["difference"] < 0), is_shown & (frame["difference"] > 0)],
        ["too few", "needless", "converts less", "converts more"],
        "unclear",
    )
    frame["rank"] = frame["verdict"].map({verdict: place for place, verdict in enumerate(_VERDICTS)}).astype("int64")
    frame = frame.sort_values(["rank", "extra_seconds", "kind", "step", "detour_step"],
                              ascending=[True, False, True, True, True])  # fmt: skip
    return frame.astype({"verdict": "str"})[_COLUMNS].reset_index(drop=True)
