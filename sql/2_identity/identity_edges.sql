-- The evidence that two identifiers are one person's: they stood on one row of a source, or somebody said so.
-- Merges are never stored; persons are worked out from these rows each time.
-- grain: two identifiers in one source, by one rule
-- key: a_kind, a_value, b_kind, b_value, source, rule
-- not null: a_kind, a_value, b_kind, b_value, source, rule, event_count
-- check: a_kind < b_kind OR (a_kind = b_kind AND a_value < b_value)
WITH pairs AS (
  SELECT
    'device_id' AS a_kind,
    device_id AS a_value,
    'user_id' AS b_kind,
    user_id AS b_value,
    source,
    first_seen_us,
    last_seen_us,
    event_count
  FROM seen_together
  WHERE device_id <> '' AND user_id <> '' AND NOT is_composite
  UNION ALL
  SELECT
    a.identifier_kind AS a_kind,
    a.identifier_value AS a_value,
    b.identifier_kind AS b_kind,
    b.identifier_value AS b_value,
    a.source,
    a.occurred_at_us AS first_seen_us,
    a.occurred_at_us AS last_seen_us,
    1 AS event_count
  FROM further_identifiers AS a
  INNER JOIN further_identifiers AS b
    ON b.event_id = a.event_id AND b.identifier_kind > a.identifier_kind
  WHERE NOT (a.identifier_kind = 'device_id' AND b.identifier_kind = 'user_id')
)
SELECT
  a_kind,
  a_value,
  b_kind,
  b_value,
  source,
  'same_row' AS rule,
  MIN(first_seen_us) AS first_seen_us,
  MAX(last_seen_us) AS last_seen_us,
  CAST(SUM(event_count) AS BIGINT) AS event_count
FROM pairs
GROUP BY a_kind, a_value, b_kind, b_value, source
UNION ALL
SELECT DISTINCT
  a_kind,
  a_value,
  b_kind,
  b_value,
  'override' AS source,
  'must_link' AS rule,
  CAST(NULL AS BIGINT) AS first_seen_us,
  CAST(NULL AS BIGINT) AS last_seen_us,
  0 AS event_count
FROM override_links
WHERE link = 'must'
