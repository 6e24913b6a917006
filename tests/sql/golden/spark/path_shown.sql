WITH placed AS (
  SELECT
    path_steps.unit_id,
    path_groups.group_name,
    path_groups.is_rest,
    path_steps.step_index,
    path_steps.step_name,
    CASE
      WHEN path_steps.step_index = path_groups.step_count
      THEN path_groups.outcome
    END AS end_name
  FROM path_steps
  INNER JOIN path_groups
    ON path_groups.unit_id = path_steps.unit_id
  WHERE
    path_steps.step_index <= :depth
), popular AS (
  SELECT
    step_index,
    step_name,
    ROW_NUMBER() OVER (PARTITION BY group_name, step_index ORDER BY COUNT(*) DESC, step_name NULLS LAST) AS popularity
  FROM placed
  WHERE
    NOT is_rest
  GROUP BY
    group_name,
    step_index,
    step_name
), named AS (
  SELECT DISTINCT
    step_index,
    step_name
  FROM popular
  WHERE
    popularity <= :top
)
SELECT
  placed.unit_id,
  placed.group_name,
  placed.step_index,
  CASE
    WHEN :top IS NULL OR NOT named.step_name IS NULL
    THEN placed.step_name
    ELSE '(other)'
  END AS step_name,
  placed.end_name
FROM placed
LEFT JOIN named
  ON named.step_index = placed.step_index AND named.step_name = placed.step_name
