WITH given AS (
  SELECT
    source,
    'device_id' AS identifier_kind,
    device_id AS given_value
  FROM landed_rows
  WHERE
    NOT device_is_composite
  UNION ALL
  SELECT
    source,
    'user_id' AS identifier_kind,
    user_id AS given_value
  FROM landed_rows
  UNION ALL
  SELECT
    source,
    'account_id' AS identifier_kind,
    account_id AS given_value
  FROM landed_rows
  UNION ALL
  SELECT
    source,
    identifier_kind,
    given_value
  FROM given_identifiers
)
SELECT
  given.identifier_kind,
  given.given_value,
  given.source,
  identifier_repairs.reason,
  COUNT(*) AS row_count
FROM given
INNER JOIN identifier_repairs
  ON identifier_repairs.identifier_kind = given.identifier_kind
  AND identifier_repairs.given_value = given.given_value
WHERE
  identifier_repairs.identifier_value IS NULL
GROUP BY
  given.identifier_kind,
  given.given_value,
  given.source,
  identifier_repairs.reason
