SELECT
  event_persons.person_id,
  NOT MAX(events.user_id) IS NULL AS is_known,
  MIN(events.is_bot) AS is_bot,
  MIN(events.occurred_at_us) AS first_seen_us,
  MAX(events.occurred_at_us) AS last_seen_us,
  COUNT(*) AS event_count
FROM events
INNER JOIN event_persons
  ON event_persons.event_id = events.event_id
GROUP BY
  event_persons.person_id
