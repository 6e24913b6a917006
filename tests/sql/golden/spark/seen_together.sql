WITH identified AS (
  SELECT
    source,
    device_id,
    COALESCE(device_is_composite, FALSE) AS is_composite,
    user_id,
    occurred_at_us
  FROM events
  UNION ALL
  SELECT
    source,
    device_id,
    COALESCE(device_is_composite, FALSE) AS is_composite,
    user_id,
    occurred_at_us
  FROM contact_rows
)
SELECT
  source,
  device_id,
  is_composite AND NOT device_id IS NULL AS is_composite,
  user_id,
  MIN(occurred_at_us) AS first_seen_us,
  MAX(occurred_at_us) AS last_seen_us,
  COUNT(*) AS event_count
FROM identified
WHERE
  NOT device_id IS NULL OR NOT user_id IS NULL
GROUP BY
  source,
  device_id,
  is_composite AND NOT device_id IS NULL,
  user_id
