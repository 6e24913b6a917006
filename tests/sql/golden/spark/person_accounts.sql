SELECT
  event_persons.person_id,
  events.account_id,
  MIN(events.occurred_at_us) AS first_seen_us,
  MAX(events.occurred_at_us) AS last_seen_us
FROM events
INNER JOIN event_persons
  ON event_persons.event_id = events.event_id
WHERE
  NOT events.account_id IS NULL
GROUP BY
  event_persons.person_id,
  events.account_id
