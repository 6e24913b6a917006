SELECT
  path_groups.group_name,
  path_steps.step_index,
  COUNT(*) AS entrant_count,
  COUNT(
    CASE
      WHEN path_steps.step_index < path_groups.step_count OR path_groups.outcome = '(end)'
      THEN 1
    END
  ) AS continued_count,
  COUNT(
    CASE
      WHEN path_steps.step_index = path_groups.step_count
      AND path_groups.outcome = '(converted)'
      THEN 1
    END
  ) AS converted_count,
  COUNT(
    CASE
      WHEN path_steps.step_index = path_groups.step_count
      AND path_groups.outcome = '(dropped)'
      THEN 1
    END
  ) AS dropped_count,
  COUNT(
    CASE
      WHEN path_steps.step_index = path_groups.step_count AND path_groups.outcome = '(open)'
      THEN 1
    END
  ) AS open_count
FROM path_steps
INNER JOIN path_groups
  ON path_groups.unit_id = path_steps.unit_id
WHERE
  path_steps.step_index <= :depth
GROUP BY
  path_groups.group_name,
  path_steps.step_index
