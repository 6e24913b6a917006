-- Which persons acted for which company, and when.
-- grain: one person at one account
-- key: person_id, account_id
-- not null: person_id, account_id, first_seen_us, last_seen_us
SELECT
  event_persons.person_id,
  events.account_id,
  MIN(events.occurred_at_us) AS first_seen_us,
  MAX(events.occurred_at_us) AS last_seen_us
FROM events
INNER JOIN event_persons ON event_persons.event_id = events.event_id
WHERE events.account_id IS NOT NULL
GROUP BY event_persons.person_id, events.account_id
