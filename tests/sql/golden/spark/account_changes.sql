WITH seen AS (
  SELECT
    person_id,
    occurred_at_us AS since_us,
    MIN(account_id) AS account_id
  FROM account_sightings
  GROUP BY
    person_id,
    occurred_at_us
), compared AS (
  SELECT
    person_id,
    since_us,
    account_id,
    LAG(account_id) OVER (PARTITION BY person_id ORDER BY since_us NULLS LAST) AS previous_id
  FROM seen
)
SELECT
  person_id,
  since_us,
  ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY since_us NULLS LAST) AS change_index,
  account_id
FROM compared
WHERE
  previous_id IS NULL OR previous_id <> account_id
