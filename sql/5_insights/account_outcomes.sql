-- How each journey of an account stood at the end of observation: converted, lost or still open.
-- It is built where `journey_outcomes` names the account in the place of the person.
-- grain: one journey of an account
-- key: journey_id
-- not null: journey_id, account_id, outcome
-- check: outcome IN ('converted', 'lost', 'open')
SELECT
  journey_id,
  person_id AS account_id,
  outcome
FROM journey_outcomes
