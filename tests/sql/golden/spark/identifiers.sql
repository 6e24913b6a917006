WITH seen AS (
  SELECT
    'device_id' AS identifier_kind,
    device_id AS identifier_value,
    occurred_at_us
  FROM events
  UNION ALL
  SELECT
    'user_id' AS identifier_kind,
    user_id AS identifier_value,
    occurred_at_us
  FROM events
)
SELECT
  identifier_kind,
  identifier_value,
  MIN(occurred_at_us) AS first_seen_us,
  MAX(occurred_at_us) AS last_seen_us,
  COUNT(*) AS event_count
FROM seen
WHERE
  NOT identifier_value IS NULL
GROUP BY
  identifier_kind,
  identifier_value
