-- Every accepted row in the few columns that visits, bots and persons are worked out from.
-- grain: one accepted row
-- key: event_id
-- not null: event_id, source, source_index, occurred_at_us, is_event, is_interaction, is_bot_agent, stream_id, file, line
-- check: device_id IS NOT NULL OR known_value IS NOT NULL
SELECT
  event_id,
  source,
  source_index,
  occurred_at_us,
  sequence,
  device_id,
  device_is_composite,
  user_id,
  known_kind,
  known_value,
  account_id,
  stream_id,
  source_session_id,
  campaign,
  url,
  local_date,
  is_event,
  is_interaction,
  is_bot_agent,
  note,
  file,
  line
FROM usable_rows
