-- Who did what where, of the events that no touchpoint rule takes: persons by event and address. Robots are left out.
-- An event that meets a goal is a contact of the goal's name; it is told apart, so that no new rule takes it.
-- `event_addresses` says at which address each event happened; without one it is '' here and has_address is false.
-- grain: one person with one event at one address
-- key: person_id, event, has_address, address, is_goal
-- not null: person_id, event, has_address, address, is_goal, event_count, first_us, last_us
-- check: last_us >= first_us AND event_count >= 1
-- parameter: has_rules BOOLEAN touchpoint rules were applied; else every event counts
-- parameter: as_of_us BIGINT later events are not counted
WITH goals AS (
  SELECT DISTINCT event_id FROM event_goals
)
SELECT
  person_events.person_id,
  person_events.event,
  event_addresses.address IS NOT NULL AS has_address,
  COALESCE(event_addresses.address, '') AS address,
  goals.event_id IS NOT NULL AS is_goal,
  COUNT(*) AS event_count,
  MIN(person_events.occurred_at_us) AS first_us,
  MAX(person_events.occurred_at_us) AS last_us
FROM person_events
LEFT JOIN event_addresses ON event_addresses.event_id = person_events.event_id
LEFT JOIN event_touchpoints ON event_touchpoints.event_id = person_events.event_id
LEFT JOIN goals ON goals.event_id = person_events.event_id
WHERE NOT person_events.is_bot
  AND person_events.occurred_at_us <= $as_of_us
  AND (event_touchpoints.event_id IS NULL OR NOT $has_rules)
GROUP BY person_events.person_id, person_events.event, event_addresses.address IS NOT NULL,
  COALESCE(event_addresses.address, ''), goals.event_id IS NOT NULL
