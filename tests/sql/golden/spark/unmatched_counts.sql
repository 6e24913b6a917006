SELECT
  events.source,
  COUNT(*) AS event_count,
  COUNT(CASE WHEN person_events.touchpoint IS NULL THEN 1 END) AS unmatched_count
FROM events
INNER JOIN person_events
  ON person_events.event_id = events.event_id
WHERE
  events.loaded_at >= :loaded_since AND NOT events.is_bot
GROUP BY
  events.source
