SELECT
  account_id,
  MIN(occurred_at_us) AS first_seen_us,
  MAX(occurred_at_us) AS last_seen_us,
  COUNT(*) AS event_count
FROM events
WHERE
  NOT account_id IS NULL
GROUP BY
  account_id
