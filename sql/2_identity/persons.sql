-- The persons behind the events. Robots are kept and marked: is_bot is true when every event of the person is a bot's.
-- grain: one person
-- key: person_id
-- not null: person_id, first_seen_us, last_seen_us, event_count, is_known, is_bot
SELECT
  event_persons.person_id,
  MAX(events.user_id) IS NOT NULL AS is_known,
  MIN(events.is_bot) AS is_bot,
  MIN(events.occurred_at_us) AS first_seen_us,
  MAX(events.occurred_at_us) AS last_seen_us,
  COUNT(*) AS event_count
FROM events
INNER JOIN event_persons ON event_persons.event_id = events.event_id
GROUP BY event_persons.person_id
