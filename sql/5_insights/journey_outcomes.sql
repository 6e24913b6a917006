-- How each journey stood at $as_of_us: converted, lost or still open.
-- grain: one journey
-- key: journey_id
-- not null: journey_id, person_id, outcome
-- parameter: as_of_us BIGINT the moment asked about
SELECT
  journey_id,
  person_id,
  CASE
    WHEN converted_at_us IS NOT NULL THEN 'converted'
    WHEN inactive_at_us <= $as_of_us THEN 'lost'
    ELSE 'open'
  END AS outcome
FROM journeys
