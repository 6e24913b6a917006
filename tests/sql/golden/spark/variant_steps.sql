SELECT
  variant_counts.variant_index,
  path_steps.step_index,
  path_steps.step_name
FROM variant_counts
INNER JOIN path_steps
  ON path_steps.unit_id = variant_counts.example_unit_id
WHERE
  :top IS NULL OR variant_counts.variant_index <= :top
