-- What `path_cut` is when no start and no end is named and no contact is a goal or an end: the contacts as they are.
-- grain: one contact on a path
-- key: event_id
-- not null: unit_id, person_id, event_id, occurred_at_us, step_name, is_goal, is_end
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
