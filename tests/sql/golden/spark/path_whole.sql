SELECT
  unit_id,
  person_id,
  event_id,
  source_index,
  sequence,
  occurred_at_us,
  step_name,
  channel,
  stage,
  is_goal,
  is_end
FROM contacts
