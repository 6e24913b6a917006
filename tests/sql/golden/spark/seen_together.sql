WITH identified AS (
  SELECT
    source,
    COALESCE(device_id, '') AS device_id,
    COALESCE(device_is_composite AND NOT device_id IS NULL, FALSE) AS is_composite,
    COALESCE(user_id, '') AS user_id,
    occurred_at_us
  FROM events
  UNION ALL
  SELECT
    source,
    COALESCE(device_id, '') AS device_id,
    COALESCE(device_is_composite AND NOT device_id IS NULL, FALSE) AS is_composite,
    COALESCE(user_id, '') AS user_id,
    occurred_at_us
  FROM contact_rows
)
SELECT
  source,
  device_id,
  is_composite,
  user_id,
  MIN(occurred_at_us) AS first_seen_us,
  MAX(occurred_at_us) AS last_seen_us,
  COUNT(*) AS event_count
FROM identified
GROUP BY
  source,
  device_id,
  is_composite,
  user_id
