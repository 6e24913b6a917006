WITH goals AS (
  SELECT DISTINCT
    event_id
  FROM event_goals
)
SELECT
  person_events.person_id,
  person_events.event,
  NOT event_addresses.address IS NULL AS has_address,
  COALESCE(event_addresses.address, '') AS address,
  NOT goals.event_id IS NULL AS is_goal,
  COUNT(*) AS event_count,
  MIN(person_events.occurred_at_us) AS first_us,
  MAX(person_events.occurred_at_us) AS last_us
FROM person_events
LEFT JOIN event_addresses
  ON event_addresses.event_id = person_events.event_id
LEFT JOIN event_touchpoints
  ON event_touchpoints.event_id = person_events.event_id
LEFT JOIN goals
  ON goals.event_id = person_events.event_id
WHERE
  NOT person_events.is_bot
  AND person_events.occurred_at_us <= :as_of_us
  AND (
    event_touchpoints.event_id IS NULL OR NOT :has_rules
  )
GROUP BY
  person_events.person_id,
  person_events.event,
  NOT event_addresses.address IS NULL,
  COALESCE(event_addresses.address, ''),
  NOT goals.event_id IS NULL
