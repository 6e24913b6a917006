-- The persons behind the events. is_known: something more than a device or cookie names the person.
-- Robots are kept and marked: is_bot is true when every event of the person is a bot's.
-- grain: one person with an event
-- key: person_id
-- not null: person_id, first_seen_us, last_seen_us, event_count, identifier_count, is_known, is_bot
WITH named AS (
  SELECT
    person_identifiers.person_id,
    COUNT(*) AS identifier_count,
    MAX(identifiers.strength) > 1 AS is_known
  FROM person_identifiers
  INNER JOIN identifiers
    ON identifiers.identifier_kind = person_identifiers.identifier_kind
    AND identifiers.identifier_value = person_identifiers.identifier_value
  GROUP BY person_identifiers.person_id
),
counted AS (
  SELECT
    event_persons.person_id,
    MIN(events.is_bot) AS is_bot,
    MIN(events.occurred_at_us) AS first_seen_us,
    MAX(events.occurred_at_us) AS last_seen_us,
    COUNT(*) AS event_count
  FROM events
  INNER JOIN event_persons ON event_persons.event_id = events.event_id
  GROUP BY event_persons.person_id
)
SELECT
  counted.person_id,
  named.is_known,
  counted.is_bot,
  counted.first_seen_us,
  counted.last_seen_us,
  counted.event_count,
  named.identifier_count
FROM counted
INNER JOIN named ON named.person_id = counted.person_id
