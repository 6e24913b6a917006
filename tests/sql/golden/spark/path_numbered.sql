WITH visited AS (
  SELECT
    unit_id,
    step_index,
    step_name AS touchpoint,
    ROW_NUMBER() OVER (PARTITION BY unit_id, step_name ORDER BY step_index NULLS LAST) AS visit_index,
    occurred_at_us
  FROM path_steps
)
SELECT
  unit_id,
  step_index,
  CASE
    WHEN visit_index = 1
    THEN touchpoint
    ELSE touchpoint || ' (' || CAST(visit_index AS STRING) || ')'
  END AS step_name,
  touchpoint,
  visit_index,
  occurred_at_us
FROM visited
