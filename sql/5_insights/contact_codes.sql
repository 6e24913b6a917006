-- The contacts as numbers, for counting that SQL cannot do: place in the unit's sequence, step and time.
-- `step_codes` numbers the names of the steps.
-- grain: one contact
-- key: event_id
-- not null: unit_id, event_id, step_index, step_code, occurred_at_us, is_start, is_goal, is_end
-- check: step_index >= 1
SELECT
  contacts.unit_id,
  contacts.event_id,
  ROW_NUMBER() OVER (
    PARTITION BY contacts.unit_id
    ORDER BY contacts.occurred_at_us, contacts.source_index, contacts.sequence NULLS LAST, contacts.event_id
  ) AS step_index,
  step_codes.step_code,
  contacts.occurred_at_us,
  contacts.is_start,
  contacts.is_goal,
  contacts.is_end
FROM contacts
INNER JOIN step_codes ON step_codes.step_name = contacts.step_name
