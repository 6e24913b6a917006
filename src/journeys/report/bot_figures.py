"""The headline with and without bots, so that one sees what leaving them out does to the numbers."""

from __future__ import annotations

from typing import Any

from journeys.config import Settings
from journeys.insights.answer import Answer
from journeys.insights.statistics.intervals import share_of, wilson_interval
from journeys.report.content import NamedTable
from journeys.report.formats import read_rows, whole
from journeys.sources.bots import bot_reasons
from journeys.units import time_text
from journeys.warehouse import Engine, build

WITHOUT_BOTS, WITH_BOTS = "without bots", "with bots"
_COUNTS = ["session_count", "event_count", "person_count", "contact_person_count", "converted_count"]


def count_bot_figures(engine: Engine, settings: Settings, *, as_of_us: int) -> Answer:
    """Count sessions, events, persons and conversion without bots, for each reason, and with all bots.

    Args:
        engine: holds `person_events`, `events` and `event_goals`.
        settings: the goal and the bot rules.
        as_of_us: later events are not counted yet.

    Returns:
        Answer with one row per `population` ('without bots', each reason, 'with bots'), also where nothing is counted:
        `session_count`, `event_count`, `person_count`, `contact_person_count` (persons with a touchpoint or goal),
        `converted_count` (those of them who reached the goal), `conversion_share` and its 95 % Wilson interval
        `conversion_share_low`, `conversion_share_high`.
    """
    goal, reasons = settings.journey.goal, bot_reasons(settings.bots)
    with engine.scratch() as scratch:
        build(scratch, ["bot_counts"], parameters={"goal": goal, "as_of_us": as_of_us})
        counts = scratch.frame("SELECT * FROM bot_counts").set_index("population")
    frame = counts.reindex([WITHOUT_BOTS, *reasons, WITH_BOTS])[_COUNTS].fillna(0).astype("int64").reset_index()
    frame["conversion_share"] = share_of(frame["converted_count"], frame["contact_person_count"])
    low, high = wilson_interval(frame["converted_count"], frame["contact_person_count"])
    frame["conversion_share_low"], frame["conversion_share_high"] = low, high
    rule = (
        "A visit is a bot's, as a whole, for the first reason that holds. Nothing is dropped; persons, sessions, "
        "journeys, funnels and paths are counted without bots. "
        f"Conversion: persons with a {goal} event, of the persons with a touchpoint or goal. "
        "A person counts in each row it has an event in, so that the rows of persons do not add up."
    )
    definition = {"rule": rule, "as_of": time_text(as_of_us), "goal": goal, "reasons": reasons}
    return Answer(frame, definition)


def view_bots(table: NamedTable) -> list[dict[str, Any]]:
    """Add to each row its rule in words and its share of all sessions."""
    rows = read_rows(table.frame)
    reasons = dict(table.definition.get("reasons", {}))
    told = {WITHOUT_BOTS: "what this page counts elsewhere", WITH_BOTS: "if bots counted as people"} | reasons
    all_sessions = max((whole(row["session_count"]) for row in rows), default=0)
    return [
        row
        | {
            "words": told.get(row["population"], ""),
            "is_reason": row["population"] not in (WITHOUT_BOTS, WITH_BOTS),
            "session_share": whole(row["session_count"]) / all_sessions if all_sessions else None,
        }
        for row in rows
    ]
