-- Which persons acted for which company, and when they were seen with it; a person can have several.
-- event_count: the person's events that count for this account (see event_accounts).
-- grain: one person at one account
-- key: person_id, account_id
-- not null: person_id, account_id, origin, first_seen_us, last_seen_us, event_count
-- check: first_seen_us <= last_seen_us
WITH seen AS (
  SELECT
    person_id,
    account_id,
    MIN(origin) AS origin,
    MIN(occurred_at_us) AS first_seen_us,
    MAX(occurred_at_us) AS last_seen_us
  FROM account_sightings
  GROUP BY person_id, account_id
),
counted AS (
  SELECT
    person_id,
    account_id,
    COUNT(*) AS event_count
  FROM event_accounts
  GROUP BY person_id, account_id
)
SELECT
  seen.person_id,
  seen.account_id,
  seen.origin,
  seen.first_seen_us,
  seen.last_seen_us,
  COALESCE(counted.event_count, 0) AS event_count
FROM seen
LEFT JOIN counted ON counted.person_id = seen.person_id AND counted.account_id = seen.account_id
