SELECT
  numbered_rows.final_id AS event_id,
  numbered_rows.source,
  numbered_rows.source_index,
  TIMESTAMP_MICROS(occurred_at_us) AS occurred_at,
  occurred_at_us,
  TIMESTAMP_MICROS(received_at_us) AS received_at,
  TIMESTAMP_MICROS(loaded_at_us) AS loaded_at,
  sequence,
  device_id,
  device_is_composite,
  user_id,
  account_id,
  COALESCE('d' || CHR(  31) || device_id, 'u' || CHR(  31) || user_id) AS stream_id,
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
  COALESCE(user_agents.is_bot, FALSE) AS is_bot,
  is_interaction,
  local_date,
  properties,
  note,
  file,
  line
FROM numbered_rows
LEFT JOIN channels
  ON channels.traffic_key = COALESCE(numbered_rows.traffic_source, '') || CHR(  31) || COALESCE(numbered_rows.medium, '') || CHR(  31) || COALESCE(numbered_rows.campaign, '') || CHR(  31) || COALESCE(
    REGEXP_EXTRACT(numbered_rows.referrer, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*', 0),
    ''
  ) || CHR(  31) || COALESCE(REGEXP_EXTRACT(numbered_rows.url, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*', 0), '')
LEFT JOIN user_agents
  ON user_agents.user_agent = numbered_rows.user_agent
WHERE
  repeat_index = 1
