WITH depths AS (
  SELECT
    unit_id,
    MAX(step_index) AS depth
  FROM funnel_reached
  GROUP BY
    unit_id
), entries AS (
  SELECT
    unit_id,
    MIN(occurred_at_us) AS first_us,
    MAX(occurred_at_us) AS last_us
  FROM funnel_candidates
  WHERE
    step_index = 1
  GROUP BY
    unit_id
), completions AS (
  SELECT
    funnel_reached.unit_id,
    depths.depth,
    MIN(funnel_reached.occurred_at_us) AS completed_us
  FROM funnel_reached
  INNER JOIN depths
    ON depths.unit_id = funnel_reached.unit_id
    AND depths.depth = funnel_reached.step_index
  GROUP BY
    funnel_reached.unit_id,
    depths.depth
), chosen AS (
  SELECT
    completions.unit_id,
    completions.depth,
    completions.completed_us,
    MAX(funnel_reached.start_us) AS start_us
  FROM completions
  INNER JOIN funnel_reached
    ON funnel_reached.unit_id = completions.unit_id
    AND funnel_reached.step_index = completions.depth
    AND funnel_reached.occurred_at_us = completions.completed_us
  GROUP BY
    completions.unit_id,
    completions.depth,
    completions.completed_us
)
SELECT
  chosen.unit_id,
  CAST(1 AS BIGINT) AS attempt_index,
  chosen.depth,
  chosen.start_us,
  chosen.completed_us,
  entries.first_us,
  entries.last_us,
  '' AS by_value
FROM chosen
INNER JOIN entries
  ON entries.unit_id = chosen.unit_id
