-- The contact by which each unit's path begins.
-- grain: one unit with a path
-- key: unit_id
-- not null: unit_id, event_id
WITH numbered AS (
  SELECT
    unit_id,
    event_id,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS place
  FROM path_cut
)
SELECT
  unit_id,
  event_id
FROM numbered
WHERE place = 1
