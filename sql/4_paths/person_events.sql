-- The one stream all answers are counted from: every event with its person, session and, where it is a contact, its touchpoint.
-- A contact is an event that matches a touchpoint rule or a goal; a goal without a rule is a touchpoint of its own name.
-- The channel is the rule's, else the event's, else the session's. The account is the one the event counts for.
-- grain: one event
-- key: event_id
-- not null: person_id, event_id, stream_id, known_by, source_index, occurred_at_us, event, is_bot
-- parameter: is_channel_inherited BOOLEAN an event without campaign or referrer has the channel of its session
-- parameter: is_source_session BOOLEAN the session is the source's own, not the one cut here
WITH first_goals AS (
  SELECT
    event_id,
    MIN(goal) AS goal,
    MIN(stage) AS stage
  FROM event_goals
  GROUP BY event_id
)
SELECT
  event_persons.person_id,
  event_accounts.account_id,
  CASE WHEN $is_source_session THEN events.source_session_id ELSE session_events.session_id END AS session_id,
  events.event_id,
  events.stream_id,
  events.source_index,
  events.sequence,
  events.occurred_at_us,
  events.event,
  COALESCE(event_touchpoints.touchpoint, first_goals.goal) AS touchpoint,
  CASE
    WHEN event_touchpoints.channel IS NOT NULL THEN event_touchpoints.channel
    WHEN $is_channel_inherited THEN COALESCE(NULLIF(events.channel, 'Direct'), sessions.channel, events.channel)
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
INNER JOIN event_persons ON event_persons.event_id = events.event_id
LEFT JOIN event_accounts ON event_accounts.event_id = events.event_id
LEFT JOIN session_events ON session_events.event_id = events.event_id
LEFT JOIN sessions ON sessions.session_id = session_events.session_id
LEFT JOIN event_touchpoints ON event_touchpoints.event_id = events.event_id
LEFT JOIN first_goals ON first_goals.event_id = events.event_id
