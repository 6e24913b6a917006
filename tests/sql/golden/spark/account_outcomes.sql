SELECT
  journey_id,
  person_id AS account_id,
  outcome
FROM journey_outcomes
