"""The figures a meeting looks at first: each with its count, base, interval and definition."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from journeys.config import Settings
from journeys.insights.statistics.intervals import share_of, wilson_interval
from journeys.report.formats import count_text
from journeys.warehouse import Engine

_COUNTS = """
WITH counted AS (
  SELECT person_id, session_id, occurred_at_us, is_bot FROM person_events WHERE occurred_at_us <= $as_of_us
),
cut_sessions AS (
  SELECT session_id, COUNT(*) AS event_count, MAX(occurred_at_us) - MIN(occurred_at_us) AS duration_us
  FROM counted WHERE session_id IS NOT NULL AND NOT is_bot GROUP BY session_id
)
SELECT
  (SELECT COUNT(*) FROM counted) AS event_count,
  (SELECT COUNT(*) FROM counted WHERE is_bot) AS bot_event_count,
  (SELECT COUNT(*) FROM person_events WHERE occurred_at_us > $as_of_us) AS later_count,
  (SELECT COUNT(DISTINCT person_id) FROM counted WHERE NOT is_bot) AS person_count,
  (SELECT COUNT(*) FROM cut_sessions) AS session_count,
  (SELECT COUNT(*) FROM cut_sessions WHERE event_count = 1) AS single_count,
  (SELECT MEDIAN(duration_us) / 1000000 FROM cut_sessions WHERE event_count > 1) AS session_seconds,
  (SELECT COUNT(*) FROM journeys) AS journey_count,
  (SELECT COUNT(DISTINCT person_id) FROM journeys) AS traveller_count,
  (SELECT COUNT(DISTINCT person_id) FROM journeys WHERE converted_at_us IS NOT NULL) AS customer_count,
  (SELECT COUNT(*) FROM (SELECT person_id FROM journey_outcomes GROUP BY person_id
    HAVING COUNT(CASE WHEN outcome = 'converted' THEN 1 END) = 0 AND COUNT(CASE WHEN outcome = 'open' THEN 1 END) > 0)
  ) AS open_person_count,
  (SELECT COUNT(*) FROM journey_outcomes WHERE outcome = 'converted') AS converted_count,
  (SELECT COUNT(*) FROM journey_outcomes WHERE outcome = 'lost') AS lost_count,
  (SELECT COUNT(*) FROM journey_outcomes WHERE outcome = 'open') AS open_count,
  (SELECT CAST(SUM(CAST(value_amount AS DECIMAL(38, 6))) AS DOUBLE) FROM journeys WHERE converted_at_us IS NOT NULL)
    AS value_amount,
  (SELECT MEDIAN(converted_at_us - started_at_us) / 1000000 FROM journeys WHERE converted_at_us IS NOT NULL)
    AS conversion_seconds
"""


@dataclass(frozen=True)
class _Figure:
    key: str
    label: str
    unit: str
    count: float | None
    base: float | None
    definition: str


def count_key_figures(engine: Engine, settings: Settings, *, as_of_us: int) -> pd.DataFrame:
    """Count the key figures from the tables of a finished run.

    Returns:
        `key`, `label`, `value`, `unit` (count, share, money, seconds), `count` and `base` of a share, `low` and `high`
        of its 95 % Wilson interval, `definition`.
    """
    counts = engine.frame(_COUNTS, {"as_of_us": as_of_us}).iloc[0]
    goal, days = settings.journey.goal, settings.journey.inactive_days
    shares = [
        _Figure("person_conversion", f"Persons who reached {goal}", "share", counts["customer_count"],
                counts["traveller_count"],
                f"Persons with at least one journey that ended in {goal}, of all who have a journey; "
                f"{count_text(counts['open_person_count'])} of the others are still open and may yet; bots apart."),
        _Figure("journey_conversion", "Journeys converted", "share", counts["converted_count"],
                counts["converted_count"] + counts["lost_count"],
                f"Journeys that ended in {goal}, of those that have ended; journeys still open are in neither number."),
    ]  # fmt: skip
    values = [
        _Figure("persons", "Persons", "count", counts["person_count"], None,
                f"Persons behind the events, bots apart; {count_text(counts['traveller_count'])} have a journey."),
        _Figure("sessions", "Sessions", "count", counts["session_count"], None,
                f"Stretches of activity on one device; {count_text(counts['single_count'])} hold a single event."),
        _Figure("journeys", "Journeys", "count", counts["journey_count"], None,
                f"From a first contact to {goal}, or to {days} days without a contact."),
        _Figure("journeys_open", "Journeys still open", "count", counts["open_count"], None,
                f"Neither converted nor {days} days without a contact; they may still convert."),
        _Figure("journeys_lost", "Journeys lost", "count", counts["lost_count"], None,
                f"{days} days without a contact and no {goal}."),
        _Figure("value", f"Value of {goal}", "money", counts["value_amount"], None,
                f"Sum of the value of the {goal} events that ended a journey."),
        _Figure("conversion_time", f"Median time to {goal}", "seconds", counts["conversion_seconds"], None,
                "From the first contact of a converted journey to its goal."),
        _Figure("session_time", "Median session", "seconds", counts["session_seconds"], None,
                "Of sessions with more than one event: from the first to the last event."),
        _Figure("events", "Events", "count", counts["event_count"], None,
                f"Accepted events, each once; {count_text(counts['bot_event_count'])} are bots' and count nowhere "
                f"else; {count_text(counts['later_count'])} later ones wait for the slowest source."),
    ]  # fmt: skip
    return pd.concat([_share_rows(shares), _value_rows(values)], ignore_index=True)


def _share_rows(figures: list[_Figure]) -> pd.DataFrame:
    frame = pd.DataFrame([vars(figure) for figure in figures])
    frame["value"] = share_of(frame["count"], frame["base"])
    frame["low"], frame["high"] = wilson_interval(frame["count"], frame["base"])
    return frame[["key", "label", "value", "unit", "count", "base", "low", "high", "definition"]]


def _value_rows(figures: list[_Figure]) -> pd.DataFrame:
    frame = pd.DataFrame([vars(figure) for figure in figures]).rename(columns={"count": "value"})
    empty = pd.Series(float("nan"), index=frame.index)
    frame = frame.assign(value=frame["value"].astype(float), count=empty, base=empty, low=empty, high=empty)
    return frame[["key", "label", "value", "unit", "count", "base", "low", "high", "definition"]]
