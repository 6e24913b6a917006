-- Which touchpoints mature entrants of a funnel met, and when: before they entered, or between entry and their end.
-- An event that serves as a step of the funnel is no exposure after the entry: it would tell what it should explain.
-- grain: one moment, touchpoint and stratum of entrants
-- key: moment, touchpoint, stratum
-- not null: moment, touchpoint, stratum, met_count, met_converted_count
-- check: met_converted_count <= met_count
-- parameter: unit VARCHAR person, session or account: whose contacts are one sequence
-- parameter: as_of_us BIGINT later events are not counted
WITH contacts_of AS (
  SELECT
    CASE $unit
      WHEN 'person' THEN person_id
      WHEN 'session' THEN session_id
      WHEN 'account' THEN account_id
    END AS unit_id,
    event_id,
    occurred_at_us,
    touchpoint
  FROM person_events
  WHERE NOT is_bot AND occurred_at_us <= $as_of_us AND touchpoint IS NOT NULL
),
step_events AS (
  SELECT DISTINCT event_id FROM funnel_matches WHERE mask > 0
),
met AS (
  SELECT DISTINCT
    funnel_entrants.unit_id,
    funnel_entrants.attempt_index,
    funnel_entrants.stratum,
    funnel_entrants.is_converted,
    CASE WHEN contacts_of.occurred_at_us < funnel_entrants.start_us THEN 'before' ELSE 'after' END AS moment,
    contacts_of.touchpoint
  FROM funnel_entrants
  INNER JOIN contacts_of ON contacts_of.unit_id = funnel_entrants.unit_id
  LEFT JOIN step_events ON step_events.event_id = contacts_of.event_id
  WHERE contacts_of.occurred_at_us < funnel_entrants.start_us
    OR (
      contacts_of.occurred_at_us > funnel_entrants.start_us
      AND contacts_of.occurred_at_us < funnel_entrants.end_us
      AND step_events.event_id IS NULL
    )
)
SELECT
  moment,
  touchpoint,
  stratum,
  COUNT(*) AS met_count,
  COUNT(CASE WHEN is_converted THEN 1 END) AS met_converted_count
FROM met
GROUP BY moment, touchpoint, stratum
