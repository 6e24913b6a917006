WITH numbered AS (
  SELECT
    unit_id,
    event_id,
    ROW_NUMBER() OVER (
      PARTITION BY unit_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS place
  FROM path_cut
)
SELECT
  unit_id,
  event_id
FROM numbered
WHERE
  place = 1
