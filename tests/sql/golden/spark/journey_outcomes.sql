SELECT
  journey_id,
  person_id,
  CASE
    WHEN NOT converted_at_us IS NULL
    THEN 'converted'
    WHEN inactive_at_us <= :as_of_us
    THEN 'lost'
    ELSE 'open'
  END AS outcome
FROM journeys
