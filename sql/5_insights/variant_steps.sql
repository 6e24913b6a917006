-- The steps of the commonest variants in long form.
-- grain: one step of a variant
-- key: variant_index, step_index
-- not null: variant_index, step_index, step_name
-- check: step_index >= 1
-- parameter: top BIGINT so many variants, the commonest; null gives all
SELECT
  variant_counts.variant_index,
  path_steps.step_index,
  path_steps.step_name
FROM variant_counts
INNER JOIN path_steps ON path_steps.unit_id = variant_counts.example_unit_id
WHERE $top IS NULL OR variant_counts.variant_index <= $top
