-- Journeys of accounts: the rule of journeys over the contacts of all persons of an account as one stream.
-- It is built where `touchpoints` and `journeys` name the account in the place of the person.
-- contact_count: different persons with a contact in the journey.
-- grain: one journey of an account
-- key: journey_id
-- not null: account_id, journey_id, journey_index, started_at_us, ended_at_us, inactive_at_us, step_count, contact_count
-- check: ended_at_us >= started_at_us
-- check: contact_count >= 1 AND contact_count <= step_count
WITH contacts AS (
  SELECT
    touchpoints.journey_id,
    COUNT(DISTINCT event_persons.person_id) AS contact_count
  FROM touchpoints
  INNER JOIN event_persons ON event_persons.event_id = touchpoints.event_id
  GROUP BY touchpoints.journey_id
)
SELECT
  journeys.person_id AS account_id,
  journeys.journey_id,
  journeys.journey_index,
  journeys.started_at,
  journeys.ended_at,
  journeys.converted_at,
  journeys.started_at_us,
  journeys.ended_at_us,
  journeys.converted_at_us,
  journeys.inactive_at_us,
  journeys.step_count,
  contacts.contact_count,
  journeys.value_amount
FROM journeys
INNER JOIN contacts ON contacts.journey_id = journeys.journey_id
