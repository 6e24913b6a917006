-- When the counted chain met step $step_index: the earliest event of that step from its step before on.
-- grain: one unit whose chain has this step
-- key: unit_id
-- not null: unit_id, attempt_index, step_index, reached_us, wait_us
-- parameter: step_index BIGINT the step to time, from 2
-- parameter: is_increasing BOOLEAN only strictly later events lengthen a chain
SELECT
  funnel_times.unit_id,
  CAST(1 AS BIGINT) AS attempt_index,
  CAST($step_index AS BIGINT) AS step_index,
  MIN(funnel_candidates.occurred_at_us) AS reached_us,
  MIN(funnel_candidates.occurred_at_us - funnel_best.start_us) AS wait_us
FROM funnel_times
INNER JOIN funnel_best ON funnel_best.unit_id = funnel_times.unit_id
INNER JOIN funnel_candidates
  ON funnel_candidates.unit_id = funnel_times.unit_id AND funnel_candidates.step_index = $step_index
WHERE funnel_times.step_index = $step_index - 1
  AND funnel_best.depth >= $step_index
  AND (
    funnel_candidates.occurred_at_us > funnel_times.reached_us
    OR (
      funnel_candidates.occurred_at_us = funnel_times.reached_us
      AND NOT funnel_candidates.is_shared
      AND NOT $is_increasing
    )
  )
GROUP BY funnel_times.unit_id
