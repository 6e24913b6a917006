-- Every usable row once, with all that is known of it alone: the events, and the rows of address books.
-- The channel is read from the row's own campaign parameters or referrer; 'Direct' means that it carries neither.
-- known_kind and known_value are its strongest identifier that is no device.
-- grain: one accepted row
-- key: event_id
-- not null: event_id, source, source_index, occurred_at, occurred_at_us, is_event, is_interaction, is_bot_agent, stream_id, file, reading, line
-- check: device_id IS NOT NULL OR known_value IS NOT NULL
SELECT
  numbered_rows.final_id AS event_id,
  numbered_rows.source,
  numbered_rows.source_index,
  MAKE_TIMESTAMP(occurred_at_us) AS occurred_at,
  occurred_at_us,
  MAKE_TIMESTAMP(received_at_us) AS received_at,
  MAKE_TIMESTAMP(loaded_at_us) AS loaded_at,
  sequence,
  usable_device_id AS device_id,
  device_is_composite,
  usable_user_id AS user_id,
  known_kind,
  known_value,
  usable_account_id AS account_id,
  CASE
    WHEN usable_device_id IS NOT NULL THEN 'd' || CHR(31) || usable_device_id
    WHEN usable_user_id IS NOT NULL THEN 'u' || CHR(31) || usable_user_id
    ELSE 'i' || CHR(31) || known_kind || CHR(31) || known_value
  END AS stream_id,
  source_session_id,
  event,
  channels.channel,
  numbered_rows.traffic_source,
  numbered_rows.medium,
  numbered_rows.campaign,
  numbered_rows.url,
  numbered_rows.referrer,
  numbered_rows.user_agent,
  value_amount,
  currency,
  COALESCE(user_agents.is_bot, FALSE) AS is_bot_agent,
  is_event,
  is_interaction,
  local_date,
  properties,
  NULLIF(
    CONCAT_WS(
      '; ',
      note,
      CASE WHEN numbered_rows.device_id IS NOT NULL AND usable_device_id IS NULL THEN 'blocked device_id' END,
      CASE WHEN numbered_rows.user_id IS NOT NULL AND usable_user_id IS NULL THEN 'blocked user_id' END,
      CASE WHEN numbered_rows.account_id IS NOT NULL AND usable_account_id IS NULL THEN 'blocked account_id' END
    ),
    ''
  ) AS note,
  file,
  reading,
  line
FROM numbered_rows
LEFT JOIN user_agents ON user_agents.user_agent = numbered_rows.user_agent
LEFT JOIN channels
  ON channels.traffic_key = COALESCE(numbered_rows.traffic_source, '')
    || CHR(31) || COALESCE(numbered_rows.medium, '')
    || CHR(31) || COALESCE(numbered_rows.campaign, '')
    || CHR(31) || COALESCE(REGEXP_EXTRACT(numbered_rows.referrer, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*', 0), '')
    || CHR(31) || COALESCE(REGEXP_EXTRACT(numbered_rows.url, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*', 0), '')
WHERE repeat_index = 1
