SELECT
  path_steps.step_index,
  COUNT(*) AS entrant_count,
  COUNT(
    CASE
      WHEN path_steps.step_index < path_units.step_count OR path_units.outcome = '(end)'
      THEN 1
    END
  ) AS continued_count,
  COUNT(
    CASE
      WHEN path_steps.step_index = path_units.step_count
      AND path_units.outcome = '(converted)'
      THEN 1
    END
  ) AS converted_count,
  COUNT(
    CASE
      WHEN path_steps.step_index = path_units.step_count
      AND path_units.outcome = '(dropped)'
      THEN 1
    END
  ) AS dropped_count,
  COUNT(
    CASE
      WHEN path_steps.step_index = path_units.step_count AND path_units.outcome = '(open)'
      THEN 1
    END
  ) AS open_count
FROM path_steps
INNER JOIN path_units
  ON path_units.unit_id = path_steps.unit_id
WHERE
  path_steps.step_index <= :depth
GROUP BY
  path_steps.step_index
