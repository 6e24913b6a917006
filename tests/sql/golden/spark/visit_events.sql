WITH starts AS (
  SELECT
    visit_starts.event_id,
    visit_starts.stream_id,
    visit_starts.occurred_at_us,
    visit_starts.source_index,
    visit_starts.sequence,
    CASE
      WHEN NOT length_splits.event_id IS NULL
      THEN 'max_length'
      ELSE visit_starts.start_reason
    END AS start_reason
  FROM visit_starts
  LEFT JOIN length_splits
    ON length_splits.event_id = visit_starts.event_id
)
SELECT
  event_id,
  stream_id,
  occurred_at_us,
  source_index,
  sequence,
  start_reason,
  COUNT(start_reason) OVER (
    PARTITION BY stream_id
    ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS visit_index
FROM starts
