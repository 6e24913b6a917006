WITH linked AS (
  SELECT
    path_shown.*,
    LAG(step_name) OVER (PARTITION BY unit_id ORDER BY step_index NULLS LAST) AS previous_name
  FROM path_shown
), counted AS (
  SELECT
    linked.*,
    COUNT(*) OVER (PARTITION BY group_name, step_index, previous_name, step_name) AS link_count
  FROM linked
)
SELECT
  unit_id,
  group_name,
  step_index,
  CASE
    WHEN step_index = :step_index AND link_count < :floor
    THEN '(other)'
    ELSE step_name
  END AS step_name,
  end_name
FROM counted
