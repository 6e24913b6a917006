-- The companies that persons act for.
-- grain: one account
-- key: account_id
-- not null: account_id, first_seen_us, last_seen_us, event_count
SELECT
  account_id,
  MIN(occurred_at_us) AS first_seen_us,
  MAX(occurred_at_us) AS last_seen_us,
  COUNT(*) AS event_count
FROM events
WHERE account_id IS NOT NULL
GROUP BY account_id
