-- Chains of length one: every event that matches the funnel's first step starts its own chain.
-- With $is_first_only only the earliest of them does; events tied at that time are all entries.
-- grain: one step-1 event
-- key: unit_id, event_id
-- not null: unit_id, event_id, occurred_at_us, start_us
-- parameter: is_first_only BOOLEAN only the first entry opens a window
WITH entries AS (
  SELECT
    funnel_candidates.*,
    MIN(occurred_at_us) OVER (PARTITION BY unit_id) AS first_us
  FROM funnel_candidates
  WHERE step_index = 1
)
SELECT
  unit_id,
  event_id,
  occurred_at_us,
  occurred_at_us AS start_us
FROM entries
WHERE occurred_at_us = first_us OR NOT $is_first_only
