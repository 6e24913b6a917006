WITH visits AS (
  SELECT
    unit_id,
    step_index,
    step_name,
    LAG(step_index) OVER (PARTITION BY unit_id, step_name ORDER BY step_index NULLS LAST) AS previous_index
  FROM path_steps
), met AS (
  SELECT
    unit_id,
    step_name,
    COUNT(*) AS visit_count,
    COUNT(CASE WHEN previous_index = step_index - 1 THEN 1 END) AS repeat_count,
    COUNT(CASE WHEN previous_index < step_index - 1 THEN 1 END) AS return_count
  FROM visits
  GROUP BY
    unit_id,
    step_name
)
SELECT
  step_name AS step,
  CAST(SUM(repeat_count) AS BIGINT) AS repeat_count,
  CAST(SUM(return_count) AS BIGINT) AS return_count,
  COUNT(CASE WHEN visit_count > 1 THEN 1 END) AS looping_count,
  COUNT(*) AS met_count,
  CAST(SUM(visit_count) AS BIGINT) AS visit_count
FROM met
GROUP BY
  step_name
