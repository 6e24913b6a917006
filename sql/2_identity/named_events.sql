-- The identifier an event goes by, other than its device: its strongest one. Where that one is of many people, such as a
-- mailing list, the strongest of the others; failing that itself, but only where there is no device to go by.
-- What somebody said in a must-link is trusted whatever the guards say.
-- grain: one event that names somebody
-- key: event_id
-- not null: event_id, identifier_kind, identifier_value
-- kind: step
WITH doubtful AS (
  SELECT guarded_identifiers.identifier_kind, guarded_identifiers.identifier_value
  FROM guarded_identifiers
  LEFT JOIN must_groups
    ON must_groups.identifier_kind = guarded_identifiers.identifier_kind
    AND must_groups.identifier_value = guarded_identifiers.identifier_value
  WHERE must_groups.group_name IS NULL
),
doubted AS (
  SELECT events.event_id, events.device_id
  FROM events
  INNER JOIN doubtful
    ON doubtful.identifier_kind = events.known_kind AND doubtful.identifier_value = events.known_value
),
ranked AS (
  SELECT
    doubted.event_id,
    row_identifiers.identifier_kind,
    row_identifiers.identifier_value,
    ROW_NUMBER() OVER (
      PARTITION BY doubted.event_id ORDER BY identifier_kinds.strength DESC, row_identifiers.identifier_kind
    ) AS place
  FROM doubted
  INNER JOIN row_identifiers ON row_identifiers.event_id = doubted.event_id
  INNER JOIN identifier_kinds ON identifier_kinds.identifier_kind = row_identifiers.identifier_kind
  LEFT JOIN doubtful
    ON doubtful.identifier_kind = row_identifiers.identifier_kind
    AND doubtful.identifier_value = row_identifiers.identifier_value
  WHERE doubtful.identifier_kind IS NULL AND (identifier_kinds.strength > 1 OR doubted.device_id IS NULL)
),
spare AS (
  SELECT event_id, identifier_kind, identifier_value FROM ranked WHERE place = 1
)
SELECT
  events.event_id,
  COALESCE(spare.identifier_kind, events.known_kind) AS identifier_kind,
  COALESCE(spare.identifier_value, events.known_value) AS identifier_value
FROM events
LEFT JOIN doubted ON doubted.event_id = events.event_id
LEFT JOIN spare ON spare.event_id = events.event_id
WHERE events.known_value IS NOT NULL
  AND (doubted.event_id IS NULL OR spare.event_id IS NOT NULL OR events.device_id IS NULL)
