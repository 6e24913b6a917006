-- The rows of sources that name the account of their person: events, and address books.
-- grain: one row that names an account
-- key: event_id
-- not null: event_id, person_id, account_id, occurred_at_us
SELECT
  events.event_id,
  event_persons.person_id,
  events.account_id,
  events.occurred_at_us
FROM events
INNER JOIN event_persons ON event_persons.event_id = events.event_id
WHERE events.account_id IS NOT NULL
UNION ALL
SELECT
  contact_rows.event_id,
  person_identifiers.person_id,
  contact_rows.account_id,
  contact_rows.occurred_at_us
FROM contact_rows
INNER JOIN person_identifiers
  ON person_identifiers.identifier_kind = COALESCE(contact_rows.known_kind, 'device_id')
  AND person_identifiers.identifier_value = COALESCE(contact_rows.known_value, contact_rows.device_id)
WHERE contact_rows.account_id IS NOT NULL
