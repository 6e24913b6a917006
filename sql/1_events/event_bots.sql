-- The events of bots: those of a bot's visit, and those in no visit that come from a browser that calls itself a bot.
-- grain: one event of a bot
-- key: event_id
-- not null: event_id, stream_id, bot_reason
SELECT
  accepted_rows.event_id,
  accepted_rows.stream_id,
  COALESCE(visit_bots.bot_reason, 'user agent') AS bot_reason
FROM accepted_rows
LEFT JOIN visit_events ON visit_events.event_id = accepted_rows.event_id
LEFT JOIN visit_bots
  ON visit_bots.stream_id = visit_events.stream_id AND visit_bots.visit_index = visit_events.visit_index
WHERE accepted_rows.is_event AND (accepted_rows.is_bot_agent OR visit_bots.bot_reason IS NOT NULL)
