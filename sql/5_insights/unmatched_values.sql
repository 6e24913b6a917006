-- The different events and addresses that no touchpoint rule takes.
-- grain: one event at one address
-- key: event, has_address, address, is_goal
-- not null: event, has_address, address, is_goal, event_count, first_us, last_us
SELECT
  event,
  has_address,
  address,
  is_goal,
  CAST(SUM(event_count) AS BIGINT) AS event_count,
  MIN(first_us) AS first_us,
  MAX(last_us) AS last_us
FROM unmatched_seen
GROUP BY event, has_address, address, is_goal
