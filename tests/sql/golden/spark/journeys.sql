WITH goals AS (
  SELECT
    event_id,
    MAX(value_amount) AS value_amount
  FROM event_goals
  WHERE
    goal = :goal
  GROUP BY
    event_id
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
  MAX(touchpoints.occurred_at_us) + :inactive_us AS inactive_at_us,
  COUNT(*) AS step_count,
  MAX(goals.value_amount) AS value_amount
FROM touchpoints
LEFT JOIN goals
  ON goals.event_id = touchpoints.event_id
GROUP BY
  touchpoints.journey_id
