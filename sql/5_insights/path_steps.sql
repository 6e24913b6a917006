-- The steps of each path in long form; with $is_collapsed consecutive repeats of a name are one step.
-- grain: one step of a unit's path
-- key: unit_id, step_index
-- not null: unit_id, step_index, step_name, occurred_at_us
-- check: step_index >= 1
-- parameter: is_collapsed BOOLEAN consecutive repeats are one step
WITH compared AS (
  SELECT
    path_cut.*,
    LAG(step_name) OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS previous_name
  FROM path_cut
)
SELECT
  unit_id,
  ROW_NUMBER() OVER (
    PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
  ) AS step_index,
  step_name,
  occurred_at_us
FROM compared
WHERE NOT $is_collapsed OR previous_name IS NULL OR previous_name <> step_name
