WITH identified AS (
  SELECT
    event_id,
    source,
    occurred_at_us,
    device_id,
    device_is_composite,
    user_id
  FROM events
  UNION ALL
  SELECT
    event_id,
    source,
    occurred_at_us,
    device_id,
    device_is_composite,
    user_id
  FROM contact_rows
), wanted AS (
  SELECT DISTINCT
    event_id
  FROM row_identifiers
), own AS (
  SELECT
    identified.*
  FROM identified
  INNER JOIN wanted
    ON wanted.event_id = identified.event_id
)
SELECT
  own.event_id,
  own.source,
  own.occurred_at_us,
  row_identifiers.identifier_kind,
  row_identifiers.identifier_value
FROM own
INNER JOIN row_identifiers
  ON row_identifiers.event_id = own.event_id
UNION ALL
SELECT
  event_id,
  source,
  occurred_at_us,
  'user_id' AS identifier_kind,
  user_id AS identifier_value
FROM own
WHERE
  NOT user_id IS NULL
UNION ALL
SELECT
  event_id,
  source,
  occurred_at_us,
  'device_id' AS identifier_kind,
  device_id AS identifier_value
FROM own
WHERE
  NOT device_id IS NULL AND NOT COALESCE(device_is_composite, FALSE)
