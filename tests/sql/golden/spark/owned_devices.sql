WITH known AS (
  SELECT
    devices.identifier_index,
    owners.identifier_index AS owner_index,
    ROW_NUMBER() OVER (
      PARTITION BY devices.identifier_index
      ORDER BY events.occurred_at_us NULLS LAST, events.source_index NULLS LAST, events.sequence NULLS LAST, events.event_id NULLS LAST
    ) AS place,
    COUNT(*) OVER (PARTITION BY devices.identifier_index) AS known_count
  FROM events
  INNER JOIN guarded_identifiers
    ON guarded_identifiers.identifier_kind = 'device_id'
    AND guarded_identifiers.identifier_value = events.device_id
  LEFT JOIN must_groups
    ON must_groups.identifier_kind = 'device_id'
    AND must_groups.identifier_value = events.device_id
  INNER JOIN identifiers AS devices
    ON devices.identifier_kind = 'device_id'
    AND devices.identifier_value = events.device_id
  INNER JOIN identifiers AS owners
    ON owners.identifier_kind = events.known_kind
    AND owners.identifier_value = events.known_value
  WHERE
    must_groups.group_name IS NULL
)
SELECT
  identifier_index,
  owner_index
FROM known
WHERE
  place = CASE :rule WHEN 'last_known' THEN known_count WHEN 'first_known' THEN 1 END
