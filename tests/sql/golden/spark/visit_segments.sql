WITH neighbours AS (
  SELECT
    event_id,
    stream_id,
    occurred_at_us,
    source_index,
    sequence,
    source_session_id,
    campaign,
    local_date,
    LAG(occurred_at_us) OVER (
      PARTITION BY stream_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS previous_us,
    LAG(local_date) OVER (
      PARTITION BY stream_id
      ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ) AS previous_date
  FROM accepted_rows
  WHERE
    is_interaction
), reasoned AS (
  SELECT
    neighbours.*,
    CASE
      WHEN previous_us IS NULL
      THEN 'first'
      WHEN occurred_at_us - previous_us > :timeout_us
      THEN 'timeout'
      WHEN occurred_at_us - previous_us = :timeout_us AND NOT :is_gap_inclusive
      THEN 'timeout'
      WHEN :is_midnight_split AND local_date <> previous_date
      THEN 'midnight'
    END AS gap_reason
  FROM neighbours
)
SELECT
  reasoned.*,
  COUNT(gap_reason) OVER (
    PARTITION BY stream_id
    ORDER BY occurred_at_us NULLS LAST, source_index NULLS LAST, sequence NULLS LAST, event_id NULLS LAST
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS segment_index
FROM reasoned
