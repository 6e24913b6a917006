"""How much the main figures depend on the rule that says who is one person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from journeys.config import Settings, find_cutoffs
from journeys.identity import RULE_WORDS, build_persons
from journeys.insights.answer import Answer
from journeys.insights.statistics.intervals import share_of, wilson_interval
from journeys.paths.journeys import build_person_journeys
from journeys.paths.log import EventLog
from journeys.sessions import build_sessions

_COLUMNS = ["rule", "is_configured", "person_count", "known_person_count", "session_count", "journey_count",
            "journey_person_count", "converted_person_count", "conversion_share", "conversion_share_low",
            "conversion_share_high", "funnel_person_count", "funnel_converted_count", "funnel_share",
            "funnel_share_low", "funnel_share_high"]  # fmt: skip
# The persons, sessions and journeys of the key figures.
_COUNTS = """
WITH counted AS (
  SELECT person_id, session_id FROM person_events WHERE occurred_at_us <= $as_of_us AND NOT is_bot
),
present AS (
  SELECT DISTINCT counted.person_id, persons.is_known FROM counted
  INNER JOIN persons ON persons.person_id = counted.person_id
)
SELECT
  (SELECT COUNT(*) FROM present) AS person_count,
  (SELECT COUNT(*) FROM present WHERE is_known) AS known_person_count,
  (SELECT COUNT(DISTINCT session_id) FROM counted) AS session_count,
  (SELECT COUNT(*) FROM journeys) AS journey_count,
  (SELECT COUNT(DISTINCT person_id) FROM journeys) AS journey_person_count,
  (SELECT COUNT(DISTINCT person_id) FROM journeys WHERE converted_at_us IS NOT NULL) AS converted_person_count
"""

CountFunnel = Callable[[EventLog], Answer]


def compare_rules(
    log: EventLog, settings: Settings, *, count_funnel: CountFunnel | None = None, as_of: object = None
) -> Answer:
    """Work out persons, sessions and journeys again under each rule, and count.

    Args:
        log: the published log.
        settings: its configuration.
        count_funnel: counts the funnel to compare; none compares none.
        as_of: end of observation; the log's own when none. Who is who is told from all evidence.

    Returns:
        Answer with one row per rule: `person_count` (`known_person_count` of them named by more than a device),
        `session_count`, `journey_count`; `converted_person_count` of the `journey_person_count` persons with a journey,
        their share and its 95 % Wilson interval; and the same of the funnel, from its first to its last step.
    """
    as_of_us = log.read_as_of(as_of)
    cutoffs = find_cutoffs(settings.retention, log.read_as_of(None), timezone=settings.project.timezone)
    rows = []
    for rule in RULE_WORDS:
        with log.engine.scratch() as scratch:
            build_persons(scratch, settings, rule=rule, links_since_us=cutoffs.get("identity_edges"))
            build_sessions(scratch)
            build_person_journeys(scratch, settings, as_of_us=as_of_us)
            row = scratch.frame(_COUNTS, {"as_of_us": as_of_us}).iloc[0].to_dict()
            funnel = count_funnel(replace(log, engine=scratch)).frame if count_funnel else None
        row["funnel_person_count"] = None if funnel is None else funnel[_base_column(funnel)].iloc[0]
        row["funnel_converted_count"] = None if funnel is None else funnel["mature_count"].iloc[-1]
        rows.append({"rule": rule, "is_configured": rule == settings.identity.rule, **row})
    words = "; ".join(f"{rule}: {meaning}" for rule, meaning in RULE_WORDS.items())
    text = f"The same events up to as_of, with persons worked out from all evidence under each rule. {words}. "
    text += "Bots are left out. The funnel counts those whose first entry's window is over."
    parameters = {"configured_rule": settings.identity.rule, "goal": settings.journey.goal,
                  "funnel": settings.funnels[0].name if count_funnel else None}  # fmt: skip
    return Answer(_add_shares(pd.DataFrame(rows)), log.describe(text, as_of_us, parameters))


def _base_column(funnel: pd.DataFrame) -> str:
    """Return the column whose first row is the base of a funnel's shares: of an open one all who entered anywhere."""
    return "mature_entrant_count" if "mature_entrant_count" in funnel else "mature_count"


def _add_shares(counts: pd.DataFrame) -> pd.DataFrame:
    frame = counts.astype({"funnel_person_count": "Int64", "funnel_converted_count": "Int64"})
    for name, count, base in (
        ("conversion_share", "converted_person_count", "journey_person_count"),
        ("funnel_share", "funnel_converted_count", "funnel_person_count"),
    ):
        x, n = (frame[column].fillna(0) for column in (count, base))
        frame[name] = share_of(x, n)
        frame[f"{name}_low"], frame[f"{name}_high"] = wilson_interval(x, n)
    return frame[_COLUMNS]
