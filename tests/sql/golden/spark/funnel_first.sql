WITH entries AS (
  SELECT
    funnel_candidates.*,
    MIN(occurred_at_us) OVER (PARTITION BY unit_id) AS first_us
  FROM funnel_candidates
  WHERE
    step_index = 1
)
SELECT
  unit_id,
  event_id,
  occurred_at_us,
  occurred_at_us AS start_us
FROM entries
WHERE
  occurred_at_us = first_us OR NOT :is_first_only
