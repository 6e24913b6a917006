-- Devices and users as they stand on one row, added up: what most links are made of. '' stands for none.
-- Keys built from several columns are marked, for they never link persons.
-- grain: one device and user (or one of them alone) in one source
-- key: source, device_id, is_composite, user_id
-- not null: source, device_id, is_composite, user_id, first_seen_us, last_seen_us, event_count
-- kind: step
WITH identified AS (
  SELECT
    source,
    COALESCE(device_id, '') AS device_id,
    COALESCE(device_is_composite AND device_id IS NOT NULL, FALSE) AS is_composite,
    COALESCE(user_id, '') AS user_id,
    occurred_at_us
  FROM events
  UNION ALL
  SELECT
    source,
    COALESCE(device_id, '') AS device_id,
    COALESCE(device_is_composite AND device_id IS NOT NULL, FALSE) AS is_composite,
    COALESCE(user_id, '') AS user_id,
    occurred_at_us
  FROM contact_rows
)
SELECT
  source,
  device_id,
  is_composite,
  user_id,
  MIN(occurred_at_us) AS first_seen_us,
  MAX(occurred_at_us) AS last_seen_us,
  COUNT(*) AS event_count
FROM identified
GROUP BY source, device_id, is_composite, user_id
