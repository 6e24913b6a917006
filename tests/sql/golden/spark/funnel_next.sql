WITH merged AS (
  SELECT
    unit_id,
    event_id,
    occurred_at_us,
    start_us,
    FALSE AS is_candidate,
    FALSE AS is_shared
  FROM funnel_chains
  UNION ALL
  SELECT
    unit_id,
    event_id,
    occurred_at_us,
    CAST(NULL AS BIGINT) AS start_us,
    TRUE AS is_candidate,
    is_shared
  FROM funnel_candidates
  WHERE
    step_index = :step_index
), reached AS (
  SELECT
    merged.*,
    MAX(start_us) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST
      RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS together_us,
    MAX(start_us) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST
      RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS earlier_us
  FROM merged
), chosen AS (
  SELECT
    unit_id,
    event_id,
    occurred_at_us,
    CASE WHEN is_shared OR :is_increasing THEN earlier_us ELSE together_us END AS start_us
  FROM reached
  WHERE
    is_candidate
)
SELECT
  unit_id,
  event_id,
  occurred_at_us,
  start_us
FROM chosen
WHERE
  NOT start_us IS NULL
  AND (
    :window_us IS NULL OR occurred_at_us - start_us <= :window_us
  )
