"""Journey drop-off: at which touchpoint people give up for good, and who may still come back."""

from __future__ import annotations

import numpy as np

from journeys.insights.answer import Answer
from journeys.insights.marks import Anchors
from journeys.insights.statistics.intervals import share_of, too_few, wilson_interval
from journeys.insights.touchpoints.count import count_touchpoints
from journeys.paths.log import EventLog
from journeys.units import US_PER_DAY
from journeys.warehouse import select_model

_RATES = (
    ("dropped", "dropped_count", "resolved_count"),
    ("open", "open_count", "person_count"),
    ("participation", "converted_count", "person_count"),
)
_COLUMNS = ["touchpoint", "stage", "person_count", "open_count", "resolved_count", "dropped_count", "dropped_share",
            "dropped_share_low", "dropped_share_high", "open_share", "open_share_low", "open_share_high",
            "converted_count", "participation_share", "participation_share_low", "participation_share_high",
            "is_too_few"]  # fmt: skip
# Nobody is given up sooner, in days.
_FLOOR_DAYS = {"person": 7, "account": 60}


def count_drop_off(
    log: EventLog, anchors: Anchors, *, inactive_us: int, unit: str = "person", as_of: object = None
) -> Answer:
    """Count who gave up at each touchpoint, of those of whom it is known.

    Args:
        log: the log.
        anchors: names the goal.
        inactive_us: so long after the last contact a person is dropped; until then open.
        unit: person, session or account.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row per touchpoint, the most met first. Of `person_count` who met it before the goal,
        `open_count` have it as their last contact and are still open (`open_share`); the others are resolved
        (`resolved_count`: converted, moved on or dropped), and `dropped_count` of them gave up here (`dropped_share`,
        the drop-off). `converted_count` reached the goal later (`participation_share`, of all who met it). Each share
        has its 95 % Wilson interval; `is_too_few` where fewer than 30 are resolved. The definition holds
        `suggested_inactive_days` with the number of returns it is read from.

    Raises:
        CallError: the goal never occurs, or no event has the unit.
    """
    counted = count_touchpoints(log, anchors, inactive_us=inactive_us, unit=unit, as_of=as_of)
    frame = counted.frame.copy()
    frame["resolved_count"] = frame["person_count"] - frame["open_count"]
    for name, count, base in _RATES:
        frame[f"{name}_share"] = share_of(frame[count], frame[base])
        low, high = wilson_interval(frame[count], frame[base])
        frame[f"{name}_share_low"], frame[f"{name}_share_high"] = low, high
    frame["is_too_few"] = too_few(frame["resolved_count"])
    days = inactive_us / US_PER_DAY
    words = (
        f"Contacts up to each {unit}'s first {anchors.shown()['goal']!r} count (all, if there is none). dropped_count: "
        f"{unit}s whose last contact this is, {days:g} days or more before as_of, and who did not convert; "
        f"dropped_share is of the resolved ones, who converted, moved on or dropped. open_count: {unit}s whose last "
        "contact this is, less long ago: not known yet, so that they are in no base but that of open_share. "
        "participation_share: converted later, of all who met it. Descriptive: no cause is claimed."
    )
    definition = counted.definition | {"rule": words}
    if unit != "session":
        suggestion = suggest_inactive_days(log, unit=unit, inactive_us=inactive_us, as_of_us=log.read_as_of(as_of))
        definition |= suggestion
        definition["rule"] = f"{words} {_suggestion_words(suggestion, days)}"
    return Answer(frame[_COLUMNS], definition)


def suggest_inactive_days(log: EventLog, *, unit: str, inactive_us: int, as_of_us: int) -> dict[str, float | int]:
    """Read from the log after how many days without a contact hardly anybody came back.

    Returns:
        `suggested_inactive_days`: the 95th percentile of the gaps after which units returned, whole days upwards, 7 at
        least (accounts 60), and `return_count`, the returns it is read from. Counted are units seen first at least
        `inactive_us` before the end, so that a return had time to be seen.
    """
    given = {"unit": unit, "as_of_us": as_of_us, "seen_by_us": as_of_us - inactive_us}
    with log.engine.scratch() as scratch:
        select, parameters = select_model("return_gaps", given)
        gaps = scratch.frame(f"SELECT gap_us FROM ({select})", parameters)["gap_us"].to_numpy(dtype=float)
    longest = float(np.quantile(gaps, 0.95)) / US_PER_DAY if len(gaps) else 0.0
    return {"suggested_inactive_days": max(_FLOOR_DAYS[unit], int(np.ceil(longest))), "return_count": len(gaps)}


def _suggestion_words(suggestion: dict[str, float | int], days: float) -> str:
    days_text = f"{suggestion['suggested_inactive_days']} days"
    return (
        f"Of {suggestion['return_count']:,} returns 95 % came within {days_text} (7 at least, for accounts 60), "
        f"which is suggested for inactive_days; {days:g} were used."
    )
