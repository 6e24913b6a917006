WITH placed AS (
  SELECT
    unit_id,
    event_id,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS place
  FROM path_cut
)
SELECT
  path_units.unit_id,
  path_units.step_count,
  path_units.outcome,
  group_values.group_name,
  group_values.is_rest
FROM path_units
INNER JOIN placed
  ON placed.unit_id = path_units.unit_id AND placed.place = 1
INNER JOIN group_values
  ON group_values.event_id = placed.event_id
