WITH judged AS (
  SELECT
    usable_rows.*,
    channels.channel,
    COALESCE(visit_bots.bot_reason, CASE WHEN is_bot_agent THEN 'user agent' END) AS bot_reason
  FROM usable_rows
  LEFT JOIN channels
    ON channels.traffic_key = COALESCE(usable_rows.traffic_source, '') || CHR(  31) || COALESCE(usable_rows.medium, '') || CHR(  31) || COALESCE(usable_rows.campaign, '') || CHR(  31) || COALESCE(REGEXP_EXTRACT(usable_rows.referrer, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*', 0), '') || CHR(  31) || COALESCE(REGEXP_EXTRACT(usable_rows.url, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*', 0), '')
  LEFT JOIN visit_events
    ON visit_events.event_id = usable_rows.event_id
  LEFT JOIN visit_bots
    ON visit_bots.stream_id = visit_events.stream_id
    AND visit_bots.visit_index = visit_events.visit_index
  WHERE
    usable_rows.is_event
)
SELECT
  event_id,
  source,
  source_index,
  occurred_at,
  occurred_at_us,
  received_at,
  loaded_at,
  sequence,
  device_id,
  device_is_composite,
  user_id,
  known_kind,
  known_value,
  account_id,
  stream_id,
  source_session_id,
  event,
  channel,
  traffic_source,
  medium,
  campaign,
  url,
  referrer,
  user_agent,
  value_amount,
  currency,
  NOT bot_reason IS NULL AS is_bot,
  bot_reason,
  is_interaction,
  local_date,
  properties,
  note,
  file,
  line
FROM judged
