-- Devices and users as they stand on one row, added up: what most links are made of.
-- Keys built from several columns stand alone, for they never link persons.
-- grain: one device and user (or one of them alone) in one source
-- not null: source, is_composite, first_seen_us, last_seen_us, event_count
-- key:
-- kind: step
WITH identified AS (
  SELECT source, device_id, COALESCE(device_is_composite, FALSE) AS is_composite, user_id, occurred_at_us FROM events
  UNION ALL
  SELECT source, device_id, COALESCE(device_is_composite, FALSE) AS is_composite, user_id, occurred_at_us
  FROM contact_rows
)
SELECT
  source,
  device_id,
  is_composite AND device_id IS NOT NULL AS is_composite,
  user_id,
  MIN(occurred_at_us) AS first_seen_us,
  MAX(occurred_at_us) AS last_seen_us,
  COUNT(*) AS event_count
FROM identified
WHERE device_id IS NOT NULL OR user_id IS NOT NULL
GROUP BY source, device_id, is_composite AND device_id IS NOT NULL, user_id
