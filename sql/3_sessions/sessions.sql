-- Sessions: one person's unbroken activity on one device.
-- The channel is the first one other than 'Direct' that an event of the session carries.
-- is_bot and bot_reason are those of the device visit the session is part of.
-- grain: one session
-- key: session_id
-- not null: session_id, stream_id, person_id, started_at, ended_at, started_at_us, ended_at_us, event_count, duration_seconds, split_reason, is_bot
-- check: ended_at_us >= started_at_us
-- check: event_count >= 1
WITH ranked AS (
  SELECT
    session_events.session_id,
    session_events.person_id,
    session_events.split_reason,
    session_events.event_index,
    events.occurred_at_us,
    events.occurred_at,
    events.stream_id,
    events.device_id,
    events.is_bot,
    events.bot_reason,
    events.channel,
    CASE WHEN events.channel <> 'Direct' THEN session_events.event_index END AS channel_index
  FROM session_events
  INNER JOIN events ON events.event_id = session_events.event_id
)
SELECT
  session_id,
  MIN(stream_id) AS stream_id,
  MIN(person_id) AS person_id,
  MIN(device_id) AS device_id,
  MIN(occurred_at) AS started_at,
  MAX(occurred_at) AS ended_at,
  MIN(occurred_at_us) AS started_at_us,
  MAX(occurred_at_us) AS ended_at_us,
  COUNT(*) AS event_count,
  CAST(MAX(occurred_at_us) - MIN(occurred_at_us) AS DOUBLE) / 1000000 AS duration_seconds,
  MIN(split_reason) AS split_reason,
  COALESCE(ARG_MIN(channel, channel_index), MIN(channel)) AS channel,
  MAX(is_bot) AS is_bot,
  MIN(bot_reason) AS bot_reason
FROM ranked
GROUP BY session_id
