SELECT
  account_id,
  MIN(first_seen_us) AS first_seen_us,
  MAX(last_seen_us) AS last_seen_us,
  CAST(SUM(event_count) AS BIGINT) AS event_count,
  COUNT(*) AS person_count,
  CASE
    WHEN COUNT(CASE WHEN origin = 'source' THEN 1 END) > 0
    THEN 'source'
    ELSE 'domain'
  END AS origin
FROM person_accounts
GROUP BY
  account_id
