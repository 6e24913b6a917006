-- Journeys: a person's dated contacts from entry to goal or inactivity. The outcome depends on the day one asks:
-- converted when converted_at is filled, else lost once inactive_at is reached, until then open (see journey_outcomes).
-- grain: one journey
-- key: journey_id
-- not null: journey_id, person_id, journey_index, started_at_us, ended_at_us, inactive_at_us, step_count
-- check: ended_at_us >= started_at_us
-- parameter: inactive_us BIGINT so long without a contact ends a journey, in microseconds
-- parameter: goal VARCHAR the goal at which a journey ends
WITH goals AS (
  SELECT
    event_id,
    MAX(value_amount) AS value_amount
  FROM event_goals
  WHERE goal = $goal
  GROUP BY event_id
)
SELECT
  touchpoints.journey_id,
  MIN(touchpoints.person_id) AS person_id,
  MIN(touchpoints.journey_index) AS journey_index,
  MIN(touchpoints.occurred_at) AS started_at,
  MAX(touchpoints.occurred_at) AS ended_at,
  MAX(CASE WHEN touchpoints.is_goal THEN touchpoints.occurred_at END) AS converted_at,
  MIN(touchpoints.occurred_at_us) AS started_at_us,
  MAX(touchpoints.occurred_at_us) AS ended_at_us,
  MAX(CASE WHEN touchpoints.is_goal THEN touchpoints.occurred_at_us END) AS converted_at_us,
  MAX(touchpoints.occurred_at_us) + $inactive_us AS inactive_at_us,
  COUNT(*) AS step_count,
  MAX(goals.value_amount) AS value_amount
FROM touchpoints
LEFT JOIN goals ON goals.event_id = touchpoints.event_id
GROUP BY touchpoints.journey_id
