WITH units AS (
  SELECT
    unit_id,
    ROW_NUMBER() OVER (ORDER BY unit_id NULLS LAST) AS unit_index
  FROM path_units
), names AS (
  SELECT
    step_name,
    ROW_NUMBER() OVER (ORDER BY step_name NULLS LAST) AS symbol
  FROM path_steps
  GROUP BY
    step_name
)
SELECT
  units.unit_index,
  path_steps.step_index - 1 AS place_index,
  names.symbol
FROM path_steps
INNER JOIN units
  ON units.unit_id = path_steps.unit_id
INNER JOIN names
  ON names.step_name = path_steps.step_name
