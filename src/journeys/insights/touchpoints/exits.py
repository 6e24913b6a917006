"""Exits and bounces: with which touchpoint sessions end, and which landings lead no further."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from journeys.errors import CallError
from journeys.insights.answer import Answer
from journeys.insights.marks import Anchors, mark_events
from journeys.insights.statistics.clusters import clustered_wilson, design_effect
from journeys.insights.statistics.intervals import share_of, too_few
from journeys.paths.log import EventLog
from journeys.warehouse import select_model

BOUNCES = ("single", "ga4")
_RATES = (
    ("exit", "exit_count", "session_count", "xx", "xn", "nn"),
    ("exit_view", "exit_count", "view_count", "xx", "xv", "vv"),
    ("bounce", "bounce_count", "landing_count", "bb", "bl", "ll"),
)
_COLUMNS = ["touchpoint", "stage", "session_count", "view_count", "exit_count", "exit_share", "exit_share_low",
            "exit_share_high", "exit_view_share", "exit_view_share_low", "exit_view_share_high", "landing_count",
            "bounce_count", "bounce_share", "bounce_share_low", "bounce_share_high", "is_exit_too_few",
            "is_bounce_too_few"]  # fmt: skip


@dataclass(frozen=True)
class BounceRule:
    """What a bounce is.

    Attributes:
        kind: 'single' (one event in all) or 'ga4' (not engaged).
        views: the events that are views, for 'ga4'; none takes every contact.
        goal: the key event, for 'ga4'; none names no key event.
        missing: 'zero' allows a goal that never occurs.
    """

    kind: str = "single"
    views: object = None
    goal: object = None
    missing: str = "error"

    def words(self) -> str:
        """Say the rule."""
        if self.kind == "single":
            return "that hold one event in all"
        viewed = "contacts" if self.views is None else f"events {Anchors(start=self.views).shown()['start']!r}"
        key = "" if self.goal is None else f", and no {Anchors(goal=self.goal).shown()['goal']!r}"
        return f"that were not engaged as GA4 has it (10 seconds at most, fewer than two {viewed}{key})"


def count_exits(log: EventLog, rule: BounceRule, *, as_of: object = None) -> Answer:
    """Count the sessions that end, begin and bounce with each touchpoint.

    Args:
        log: the log.
        rule: what a bounce is.
        as_of: end of observation; the log's own when none.

    Returns:
        Answer with one row per touchpoint, the most met first: `session_count` with it and `view_count` contacts;
        `exit_count` sessions whose last contact it is, as `exit_share` of its sessions and `exit_view_share` of its
        contacts; `landing_count` sessions whose first contact it is, and `bounce_count`, `bounce_share` of them. Each
        share has its 95 % interval, `is_exit_too_few` and `is_bounce_too_few` where the base is under 30 sessions.

    Raises:
        CallError: the log has no sessions, the rule is not known, or its goal or views never occur.
    """
    if rule.kind not in BOUNCES:
        raise CallError("bounce", "bounce= is not known", found=repr(rule.kind),
                        allowed=" or ".join(map(repr, BOUNCES)))  # fmt: skip
    if rule.kind == "single" and rule.views is not None:
        raise CallError("bounce", "views= belong to bounce='ga4'", found=repr(rule.views), allowed="no views")
    log.check_unit("session")
    as_of_us = log.read_as_of(as_of)
    is_ga4 = rule.kind == "ga4"
    anchors = Anchors(start=rule.views, goal=rule.goal, missing=rule.missing) if is_ga4 else Anchors()
    with log.engine.scratch() as scratch:
        mark_events(log, scratch, anchors)
        given = {"as_of_us": as_of_us, "bounce": rule.kind, "has_views": rule.views is not None}
        scratch.save("session_landings", *select_model("session_landings", given))
        select, parameters = select_model("exit_counts", given)
        counts = scratch.frame(f"SELECT * FROM ({select}) ORDER BY session_count DESC, touchpoint", parameters)
        session_count = scratch.row_count("session_landings")
    words = (
        "Sessions with a contact count; contacts outside sessions are left out. exit_count: sessions whose last "
        "contact this is, as exit_share of the sessions with it and as exit_view_share of its contacts (view_count). "
        "landing_count: sessions whose first contact this is; bounce_count: those of them "
        f"{rule.words()}. Exits and landings each sum to all sessions. Intervals: 95 % Wilson for as many independent "
        "cases as the sessions of the same persons are worth (design effect by person). Descriptive."
    )
    shown = {"bounce": rule.kind} | ({name: step for name, step in anchors.shown().items() if step} if is_ga4 else {})
    if "start" in shown:
        shown["views"] = shown.pop("start")
    definition = log.describe(words, as_of_us, shown)
    definition["session_count"] = session_count
    return Answer(_add_rates(counts)[_COLUMNS], definition)


def _add_rates(counts: pd.DataFrame) -> pd.DataFrame:
    frame = counts.copy()
    for name, count, base, squares, products, base_squares in _RATES:
        effect = design_effect(
            frame[count],
            frame[base],
            count_squares=frame[squares],
            products=frame[products],
            base_squares=frame[base_squares],
        )
        frame[f"{name}_share"] = share_of(frame[count], frame[base])
        low, high = clustered_wilson(frame[count], frame[base], effect)
        frame[f"{name}_share_low"], frame[f"{name}_share_high"] = low, high
    frame["is_exit_too_few"] = too_few(frame["session_count"])
    frame["is_bounce_too_few"] = too_few(frame["landing_count"])
    return frame
