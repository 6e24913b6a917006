-- Each unit with its group: the value that `group_values` gives to the event its path starts with.
-- grain: one unit with a path
-- key: unit_id
-- not null: unit_id, step_count, outcome, group_name, is_rest
WITH placed AS (
  SELECT
    unit_id,
    event_id,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
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
INNER JOIN placed ON placed.unit_id = path_units.unit_id AND placed.place = 1
INNER JOIN group_values ON group_values.event_id = placed.event_id
