WITH numbered AS (
  SELECT
    unit_id,
    event_id,
    channel,
    occurred_at_us,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS contact_index
  FROM path_cut
  WHERE
    NOT is_goal
)
SELECT
  ROW_NUMBER() OVER (ORDER BY unit_id NULLS LAST) AS unit_index,
  unit_id,
  event_id,
  channel AS first_channel,
  CAST(EXTRACT(YEAR FROM TIMESTAMP_MICROS(occurred_at_us)) * 12 + EXTRACT(MONTH FROM TIMESTAMP_MICROS(occurred_at_us)) - 1 AS BIGINT) AS entry_month
FROM numbered
WHERE
  contact_index = 1
