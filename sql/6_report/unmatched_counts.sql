-- How many events of each source, loaded since $loaded_since and bots apart, no touchpoint rule and no goal matches.
-- grain: one source
-- key: source
-- not null: source, event_count, unmatched_count
-- check: unmatched_count <= event_count
-- parameter: loaded_since TIMESTAMP events loaded earlier are left out
SELECT
  events.source,
  COUNT(*) AS event_count,
  COUNT(CASE WHEN person_events.touchpoint IS NULL THEN 1 END) AS unmatched_count
FROM events
INNER JOIN person_events ON person_events.event_id = events.event_id
WHERE events.loaded_at >= $loaded_since AND NOT events.is_bot
GROUP BY events.source
