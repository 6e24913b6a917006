-- Chains one step longer: each event that matches step $step_index, with the latest start among the chains it can lengthen.
-- A later start dominates an earlier one, for whatever follows is reachable from it too. Events of one time may stand in
-- funnel order; an event that matches several steps lengthens only chains that are strictly earlier, and with
-- $is_increasing every event does. The window counts from step 1, its end included.
-- grain: one event that completes a chain of this length
-- key: unit_id, event_id
-- not null: unit_id, event_id, occurred_at_us, start_us
-- check: start_us <= occurred_at_us
-- parameter: step_index BIGINT the step to add, from 2
-- parameter: window_us BIGINT longest time from step 1; null is no limit
-- parameter: is_increasing BOOLEAN only strictly later events lengthen a chain
WITH merged AS (
  SELECT unit_id, event_id, occurred_at_us, start_us, FALSE AS is_candidate, FALSE AS is_shared
  FROM funnel_chains
  UNION ALL
  SELECT unit_id, event_id, occurred_at_us, CAST(NULL AS BIGINT) AS start_us, TRUE AS is_candidate, is_shared
  FROM funnel_candidates
  WHERE step_index = $step_index
),
reached AS (
  SELECT
    merged.*,
    MAX(start_us) OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS together_us,
    MAX(start_us) OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS earlier_us
  FROM merged
),
chosen AS (
  SELECT
    unit_id,
    event_id,
    occurred_at_us,
    CASE WHEN is_shared OR $is_increasing THEN earlier_us ELSE together_us END AS start_us
  FROM reached
  WHERE is_candidate
)
SELECT unit_id, event_id, occurred_at_us, start_us
FROM chosen
WHERE start_us IS NOT NULL AND ($window_us IS NULL OR occurred_at_us - start_us <= $window_us)
