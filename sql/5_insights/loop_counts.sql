-- How often each step is met again on the same path: at once, or after other steps.
-- A repeat is the step directly after itself, a return the step met again with another between; every visit to a step but a unit's first is one of the two.
-- grain: one step
-- key: step
-- not null: step, repeat_count, return_count, looping_count, met_count, visit_count
-- check: visit_count = met_count + repeat_count + return_count
-- check: looping_count <= met_count AND looping_count <= repeat_count + return_count
WITH visits AS (
  SELECT
    unit_id,
    step_index,
    step_name,
    LAG(step_index) OVER (PARTITION BY unit_id, step_name ORDER BY step_index) AS previous_index
  FROM path_steps
),
met AS (
  SELECT
    unit_id,
    step_name,
    COUNT(*) AS visit_count,
    COUNT(CASE WHEN previous_index = step_index - 1 THEN 1 END) AS repeat_count,
    COUNT(CASE WHEN previous_index < step_index - 1 THEN 1 END) AS return_count
  FROM visits
  GROUP BY unit_id, step_name
)
SELECT
  step_name AS step,
  CAST(SUM(repeat_count) AS BIGINT) AS repeat_count,
  CAST(SUM(return_count) AS BIGINT) AS return_count,
  COUNT(CASE WHEN visit_count > 1 THEN 1 END) AS looping_count,
  COUNT(*) AS met_count,
  CAST(SUM(visit_count) AS BIGINT) AS visit_count
FROM met
GROUP BY step_name
