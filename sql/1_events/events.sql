-- The events: every accepted one once, in the columns all later stages read. A bot is judged by its whole visit.
-- grain: one event
-- key: event_id
-- not null: event_id, source, source_index, occurred_at, occurred_at_us, event, is_bot, is_interaction, stream_id
-- check: device_id IS NOT NULL OR known_value IS NOT NULL
-- check: is_bot = (bot_reason IS NOT NULL)
SELECT
  accepted_rows.event_id,
  accepted_rows.source,
  accepted_rows.source_index,
  accepted_rows.occurred_at,
  accepted_rows.occurred_at_us,
  accepted_rows.received_at,
  accepted_rows.loaded_at,
  accepted_rows.sequence,
  accepted_rows.device_id,
  accepted_rows.device_is_composite,
  accepted_rows.user_id,
  accepted_rows.known_kind,
  accepted_rows.known_value,
  accepted_rows.account_id,
  accepted_rows.stream_id,
  accepted_rows.source_session_id,
  accepted_rows.event,
  accepted_rows.channel,
  accepted_rows.traffic_source,
  accepted_rows.medium,
  accepted_rows.campaign,
  accepted_rows.url,
  accepted_rows.referrer,
  accepted_rows.user_agent,
  accepted_rows.value_amount,
  accepted_rows.currency,
  event_bots.bot_reason IS NOT NULL AS is_bot,
  event_bots.bot_reason,
  accepted_rows.is_interaction,
  accepted_rows.local_date,
  accepted_rows.properties,
  accepted_rows.note,
  accepted_rows.file,
  accepted_rows.line
FROM accepted_rows
LEFT JOIN event_bots ON event_bots.event_id = accepted_rows.event_id
WHERE accepted_rows.is_event
