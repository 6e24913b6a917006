WITH first_goals AS (
  SELECT
    event_id,
    MIN(goal) AS goal,
    MIN(stage) AS stage
  FROM event_goals
  GROUP BY
    event_id
)
SELECT
  event_persons.person_id,
  event_accounts.account_id,
  CASE
    WHEN :is_source_session
    THEN events.source_session_id
    ELSE session_events.session_id
  END AS session_id,
  events.event_id,
  events.stream_id,
  events.source_index,
  events.sequence,
  events.occurred_at_us,
  events.event,
  COALESCE(event_touchpoints.touchpoint, first_goals.goal) AS touchpoint,
  CASE
    WHEN NOT event_touchpoints.channel IS NULL
    THEN event_touchpoints.channel
    WHEN :is_channel_inherited
    THEN COALESCE(NULLIF(events.channel, 'Direct'), sessions.channel, events.channel)
    ELSE events.channel
  END AS channel,
  COALESCE(event_touchpoints.stage, first_goals.stage) AS stage,
  events.is_bot,
  events.bot_reason,
  event_persons.known_by,
  session_events.event_index,
  session_events.split_reason,
  session_events.start_reason,
  session_events.visit_index
FROM events
INNER JOIN event_persons
  ON event_persons.event_id = events.event_id
LEFT JOIN event_accounts
  ON event_accounts.event_id = events.event_id
LEFT JOIN session_events
  ON session_events.event_id = events.event_id
LEFT JOIN sessions
  ON sessions.session_id = session_events.session_id
LEFT JOIN event_touchpoints
  ON event_touchpoints.event_id = events.event_id
LEFT JOIN first_goals
  ON first_goals.event_id = events.event_id
