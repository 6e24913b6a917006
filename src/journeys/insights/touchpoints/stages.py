"""Stage abandonment: of those who reached a stage, how many went no further in time."""

from __future__ import annotations

import pandas as pd

from journeys.insights.answer import Answer, unit_words
from journeys.insights.marks import Anchors, prepare_contacts
from journeys.insights.statistics.intervals import share_of, too_few, wilson_interval
from journeys.insights.touchpoints.stage_marks import StageOrder, mark_stages
from journeys.paths.log import EventLog
from journeys.units import duration_text
from journeys.warehouse import select_model

_OUTCOMES = {"(open)": "open_count", "(converted)": "converted_count", "(progressed)": "progressed_count",
             "(abandoned)": "abandoned_count"}  # fmt: skip
_COLUMNS = ["stage_index", "stage", "person_count", "open_count", "mature_count", "converted_count",
            "progressed_count", "abandoned_count", "abandoned_share", "abandoned_share_low", "abandoned_share_high",
            "is_too_few"]  # fmt: skip


def count_stages(
    log: EventLog, anchors: Anchors, order: StageOrder, *, within_us: int, unit: str = "person", as_of: object = None
) -> Answer:
    """Count how those who reached each stage went on.

    Args:
        log: the log.
        anchors: names the goal.
        order: the stages.
        within_us: so long a person has to go on, from first reaching the stage, end included.
        unit: person, session or account.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row per stage, in order: `person_count` reached it; `open_count` of them so lately that their
        time is not over; the others are mature (`mature_count`): `converted_count` reached the goal in time,
        `progressed_count` a later stage but not the goal, `abandoned_count` neither (`abandoned_share`, with its 95 %
        Wilson interval); `is_too_few` where fewer than 30 are mature.

    Raises:
        CallError: the goal or a step never occurs, or no event has the unit.
    """
    as_of_us = log.read_as_of(as_of)
    with log.engine.scratch() as scratch:
        prepare_contacts(log, scratch, anchors, unit=log.check_unit(unit), as_of_us=as_of_us)
        mark_stages(log, scratch, order)
        select, parameters = select_model("stage_reaches", {"within_us": within_us, "as_of_us": as_of_us})
        reached = scratch.frame(
            f"SELECT stage_index, outcome, COUNT(*) AS unit_count FROM ({select}) GROUP BY stage_index, outcome",
            parameters,
        )
    goal = anchors.shown()["goal"]
    rule = (
        f"A {unit} reaches a stage at its first contact in it, and from then on has {duration_text(within_us)} (end "
        f"included) to reach {goal!r} or a later stage. abandoned_share: those who did neither, of all whose time is "
        "over; until then they are open. The goal may be the contact that reached the stage; a stage given by absence "
        f"is none here. Stages in order: {', '.join(order.names)}. Descriptive." + unit_words(unit)
    )
    shown = {"goal": goal, "unit": unit, "within": duration_text(within_us), "stages": list(order.names)}
    return Answer(_make_frame(reached, order)[_COLUMNS], log.describe(rule, as_of_us, shown))


def _make_frame(reached: pd.DataFrame, order: StageOrder) -> pd.DataFrame:
    places = range(1, len(order.names) + 1)
    counts = reached.pivot_table(index="stage_index", columns="outcome", values="unit_count", aggfunc="sum")
    counts = counts.reindex(index=places, columns=list(_OUTCOMES)).fillna(0).astype("int64").rename(columns=_OUTCOMES)
    frame = counts.reset_index(names="stage_index").assign(stage=list(order.names))
    frame["mature_count"] = frame["converted_count"] + frame["progressed_count"] + frame["abandoned_count"]
    frame["person_count"] = frame["mature_count"] + frame["open_count"]
    frame["abandoned_share"] = share_of(frame["abandoned_count"], frame["mature_count"])
    low, high = wilson_interval(frame["abandoned_count"], frame["mature_count"])
    frame["abandoned_share_low"], frame["abandoned_share_high"] = low, high
    frame["is_too_few"] = too_few(frame["mature_count"])
    frame.columns.name = None
    return frame
