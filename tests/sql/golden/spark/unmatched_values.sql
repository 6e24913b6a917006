SELECT
  event,
  has_address,
  address,
  is_goal,
  CAST(SUM(event_count) AS BIGINT) AS event_count,
  MIN(first_us) AS first_us,
  MAX(last_us) AS last_us
FROM unmatched_seen
GROUP BY
  event,
  has_address,
  address,
  is_goal
