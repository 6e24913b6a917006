WITH compared AS (
  SELECT
    path_cut.*,
    LAG(step_name) OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS previous_name
  FROM path_cut
)
SELECT
  unit_id,
  ROW_NUMBER() OVER (
    PARTITION BY unit_id
    ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
  ) AS step_index,
  step_name,
  occurred_at_us
FROM compared
WHERE
  NOT :is_collapsed OR previous_name IS NULL OR previous_name <> step_name
