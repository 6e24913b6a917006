SELECT
  contacts.unit_id,
  contacts.event_id,
  ROW_NUMBER() OVER (
    PARTITION BY contacts.unit_id
    ORDER BY contacts.occurred_at_us NULLS LAST, contacts.source_index NULLS LAST, contacts.sequence NULLS LAST, contacts.event_id NULLS LAST
  ) AS step_index,
  step_codes.step_code,
  contacts.occurred_at_us,
  contacts.is_start,
  contacts.is_goal,
  contacts.is_end
FROM contacts
INNER JOIN step_codes
  ON step_codes.step_name = contacts.step_name
