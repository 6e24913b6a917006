-- The steps of each path with re-visits numbered: a step met again on the same path is 'name (2)', then 'name (3)'.
-- grain: one step of a unit's path
-- key: unit_id, step_index
-- not null: unit_id, step_index, step_name, touchpoint, visit_index, occurred_at_us
-- check: visit_index >= 1 AND visit_index <= step_index
WITH visited AS (
  SELECT
    unit_id,
    step_index,
    step_name AS touchpoint,
    ROW_NUMBER() OVER (PARTITION BY unit_id, step_name ORDER BY step_index) AS visit_index,
    occurred_at_us
  FROM path_steps
)
SELECT
  unit_id,
  step_index,
  CASE
    WHEN visit_index = 1 THEN touchpoint
    ELSE touchpoint || ' (' || CAST(visit_index AS VARCHAR) || ')'
  END AS step_name,
  touchpoint,
  visit_index,
  occurred_at_us
FROM visited
