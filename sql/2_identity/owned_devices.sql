-- For the rules that give a shared device to one of its users: the first, or the last, that was known on it.
-- A device that a must-link names is where that says, and whom a cannot-link keeps from it does not get it.
-- grain: one shared device
-- key: identifier_index
-- not null: identifier_index, owner_index
-- parameter: rule VARCHAR last_known or first_known; no other one gives a device away
WITH forbidden AS (
  SELECT a_value AS device_id, b_kind AS owner_kind, b_value AS owner_value
  FROM override_links WHERE link = 'cannot' AND a_kind = 'device_id'
  UNION
  SELECT b_value AS device_id, a_kind AS owner_kind, a_value AS owner_value
  FROM override_links WHERE link = 'cannot' AND b_kind = 'device_id'
),
known AS (
  SELECT
    devices.identifier_index,
    owners.identifier_index AS owner_index,
    ROW_NUMBER() OVER (
      PARTITION BY devices.identifier_index
      ORDER BY events.occurred_at_us, events.source_index, events.sequence NULLS LAST, events.event_id
    ) AS place,
    COUNT(*) OVER (PARTITION BY devices.identifier_index) AS known_count
  FROM events
  INNER JOIN named_events ON named_events.event_id = events.event_id
  INNER JOIN guarded_identifiers
    ON guarded_identifiers.identifier_kind = 'device_id' AND guarded_identifiers.identifier_value = events.device_id
  INNER JOIN numbered_identifiers AS devices
    ON devices.identifier_kind = 'device_id' AND devices.identifier_value = events.device_id
  INNER JOIN numbered_identifiers AS owners
    ON owners.identifier_kind = named_events.identifier_kind
    AND owners.identifier_value = named_events.identifier_value
  LEFT JOIN must_groups
    ON must_groups.identifier_kind = 'device_id' AND must_groups.identifier_value = events.device_id
  LEFT JOIN forbidden
    ON forbidden.device_id = events.device_id
    AND forbidden.owner_kind = named_events.identifier_kind
    AND forbidden.owner_value = named_events.identifier_value
  WHERE must_groups.group_name IS NULL
    AND forbidden.device_id IS NULL
    AND NOT COALESCE(events.device_is_composite, FALSE)
)
SELECT
  identifier_index,
  owner_index
FROM known
WHERE place = CASE $rule WHEN 'last_known' THEN known_count WHEN 'first_known' THEN 1 END
