-- Where each unit's path began: what is known of it from its first contact on, numbered for quick reading.
-- The entry month is counted from the year 0 (year * 12 + month - 1), in UTC.
-- grain: one unit with a contact that is not the goal itself
-- key: unit_index
-- not null: unit_index, unit_id, event_id, entry_month
WITH numbered AS (
  SELECT
    unit_id,
    event_id,
    channel,
    occurred_at_us,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id ORDER BY occurred_at_us, source_index, sequence NULLS LAST, event_id
    ) AS contact_index
  FROM path_cut
  WHERE NOT is_goal
)
SELECT
  ROW_NUMBER() OVER (ORDER BY unit_id) AS unit_index,
  unit_id,
  event_id,
  channel AS first_channel,
  CAST(
    EXTRACT(YEAR FROM MAKE_TIMESTAMP(occurred_at_us)) * 12 + EXTRACT(MONTH FROM MAKE_TIMESTAMP(occurred_at_us)) - 1
    AS BIGINT
  ) AS entry_month
FROM numbered
WHERE contact_index = 1
