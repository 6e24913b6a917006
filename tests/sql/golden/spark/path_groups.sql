SELECT
  path_units.unit_id,
  path_units.step_count,
  path_units.outcome,
  group_values.group_name,
  group_values.is_rest
FROM path_units
INNER JOIN first_contacts
  ON first_contacts.unit_id = path_units.unit_id
INNER JOIN group_values
  ON group_values.event_id = first_contacts.event_id
