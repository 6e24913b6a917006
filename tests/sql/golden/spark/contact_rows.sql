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
WHERE
  NOT is_event
