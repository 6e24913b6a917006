WITH popular AS (
  SELECT
    step_index,
    step_name,
    ROW_NUMBER() OVER (PARTITION BY step_index ORDER BY COUNT(*) DESC, step_name NULLS LAST) AS popularity
  FROM path_steps
  WHERE
    step_index <= :depth
  GROUP BY
    step_index,
    step_name
), named AS (
  SELECT
    path_steps.unit_id,
    path_steps.step_index,
    CASE
      WHEN :top IS NULL OR popular.popularity <= :top
      THEN path_steps.step_name
      ELSE '(other)'
    END AS step_name
  FROM path_steps
  INNER JOIN popular
    ON popular.step_index = path_steps.step_index
    AND popular.step_name = path_steps.step_name
), linked AS (
  SELECT
    here.step_index,
    here.step_name AS from_step,
    CASE
      WHEN here.step_index = path_units.step_count
      THEN path_units.outcome
      WHEN here.step_index = :depth
      THEN '(more)'
      ELSE following.step_name
    END AS to_step
  FROM named AS here
  INNER JOIN path_units
    ON path_units.unit_id = here.unit_id
  LEFT JOIN named AS following
    ON following.unit_id = here.unit_id AND following.step_index = here.step_index + 1
), entrants AS (
  SELECT
    COUNT(*) AS unit_count
  FROM path_units
)
SELECT
  linked.step_index,
  linked.from_step,
  linked.to_step,
  COUNT(*) AS count,
  CAST(COUNT(*) AS DOUBLE) / MAX(entrants.unit_count) AS share
FROM linked
CROSS JOIN entrants
GROUP BY
  linked.step_index,
  linked.from_step,
  linked.to_step
