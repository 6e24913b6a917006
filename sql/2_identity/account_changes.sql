-- From when on a person was last seen with which account; of several seen at one time the smallest account_id counts.
-- grain: one change of a person's account
-- key: person_id, since_us
-- not null: person_id, since_us, change_index, account_id
-- check: change_index >= 1
WITH seen AS (
  SELECT
    person_id,
    occurred_at_us AS since_us,
    MIN(account_id) AS account_id
  FROM account_sightings
  GROUP BY person_id, occurred_at_us
),
compared AS (
  SELECT
    person_id,
    since_us,
    account_id,
    LAG(account_id) OVER (PARTITION BY person_id ORDER BY since_us) AS previous_id
  FROM seen
)
SELECT
  person_id,
  since_us,
  ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY since_us) AS change_index,
  account_id
FROM compared
WHERE previous_id IS NULL OR previous_id <> account_id
