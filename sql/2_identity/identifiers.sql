-- Every identifier seen in events and address books, and those that an override names.
-- grain: one identifier
-- key: identifier_kind, identifier_value
-- not null: identifier_kind, identifier_value, strength, is_composite, event_count
-- check: first_seen_us <= last_seen_us OR event_count = 0
WITH seen AS (
  SELECT 'device_id' AS identifier_kind, device_id AS identifier_value, is_composite, first_seen_us, last_seen_us,
    event_count
  FROM seen_together WHERE device_id <> ''
  UNION ALL
  SELECT 'user_id' AS identifier_kind, user_id AS identifier_value, FALSE AS is_composite, first_seen_us, last_seen_us,
    event_count
  FROM seen_together WHERE user_id <> ''
  UNION ALL
  SELECT identifier_kind, identifier_value, FALSE AS is_composite, occurred_at_us AS first_seen_us,
    occurred_at_us AS last_seen_us, 1 AS event_count
  FROM further_identifiers WHERE identifier_kind <> 'device_id' AND identifier_kind <> 'user_id'
  UNION ALL
  SELECT a_kind AS identifier_kind, a_value AS identifier_value, FALSE AS is_composite,
    CAST(NULL AS BIGINT) AS first_seen_us, CAST(NULL AS BIGINT) AS last_seen_us, 0 AS event_count
  FROM override_links
  UNION ALL
  SELECT b_kind AS identifier_kind, b_value AS identifier_value, FALSE AS is_composite,
    CAST(NULL AS BIGINT) AS first_seen_us, CAST(NULL AS BIGINT) AS last_seen_us, 0 AS event_count
  FROM override_links
),
counted AS (
  SELECT
    identifier_kind,
    identifier_value,
    MIN(is_composite) AS is_composite,
    MIN(first_seen_us) AS first_seen_us,
    MAX(last_seen_us) AS last_seen_us,
    CAST(SUM(event_count) AS BIGINT) AS event_count
  FROM seen
  GROUP BY identifier_kind, identifier_value
)
SELECT
  counted.identifier_kind,
  counted.identifier_value,
  identifier_kinds.strength,
  counted.is_composite,
  counted.first_seen_us,
  counted.last_seen_us,
  counted.event_count
FROM counted
INNER JOIN identifier_kinds ON identifier_kinds.identifier_kind = counted.identifier_kind
