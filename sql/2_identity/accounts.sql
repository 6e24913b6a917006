-- The companies that persons act for. An account that no source names has the origin 'domain'.
-- event_count: the events that count for it (see event_accounts); first and last seen: when somebody was seen with it.
-- grain: one account
-- key: account_id
-- not null: account_id, first_seen_us, last_seen_us, event_count, person_count, origin
-- check: person_count >= 1
-- check: origin IN ('source', 'domain')
SELECT
  account_id,
  MIN(first_seen_us) AS first_seen_us,
  MAX(last_seen_us) AS last_seen_us,
  CAST(SUM(event_count) AS BIGINT) AS event_count,
  COUNT(*) AS person_count,
  CASE WHEN COUNT(CASE WHEN origin = 'source' THEN 1 END) > 0 THEN 'source' ELSE 'domain' END AS origin
FROM person_accounts
GROUP BY account_id
