-- Each unit with its group: the value that `group_values` gives to the event its path starts with.
-- grain: one unit with a path
-- key: unit_id
-- not null: unit_id, step_count, outcome, group_name, is_rest
SELECT
  path_units.unit_id,
  path_units.step_count,
  path_units.outcome,
  group_values.group_name,
  group_values.is_rest
FROM path_units
INNER JOIN first_contacts ON first_contacts.unit_id = path_units.unit_id
INNER JOIN group_values ON group_values.event_id = first_contacts.event_id
