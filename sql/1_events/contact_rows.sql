-- The rows of address books: they say who is who and who works where, and are no events.
-- grain: one row of an address book
-- key: event_id
-- not null: event_id, source, source_index, occurred_at_us
-- check: device_id IS NOT NULL OR known_value IS NOT NULL
SELECT
  event_id,
  source,
  source_index,
  sequence,
  occurred_at_us,
  device_id,
  device_is_composite,
  user_id,
  known_kind,
  known_value,
  account_id,
  note
FROM accepted_rows
WHERE NOT is_event
